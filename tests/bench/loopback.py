"""AWS on this machine, over TLS. The first of equal requests is passed to the local desk's engine; later ones get the
same bytes, so that only the client's work varies. The certificate is signed like those of AWS's endpoints: RSA of 2048
bits, through one intermediate."""

import http.client
import http.server
import json
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# These get the same answer for every body, because ids and times in the body are new each time.
WRITES = {"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"}


def certified(folder: str) -> tuple[Path, Path, Path]:
    """Makes a root, an intermediate and a server certificate in a folder. Returns the paths of chain, key and root."""
    made = Path(folder)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=made, check=True, capture_output=True)

    authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    server = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
    (made / "authority.ext").write_text(authority)
    (made / "server.ext").write_text(server)
    signer = ["-signkey", "root.key"]
    for name, extensions in (("root", "authority"), ("intermediate", "authority"), ("server", "server")):
        openssl(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-subj",
            f"/CN=bench {name}",
            "-out",
            f"{name}.csr",
        )
        openssl(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            *signer,
            "-days",
            "30",
            "-sha256",
            "-extfile",
            f"{extensions}.ext",
            "-out",
            f"{name}.pem",
        )
        signer = ["-CA", f"{name}.pem", "-CAkey", f"{name}.key", "-CAcreateserial"]
    (made / "chain.pem").write_text((made / "server.pem").read_text() + (made / "intermediate.pem").read_text())
    return made / "chain.pem", made / "server.key", made / "root.pem"


class Loopback(http.server.ThreadingHTTPServer):
    """`calls` are the requests since the list was last cleared."""

    daemon_threads = True

    def __init__(self, upstream: str, chain: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urlsplit(upstream).netloc
        self.known: dict[str | tuple[str, str], tuple[int, bytes]] = {}
        self.calls: list[dict[str, Any]] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)
        self.url = f"https://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The connection's own thread does the handshake.
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # The client was stopped in the middle of a request.


class Handler(http.server.BaseHTTPRequestHandler):
    server: Loopback
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200, b"healthy")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        target = self.headers.get("x-amz-target", self.path)
        operation = target.rsplit(".", 1)[-1]
        self.server.calls.append({"operation": operation, "body": json.loads(body)})
        key = operation if operation in WRITES else (operation, self.canonical(body))
        if key not in self.server.known:
            self.server.known[key] = self.ask(body)
        self.answer(*self.server.known[key])

    @staticmethod
    def canonical(body: bytes) -> str:
        """Sorts the members, because clients write them in different orders."""
        return json.dumps(json.loads(body), sort_keys=True)

    def ask(self, body: bytes) -> tuple[int, bytes]:
        upstream = http.client.HTTPConnection(self.server.upstream)
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")
        }
        upstream.request("POST", self.path, body, headers)
        reply = upstream.getresponse()
        return reply.status, reply.read()

    def answer(self, status: int, body: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: Any) -> None:
        pass

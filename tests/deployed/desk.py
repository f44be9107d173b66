"""Serves the deployed desk at one address for the stories: the API through the emulator's gateway, and below `/_local/`
the controls of the local desk: messages, the clock, scheduled functions."""

import json
import threading
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deployment import Deployment
from emulator import Emulator

# Headers of one connection, and headers that servers and the gateway write themselves.
OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host", "apigw-requestid"}
JOBS = {"deliver": "Deliver", "escalate": "Escalate", "purge": "Purge"}


class Desk:
    def __init__(self, emulator: Emulator, deployment: Deployment) -> None:
        self.emulator, self.deployment, self.seen = emulator, deployment, 0
        self.now: str | None = None
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.path.startswith("/_local/"):
                    status, content = desk.local(self.command, self.path.removeprefix("/_local/"), body)
                    self.reply(status, {"content-type": "application/json"}, json.dumps(content).encode())
                    return
                sent = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
                self.reply(*desk.deployment.call(self.command, self.path, sent, body or None))

            def reply(self, status: int, headers: Message | dict[str, str], body: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in OWN:
                        self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = answer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def local(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        match method, path:
            case "GET", "mails":
                self.drain()
                return 200, {"items": [mail(sent) for sent in self.emulator.mails()[self.seen :]]}
            case "PUT", "clock":
                self.drain()
                return 200, self.set_clock(json.loads(body)["now"])
            case "GET", "clock":
                return 200, {"now": self.now}
            case "POST", job if job.startswith("run/") and job.removeprefix("run/") in JOBS:
                self.drain()
                report = self.deployment.invoke(JOBS[job.removeprefix("run/")], {})
                self.drain()
                return 200, report
            case "POST", "empty":
                self.drain()
                self.deployment.empty()
                self.seen = len(self.emulator.mails())
                return 200, self.set_clock(json.loads(body)["now"])
        return 404, {"detail": f"{method} {path}"}

    def drain(self) -> None:
        """Waits until every due message is sent, because the table's stream is asynchronous."""
        self.emulator.wait_until(lambda: self.deployment.mails_waiting() == 0, "all mails are sent")

    def set_clock(self, now: str) -> dict[str, str]:
        at = datetime.fromisoformat(now).astimezone(UTC)
        self.now = now
        self.emulator.set_clock(f"{at:%Y-%m-%d %H:%M:%S}")
        return {"now": now}


# The emulator keeps no tags, so a part of the subject identifies a message's kind.
KINDS = {
    "Votre accès aux ressources numériques": "activation",
    "Choisissez votre mot de passe": "password-link",
    "Votre mot de passe a été changé": "password-changed",
    "a changé d’adresse e-mail": "email-changed",
    "en attente de validation": "library-digest",
    "à valider par la MDO": "county-digest",
    "Plusieurs essais erronés": "sign-in-waits",
    "Votre compte pour gérer": "invitation",
    "L’annuaire des ressources numériques": "directory-changed",
}


def mail(sent: dict[str, Any]) -> dict[str, Any]:
    """Converts a message of the emulator to the local desk's form."""
    subject = sent["Subject"]
    [to] = sent["To"]
    kind = next(kind for part, kind in KINDS.items() if part in subject)
    return {"kind": kind, "to": to, "subject": subject, "text": sent["BodyText"], "html": sent["BodyHtml"]}

"""A desk to measure: the local desk's engine with its demonstration, behind TLS, and the events that a librarian's work
sends, made of the ones under `events/`."""

import contextlib
import json
import re
import shlex
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import loopback
import runtime_api
from contestants import Environment

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")


class Desk:
    """A desk to measure: `environment` is given to every contestant, and `events` are sent to it."""

    def __init__(self, folder: str, environment: Environment, table: loopback.Loopback, root: Path) -> None:
        self.folder, self.table = Path(folder), table
        # The roots of a Lambda and the loopback's. A client that loads the system's store loads all of it.
        everyone = self.folder / "roots.pem"
        everyone.write_text((SYSTEM_ROOTS.read_text() if SYSTEM_ROOTS.exists() else "") + root.read_text())
        self.environment = environment | {
            "AWS_ENDPOINT_URL_DYNAMODB": table.url,
            "AWS_DEFAULT_REGION": environment["AWS_REGION"],
            "AWS_CA_BUNDLE": str(root),
            "NODE_EXTRA_CA_CERTS": str(root),
            "SSL_CERT_FILE": str(everyone),
            "NODE_NO_WARNINGS": "1",
            "CALLS": str(self.folder / "calls.json"),
        }
        self.events: dict[str, bytes] = {}

    def learn(self, command: list[str], event: bytes) -> None:
        """Records the calls that a function makes to the table for this event, for the contestants."""
        self.table.calls.clear()
        runtime_api.run(command, self.environment, [event])
        (self.folder / "calls.json").write_text(json.dumps(self.table.calls))


@contextlib.contextmanager
def opened(local: Path) -> Iterator[Desk]:
    """Opens a desk with a signed-in librarian; `local` is the local desk's binary."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        token, library, registration = signed_in(local, data)
        env_file = Path(folder) / "environment"
        backing = subprocess.Popen(
            [local, "--backing", "--data", data, "--env-file", env_file], stdout=subprocess.PIPE, text=True
        )
        try:
            assert backing.stdout
            url = backing.stdout.readline().split()[-1]
            backing.stdout.readline()
            chain, key, root = loopback.certified(folder)
            desk = Desk(folder, read(env_file), loopback.Loopback(url, chain, key), root)
            desk.events = events(token, library, registration)
            yield desk
        finally:
            backing.terminate()
            backing.wait()


def signed_in(local: Path, data: Path) -> tuple[str, str, str]:
    """Returns a librarian's token, one of their libraries and a patron registered there."""
    process = subprocess.Popen(
        [local, "--listen", "127.0.0.1:0", "--data", data, "--demo"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        people = (re.split(r"\s{2,}", line.strip()) for line in process.stdout)
        email, password = next((email, password) for who, email, password in people if "Clermont" in who)
        token = call(f"{url}/sessions", {"email": email, "password": password})["token"]
        library = call(f"{url}/libraries", token=token)["items"][0]["id"]
        page = call(f"{url}/registrations?libraryId={library}", token=token)["items"]
        return token, library, page[0]["id"]
    finally:
        process.terminate()
        process.wait()


def call(url: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def read(env_file: Path) -> Environment:
    lines = env_file.read_text().splitlines()
    return {
        name: shlex.split(value)[0] if value != '""' else ""
        for name, _, value in (line.partition("=") for line in lines)
    }


def events(token: str, library: str, registration: str) -> dict[str, bytes]:
    """Returns the events: a page of 50, one registration, a new registration."""

    def event(case: str) -> str:
        text = (ROOT / "events" / f"{case}.json").read_text()
        return text.replace("Bearer librarian", f"Bearer {token}").replace("{registration}", registration)

    page, good = json.loads(event("list/page")), json.loads(event("register/good"))
    page["rawQueryString"], page["queryStringParameters"] = f"libraryId={library}", {"libraryId": library}
    good["body"] = json.dumps(json.loads(good["body"]) | {"libraryId": library}, ensure_ascii=False)
    return {
        "page": json.dumps(page).encode(),
        "one": event("list/one").encode(),
        "register": json.dumps(good, ensure_ascii=False).encode(),
    }

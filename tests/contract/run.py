#!/usr/bin/env python3
"""Tests the desk against its API description: a local desk with its demonstration, and Schemathesis in three roles.

run.py LOCAL: LOCAL is the local desk's binary. Fails if an answer does not match openapi.json.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

# An e-mail address and a password.
Person = tuple[str, str]

HERE = Path(__file__).resolve().parent
ST = Path(sys.executable).with_name("st")
# Each role with the number of calls per operation: a patron is mostly refused.
ROLES = {"county": 20, "librarian of Fleury, a village": 20, "patron": 5}
# Operations that end the session under which all other calls are made.
ENDING = ["signOut", "signOutEverywhere"]
# An account whose sessions may end.
FORGETFUL = "librarian of two in Clermont"
# An account that signs in after the calls of all roles, whose accounts may have to wait after wrong confirmations.
LAST = "librarian of Beauvais"


def started(local: str) -> tuple[subprocess.Popen[str], str, dict[str, Person]]:
    """The local desk's process, its URL, and the accounts: role to (e-mail, password)."""
    flags = ["--listen", "127.0.0.1:0", "--memory", "--demo", "--now", "2026-11-24T08:00:00Z"]
    # All calls here come from one network address, which must not be throttled.
    flags += ["--parameter", "SourceLimit=1000000"]
    process = subprocess.Popen([local, *flags], stdout=subprocess.PIPE, text=True)
    url = ""
    people: dict[str, Person] = {}
    for line in process.stdout or ():
        if not url:
            url = line.strip().removeprefix("listening on ")
            continue
        who, email, password = re.split(r"\s{2,}", line.strip())
        people[who] = (email, password)
        if who == "patron":
            return process, url, people
    sys.exit("the local desk did not say who can sign in")


def call(url: str, body: object = None) -> Any:
    """Makes a call. Returns the answer, parsed if it is JSON."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def token(url: str, person: Person) -> str:
    email, password = person
    return str(call(f"{url}/sessions", {"email": email, "password": password})["token"])


def link(url: str, person: Person) -> str:
    """Returns the token of a password link."""
    call(f"{url}/password-resets", {"email": person[0]})
    # Messages of the run before may still arrive.
    mails = [mail for mail in call(f"{url}/_local/mails")["items"] if mail["to"] == person[0]]
    found = re.search(r"/choisir-mon-mot-de-passe#(\S+)", mails[-1]["text"])
    assert found, f"no link in {mails[-1]}"
    return found.group(1)


def tried(url: str, environment: dict[str, str], examples: int, *flags: str) -> bool:
    """Returns whether every answer to Schemathesis matches the description."""
    command = [str(ST), "--config-file", str(HERE / "schemathesis.toml"), "run", f"{url}/openapi.json"]
    command += ["--max-examples", str(examples), *flags]
    # Outside the repository, because Schemathesis stores files of its runs in the working directory.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, env={**os.environ, **environment}, cwd=folder, check=False).returncode == 0


def still_signed_in(url: str, session: str) -> bool:
    request = urllib.request.Request(f"{url}/me", headers={"Authorization": f"Bearer {session}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bool(answer.status == 200)


def run(url: str, people: dict[str, Person]) -> bool:
    sound = True
    for role, examples in ROLES.items():
        print(f"\n### {role}", flush=True)
        session = token(url, people[role])
        environment = {"TOKEN": session, "LINK": link(url, people[FORGETFUL])}
        sound &= tried(url, environment, examples, *(flag for of in ENDING for flag in ("--exclude-operation-id", of)))
        # If the session had ended during the run, all later answers would have been 401.
        assert still_signed_in(url, session), f"{role} was signed out on the way"
    for operation in ENDING:
        print(f"\n### {operation}", flush=True)
        environment = {"TOKEN": token(url, people[LAST]), "LINK": "-"}
        phases = ("--phases", "examples,coverage,fuzzing")
        sound &= tried(url, environment, 5, "--include-operation-id", operation, *phases)
    return sound


def main() -> None:
    process, url, people = started(sys.argv[1])
    try:
        sound = run(url, people)
    finally:
        process.terminate()
        process.wait()
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The desk tried by its own description: a local portal with its demonstration, and Schemathesis in three roles.

run.py LOCAL: LOCAL is the portal's binary. Fails where an answer is not what openapi.json says.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ST = Path(sys.executable).with_name("st")
# Each role with the calls an operation gets: a patron is mostly turned away.
ROLES = {"county": 20, "librarian of Fleury, a village": 20, "patron": 5}
# Somebody whose sessions nobody needs.
FORGETFUL = "librarian of two in Clermont"


def template(folder):
    """The template without its limit by network address, which one network address is bound to meet here."""
    text = (ROOT / "template.yaml").read_text()
    raised, times = re.subn(r"(  SourceLimit:\n    Type: Number\n    Default: )\d+", r"\g<1>1000000", text)
    assert times == 1, "SourceLimit is not where it was in template.yaml"
    path = Path(folder) / "template.yaml"
    path.write_text(raised)
    return path


def started(local, folder):
    """The portal's process, where it answers, and who can sign in: role to (e-mail, password)."""
    flags = ["--listen", "127.0.0.1:0", "--memory", "--demo", "--now", "2026-11-24T08:00:00Z"]
    command = [local, *flags, "--template", template(folder)]
    portal = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    url, people = None, {}
    for line in portal.stdout:
        if url is None:
            url = line.strip().removeprefix("listening on ")
            continue
        who, email, password = re.split(r"\s{2,}", line.strip())
        people[who] = (email, password)
        if who == "patron":
            return portal, url, people
    sys.exit("the portal did not say who can sign in")


def call(url, body=None):
    """What a call answers, as JSON where it is."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def token(url, person):
    email, password = person
    return call(f"{url}/sessions", {"email": email, "password": password})["token"]


def link(url, person):
    """The token of a link to choose a password."""
    call(f"{url}/password-resets", {"email": person[0]})
    mail = call(f"{url}/_local/mails")["items"][-1]["text"]
    return re.search(r"/password-resets/(\S+)", mail).group(1)


def tried(url, environment, examples, *flags):
    """Whether all that Schemathesis tries is answered as described."""
    command = [ST, "--config-file", HERE / "schemathesis.toml", "run", f"{url}/openapi.json"]
    command += ["--max-examples", str(examples), *flags]
    # Elsewhere than in the repository: it keeps notes of its runs.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, env={**os.environ, **environment}, cwd=folder, check=False).returncode == 0


def still_signed_in(url, session):
    request = urllib.request.Request(f"{url}/me", headers={"Authorization": f"Bearer {session}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status == 200


def run(url, people):
    sound = True
    for role, examples in ROLES.items():
        print(f"\n### {role}", flush=True)
        session = token(url, people[role])
        environment = {"TOKEN": session, "LINK": link(url, people[FORGETFUL])}
        # It would end the session that all other calls are made under.
        sound &= tried(url, environment, examples, "--exclude-operation-id", "signOut")
        # Had the session ended on the way, all the rest would have been a 401.
        assert still_signed_in(url, session), f"{role} was signed out on the way"
    print("\n### signing out", flush=True)
    environment = {"TOKEN": token(url, people["patron"]), "LINK": "-"}
    return sound & tried(
        url, environment, 5, "--include-operation-id", "signOut", "--phases", "examples,coverage,fuzzing"
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        portal, url, people = started(sys.argv[1], folder)
        try:
            sound = run(url, people)
        finally:
            portal.terminate()
            portal.wait()
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()

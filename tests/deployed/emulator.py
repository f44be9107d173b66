"""The AWS emulator on loopback, with IAM enforced and a settable clock, shared with the functions that it runs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-3"
# The emulator's own root account.
ADMIN = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# The library through which processes started by the emulator read a settable clock.
FAKETIME = os.environ["LIBFAKETIME"]

# Processes that the emulator starts read another clock than the emulator itself. Functions compare their deadlines with
# that clock, so deadlines are given by it; but it runs on from where it was set, because the emulator waits by it too.
STARTED = """
import json, os, sys, time
from datetime import UTC, datetime
os.environ.update(json.loads(sys.argv.pop()))
from ministack.app import main
from ministack.core import lambda_runtime

class Shifted:
    def __getattr__(self, name):
        return getattr(time, name)

    def time(self):
        with open(os.environ["FAKETIME_TIMESTAMP_FILE"]) as clock:
            text, set_at = clock.read().strip(), os.fstat(clock.fileno()).st_mtime
        if text == "+0":
            return time.time()
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp() + time.time() - set_at

lambda_runtime.time = Shifted()
main()
"""


class Emulator:
    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="desk-emulator-"))
        self.clock = self.folder / "clock"
        self.set_clock(None)
        self.environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": ADMIN["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ADMIN["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "TZ": "UTC",
        }
        alone = {"AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "IOT_MTLS_ENABLED": "0"}
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [ROOT / ".venv/emulator/bin/python", "-c", STARTED, json.dumps(self.timed())],
            cwd=self.folder,
            env={**self.environment, **alone, "MINISTACK_REGION": REGION},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait_until(self.is_up, "the emulator answers")

    def timed(self) -> dict[str, str]:
        fake = {"FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
        endpoints = {f"AWS_ENDPOINT_URL_{service}": self.url for service in ("DYNAMODB", "S3", "SESV2")}
        return {"LD_PRELOAD": FAKETIME, **fake, **endpoints}

    def is_up(self) -> bool:
        if self.process.poll() is not None:
            raise SystemExit(f"the emulator has ended: {(self.folder / 'log').read_text()[-2000:]}")
        try:
            return bool(urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5).status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False

    @staticmethod
    def wait_until(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
        """Polls, because the emulator does not report when it is done."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                raise TimeoutError(f"after {seconds} s not yet: {what}")
            time.sleep(0.05)
        return found

    def client(self, service: str) -> Any:
        connect: Any = boto3.client  # Its stubs accept literal names only.
        return connect(service, region_name=REGION, endpoint_url=self.url, **ADMIN)

    def set_clock(self, now: str | None) -> None:
        """Stops the clock at this time (`YYYY-MM-DD hh:mm:ss`, UTC); `None` returns to the system's clock."""
        changed = self.clock.with_suffix(".new")
        changed.write_text(f"{now or '+0'}\n")
        changed.replace(self.clock)

    def mails(self) -> list[dict[str, Any]]:
        """Returns all messages that SES accepted, oldest first."""
        accounts = json.load(urllib.request.urlopen(f"{self.url}/_ministack/ses/messages"))["messages"]
        return [mail for mails in accounts.values() for mail in mails]

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.folder)

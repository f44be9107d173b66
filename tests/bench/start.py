"""How large bootstraps are and how fast they start: `tests/bench/start.py BOOTSTRAP...`. From `exec` to the first question
for work, the function's clients made; the median of 21 starts, and the processor's time of the fastest."""

import http.server
import io
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

STARTS = 21
ENVIRONMENT = {
    "AWS_REGION": "eu-west-3",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "TABLE_NAME": "Table",
    "SERVICE": "desk",
    "COUNTY_EMAIL": "mdo@oise.example",
    "PORTAL_URL": "https://portail.oise.example",
    "MAIL_FROM": "ne-pas-repondre@oise.example",
    "MAIL_CONFIGURATION_SET": "MailEvents",
    "CONTACT_EMAIL": "contact@oise.example",
    "CONTACT_PHONE": "03 44 00 00 00",
    "SOURCE_LIMIT": "300",
    "GRACE_DAYS": "2",
}


class Runtime(http.server.ThreadingHTTPServer):
    """Lambda's Runtime API, which never has work: it notes when it is first asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked, self.done = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Asked(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked_at = time.perf_counter()
        self.server.asked.set()
        self.server.done.wait()

    def do_POST(self):
        raise SystemExit(self.rfile.read(int(self.headers["content-length"])).decode())

    def log_message(self, *_):
        pass


def start(bootstrap):
    """Milliseconds until the first question, and of the processor."""
    runtime = Runtime()
    environment = {**ENVIRONMENT, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen([bootstrap], env=environment, stdout=subprocess.DEVNULL)
    if not runtime.asked.wait(10):
        raise SystemExit(f"{bootstrap} asks for no work")
    took = (runtime.asked_at - began) * 1000
    process.kill()
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    runtime.done.set()
    runtime.shutdown()
    runtime.server_close()
    return took, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def zipped(path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "bootstrap")
    return len(packed.getvalue())


def main():
    print("| bootstrap | MB | zipped | start, ms | CPU, ms |\n|---|---|---|---|---|")
    for bootstrap in map(Path, sys.argv[1:]):
        starts = [start(bootstrap) for _ in range(STARTS)]
        took, busy = statistics.median(took for took, _ in starts), min(busy for _, busy in starts)
        size, packed = (bytes / 1e6 for bytes in (os.path.getsize(bootstrap), zipped(bootstrap)))
        print(f"| {bootstrap.parent.name} | {size:.2f} | {packed:.2f} | {took:.1f} | {busy:.1f} |", flush=True)


if __name__ == "__main__":
    main()

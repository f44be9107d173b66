"""Lambda's Runtime API for one process: starts it, sends it events, and measures when it was ready, when it answered,
and its CPU time and memory."""

import http.server
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from contestants import Environment

Taken = TypeVar("Taken")

# An interpreter under callgrind takes minutes to start beside other work.
PATIENCE = 900
MEMORY = {
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
}


@dataclass
class Run:
    """The figures of a process: seconds until it asked for work and for each answer, the answers, CPU time in seconds,
    and peak memory in bytes."""

    ready: float
    waits: list[float]
    answers: list[bytes]
    busy: float
    memory: int


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events: queue.Queue[bytes | None] = queue.Queue()
        self.answers: queue.Queue[tuple[float, bool, bytes]] = queue.Queue()
        self.asked: queue.Queue[float] = queue.Queue()
        # Short, because hundreds of servers are stopped in a run.
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.asked.put(time.perf_counter())
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        self.reply(
            200,
            event,
            f"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 600_000}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-3:123456789012:function:bench\r\n",
        )

    def do_POST(self) -> None:
        body = self.body()
        self.server.answers.put((time.perf_counter(), self.path.endswith("/response"), body))
        self.reply(202, b"{}")

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def reply(self, status: int, body: bytes, headers: str = "") -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        # In one write, so that the reader wakes the same number of times in each run.
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: Any) -> None:
        pass


def run(
    command: list[str], environment: Environment, events: Sequence[bytes] = (), within: Callable[[], None] | None = None
) -> Run:
    """Starts a function, sends it these events one after the other, and stops it when it asks for more. `within` is
    called in the new process, before the function starts."""
    server = Server()
    environment = {
        **MEMORY,
        "PATH": os.environ["PATH"],
        **environment,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
    }
    began = time.perf_counter()
    # `within` writes one file, which is safe even though the server has a thread.
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, preexec_fn=within)  # noqa: PLW1509
    try:
        ready = next_of(server.asked, process) - began
        waits: list[float] = []
        answers: list[bytes] = []
        for event in events:
            handed = time.perf_counter()
            server.events.put(event)
            answered, good, body = next_of(server.answers, process)
            if not good or json.loads(body).get("statusCode", 200) >= 400:
                raise SystemExit(f"{command} failed: {body.decode()}")
            waits.append(answered - handed)
            answers.append(body)
            next_of(server.asked, process)
        memory = high_water(process.pid)
        process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        return Run(ready, waits, answers, usage.ru_utime + usage.ru_stime, memory)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        server.events.put(None)
        server.shutdown()
        server.server_close()


def next_of(box: queue.Queue[Taken], process: subprocess.Popen[bytes]) -> Taken:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return box.get(timeout=0.5)
        except queue.Empty:
            if process.poll() is not None:
                break
    raise SystemExit(f"{process.args!r} does not go on")


def high_water(pid: int) -> int:
    """Reads VmHWM, because `wait4` would count the memory of the parent process as well."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

"""Counts instructions with callgrind. Counts vary by a few in a thousand, whatever else the machine does."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import runtime_api
from contestants import Environment


def valgrind(folder: str) -> list[str]:
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--log-file={folder}/log"]


def total(folder: str) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", (Path(folder) / "out").read_text(), re.MULTILINE)
    if not found:
        raise SystemExit("callgrind has counted nothing")
    return int(found.group(1))


def count(command: list[str], environment: Environment, events: Sequence[bytes] = ()) -> int:
    """Returns the instructions of a function, from `exec` to its last answer."""
    with tempfile.TemporaryDirectory() as folder:
        runtime_api.run([*valgrind(folder), *command], environment, events)
        return total(folder)


def plain(command: list[str]) -> int:
    """Returns the instructions of a program that ends by itself."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*valgrind(folder), *command], check=True, stdout=subprocess.DEVNULL)
        return total(folder)


def warm(command: list[str], environment: Environment, event: bytes, calls: int = 100) -> float:
    """Returns the instructions of each answer after the first."""
    first, last = (count(command, environment, [event] * asked) for asked in (1, 1 + calls))
    return (last - first) / calls


def counts(command: list[str], environment: Environment, event: bytes, warm: int) -> list[int]:
    """Returns the instructions of starting, of starting with one answer, and of starting with `warm` more."""
    return [count(command, environment, [event] * calls) for calls in (0, 1, 1 + warm)]


def costs(counts: list[int], warm: int) -> tuple[int, int, float]:
    """Returns the instructions of starting, of the first answer beyond that, and of each further answer."""
    cold, first, last = counts
    return cold, first - cold, (last - first) / warm

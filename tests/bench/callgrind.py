"""Counts instructions with callgrind. Counts vary by a few in a thousand, whatever else the machine does."""

import re
import subprocess
import tempfile
from pathlib import Path

import runtime_api


def valgrind(folder):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--log-file={folder}/log"]


def total(folder):
    found = re.search(r"^(?:totals|summary): (\d+)", (Path(folder) / "out").read_text(), re.MULTILINE)
    if not found:
        raise SystemExit("callgrind has counted nothing")
    return int(found.group(1))


def count(command, environment, events=()):
    """Returns the instructions of a function, from `exec` to its last answer."""
    with tempfile.TemporaryDirectory() as folder:
        runtime_api.run([*valgrind(folder), *command], environment, events)
        return total(folder)


def plain(command):
    """Returns the instructions of a program that ends by itself."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*valgrind(folder), *command], check=True, stdout=subprocess.DEVNULL)
        return total(folder)


def warm(command, environment, event, calls=100):
    """Returns the instructions of each answer after the first."""
    first, last = (count(command, environment, [event] * asked) for asked in (1, 1 + calls))
    return (last - first) / calls


def costs(command, environment, event, warm=100):
    """Returns the instructions of starting, of the first answer beyond that, and of each further answer."""
    cold, first, last = (count(command, environment, [event] * calls) for calls in (0, 1, 1 + warm))
    return cold, first - cold, (last - first) / warm

"""Instructions, counted by callgrind: the same each time to a few in a thousand, whatever else the machine does."""

import re
import tempfile
from pathlib import Path

import runtime_api


def count(command, environment, events=()):
    """Instructions from `exec` to the last answer."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", f"--log-file={folder}/log", "--trace-children=no"]
        runtime_api.run([*valgrind, *command], environment, events)
        total = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE)
        return int(total.group(1))


def costs(command, environment, event, warm=100):
    """Of starting, of the first answer beyond that, and of each further one."""
    cold, first, last = (count(command, environment, [event] * calls) for calls in (0, 1, 1 + warm))
    return cold, first - cold, (last - first) / warm

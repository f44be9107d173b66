"""P8 and P9: memory, and what is uploaded."""

import io
import os
import statistics
import zipfile

import runtime_api
from contestants import FUNCTIONS
from report import Row

NOTES = """**Why P8 and P9 are missed.** What `register` has beyond the others is `zxcvbn`, which refuses guessable passwords
(requirements PW5): 95,000 words, which it puts into hash tables of some 5 MB when it is first asked, and which, with the
regular expressions beside them, are 0.7 MB of the zip. Argon2's 19 MiB, these, and the 7 MiB that a function holds which
has opened a connection make up the rest. A list that is searched as it lies in the binary would save the tables; it
is not ours to write."""

ARENA = 19456 * 1024
MIB = 1024 * 1024


def rows(bench):
    return p8(bench) + p9(bench)


def p8(bench):
    register, event = bench.of("register"), bench.desk.events["register"]
    peaks = [runtime_api.run(register.command, bench.environment(register), [event] * 3).memory for _ in range(7)]
    return [Row("P8", "peak memory of `register`", statistics.median(peaks) / MIB, ARENA / MIB, "MiB", "Argon2's arena", "≤ 1.5")]


def p9(bench):
    sizes = {name: os.path.getsize(bench.of(name).command[0]) / 1e6 for name in (*FUNCTIONS, "hello")}
    found = []
    for name in FUNCTIONS:
        found.append(Row("P9", f"`{name}`, stripped", sizes[name], sizes["hello"], "MB", "hello", "≤ 4"))
        found.append(Row("P9", f"`{name}`, zipped", zipped(bench.of(name).command[0]) / 1e6, None, "MB", goal="≤ 3", absolute=True))
    return found


def zipped(path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "bootstrap")
    return len(packed.getvalue())

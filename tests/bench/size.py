"""P8 and P9: memory, and what is uploaded."""

import io
import os
import statistics
import zipfile

import runtime_api
from contestants import FUNCTIONS
from report import Row

NOTES = ["""**P8 and P9 are missed by `register` and `password`.** Their zips are larger than `list`'s by Argon2, `zxcvbn` (which
refuses guessable passwords, requirements PW5), its word lists and its regular expressions; how much each of them has of
that was not measured. The memory beyond Argon2's 19 MiB and what a started function holds is, as far as the sources tell,
for the greater part `zxcvbn`'s hash tables of its words; that was not measured either."""]

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

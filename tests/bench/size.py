"""P8 and P9: memory, and the size of uploads."""

import io
import statistics
import zipfile
from pathlib import Path

import runtime_api
from bench import Bench
from contestants import FUNCTIONS
from report import Row

NOTES = [
    """**P8 and P9 are missed by the functions that accept a password**, because of `zxcvbn`. At its first use it builds hash tables
of its 94,000 words and keeps them. `register` peaks at 8.4 MiB without a password and at 33.6 MiB with one, of which 19 are
Argon2's memory and 6.2 the tables. Without the tables the ratio would be 1.44. The word lists, regular expressions and
Argon2 are what `register` weighs more than `list`."""
]

ARENA = 19456 * 1024
MIB = 1024 * 1024


def rows(bench: Bench) -> list[Row]:
    return p8(bench) + p9(bench)


def p8(bench: Bench) -> list[Row]:
    register, event = bench.of("register"), bench.desk.events["register"]
    peaks = [runtime_api.run(register.command, bench.environment(register), [event] * 3).memory for _ in range(7)]
    return [
        Row(
            "P8",
            "peak memory of `register`",
            statistics.median(peaks) / MIB,
            ARENA / MIB,
            "MiB",
            "Argon2's arena",
            "≤ 1.5",
        )
    ]


def p9(bench: Bench) -> list[Row]:
    sizes = {name: Path(bench.of(name).command[0]).stat().st_size / 1e6 for name in (*FUNCTIONS, "hello")}
    found = []
    for name in FUNCTIONS:
        found.append(Row("P9", f"`{name}`, stripped", sizes[name], sizes["hello"], "MB", "hello", "≤ 4"))
        found.append(
            Row(
                "P9",
                f"`{name}`, zipped",
                zipped(bench.of(name).command[0]) / 1e6,
                None,
                "MB",
                goal="≤ 3",
                absolute=True,
            )
        )
    return found


def zipped(path: str) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "bootstrap")
    return len(packed.getvalue())

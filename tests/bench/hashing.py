"""P4 and P5: what a registering costs beside its one hash, and what the hash costs. Of the processor's times the least is
taken: work alike each time, which others on the machine can only lengthen."""

import subprocess

import runtime_api
from bench import Bench
from contestants import HERE, VENV
from report import Row

NOTES = [
    """**P5** depends on the machine, because both programs spend their time on memory. Their ratio has been between 0.67 and
0.82."""
]

TURNS = 7
# Hashes of a process, after its first one.
HASHES = 20


def rows(bench: Bench) -> list[Row]:
    return p4(bench) + p5(bench)


def p4(bench: Bench) -> list[Row]:
    register, event = bench.of("register"), bench.desk.events["register"]
    busy: dict[int, list[float]] = {2: [], 12: []}
    hashes: list[float] = []
    for _ in range(TURNS):
        for calls, of in busy.items():
            of.append(runtime_api.run(register.command, bench.environment(register), [event] * calls).busy)
        hashes.append(warm_hash(hashing(bench))[0])
    return [
        Row(
            "P4",
            "registering: instructions",
            bench.warm_registering(),
            bench.warm_hash(),
            "instructions",
            "Argon2 alone",
            "≤ 1.1",
        ),
        Row(
            "P4",
            "registering: CPU",
            (min(busy[12]) - min(busy[2])) / 10 * 1000,
            min(hashes),
            "ms",
            "Argon2 alone",
            "≤ 1.1",
        ),
    ]


def hashing(bench: Bench) -> list[str]:
    return [*bench.of("alone").command, "hash", str(HASHES)]


def warm_hash(command: list[str]) -> tuple[float, float]:
    """Returns milliseconds and page faults per hash."""
    took, faults = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(took) / 1e6, int(faults) / HASHES


def p5(bench: Bench) -> list[Row]:
    reference = [str(VENV / "bin" / "python"), str(HERE / "python" / "argon2_hash.py"), str(HASHES)]
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(warm_hash(hashing(bench)))
        theirs.append(int(subprocess.run(reference, check=True, capture_output=True, text=True).stdout) / 1e6)
    took, faults = (min(of) for of in zip(*ours, strict=True))
    return [
        Row("P5", "Argon2id, m = 19456 KiB, t = 2, p = 1: CPU", took, min(theirs), "ms", "the C reference", "≤ 0.75"),
        Row("P5", "page faults of a warm hash", faults, None, "", goal="≤ 50", absolute=True),
    ]

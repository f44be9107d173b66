"""P4 and P5: what a registering costs beside its one hash, and what the hash costs."""

import statistics
import subprocess

import callgrind
import runtime_api
from contestants import HERE, VENV
from report import Row

TURNS = 9


def rows(bench):
    return p4(bench) + p5(bench)


def p4(bench):
    """Instructions of a warm registering, and of a warm hash, by callgrind, which both run without their last extension."""
    register, hash = bench.of("register"), bench.of("hash")
    event = bench.desk.events["register"]
    ours = callgrind.costs(register.command, bench.environment(register), event, 3)[2]
    alone = (alone_count(hash, 4) - alone_count(hash, 1)) / 3
    busy, hashing = [], []
    for _ in range(TURNS):
        runs = [runtime_api.run(register.command, bench.environment(register), [event] * calls) for calls in (2, 12)]
        busy.append((runs[1].busy - runs[0].busy) / 10 * 1000)
        hashing.append(warm_hash(hash)[0])
    return [
        Row("P4", "registering: instructions", ours, alone, "instructions", "Argon2 alone", "≤ 1.1"),
        Row("P4", "registering: CPU", statistics.median(busy), statistics.median(hashing), "ms", "Argon2 alone", "≤ 1.1"),
    ]


def alone_count(hash, hashes):
    return callgrind.plain([*hash.command, str(hashes)])


def warm_hash(hash, hashes=20):
    """Milliseconds each, page faults each."""
    took, faults = subprocess.run([*hash.command, str(hashes)], check=True, capture_output=True, text=True).stdout.split()
    return int(took) / 1e6, int(faults) / hashes


def p5(bench):
    reference = [VENV / "bin" / "python", HERE / "python" / "argon2_hash.py", "20"]
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(warm_hash(bench.of("hash")))
        theirs.append(int(subprocess.run(reference, check=True, capture_output=True, text=True).stdout) / 1e6)
    took, faults = (statistics.median(of) for of in zip(*ours))
    return [
        Row("P5", "Argon2id, m = 19456 KiB, t = 2, p = 1: CPU", took, statistics.median(theirs), "ms", "the C reference", "≤ 0.75"),
        Row("P5", "page faults of a warm hash", faults, None, "", goal="≤ 50", absolute=True),
    ]

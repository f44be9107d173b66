"""`make bench`: every figure beside its baseline, in one run. `run.py [GROUP...]` measures these groups alone and writes
nothing. A group is a module with `rows(bench)`, which answers `report.Row`s; it may have `NOTES`, a list for docs/benchmarks.md."""

import contextlib
import functools
import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any, TypeVar

import contestants
import desk
import growth
import quota
import rebuild
import report
import workbook
from bench import READINGS, Bench, LocalDesk
from contestants import Contestant

Result = TypeVar("Result")

ROOT = contestants.ROOT
GROUPS = ["cold", "warm", "hashing", "workbook", "growth", "size", "rebuild"]
# Memory of the measured Lambda, in MB.
MEMORY = 512
# Contestants whose start is counted as well.
STARTING = ("list", "hello")
TOOLS = {
    "rustc": ["rustc", "--version"],
    "cargo-lambda": ["cargo", "lambda", "--version"],
    "valgrind": ["valgrind", "--version"],
    "Python": ["python3", "--version"],
    "Node": ["node", "--version"],
}


def count(bench: Bench) -> None:
    """Runs one count per processor concurrently; that does not change the counts."""
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        # The longest counts come first.
        counts: list[Future[Any]] = [at_once.submit(workbook.memory, bench)]
        counts += [
            at_once.submit(bench.until_answered, name, 1 + more)
            for name, calls in READINGS.items()
            for more in (0, calls)
        ]
        counts += [at_once.submit(bench.until_answered, name, 0) for name in STARTING]
        counts += [at_once.submit(bench.warm_registering), at_once.submit(bench.warm_hash)]
        for each in counts:
            each.result()


@contextlib.contextmanager
def opened(modules: list[ModuleType]) -> Iterator[Bench]:
    """Builds everything, opens a desk, and records the functions' calls for the contestants."""
    local_desk, bootstraps = timed("the builds", lambda: built(modules))
    with desk.opened(local_desk.local) as open_desk, quota.of_memory(MEMORY) as rationed:
        bench = Bench(bootstraps, local_desk, open_desk, rationed)
        open_desk.learn(bench.of("register").command, open_desk.events["register"])
        open_desk.learn(bench.of("list").command, open_desk.events["one"])
        yield bench


def built(modules: list[ModuleType]) -> tuple[LocalDesk, dict[str, Contestant]]:
    """Builds the local desk and the bootstraps concurrently, because a single build leaves processors idle while it
    waits for a crate or links. The bootstraps are built one after the other in one folder, so that common crates are
    compiled once; the functions last, because four are linked together."""
    with ThreadPoolExecutor() as at_once:
        local_desk = at_once.submit(local_desk_built, modules)
        subprocess.run(["make", "--silent", "contestants"], cwd=ROOT, check=True, stdout=sys.stderr)
        bootstraps = contestants.defaults() | contestants.functions()
        return local_desk.result(), bootstraps


def local_desk_built(modules: list[ModuleType]) -> LocalDesk:
    """Builds the local desk, from nothing if that is measured. Measures growth here too: other builds do not change
    units."""
    local_desk = rebuild.local_desk(clean=rebuild in modules)
    if growth in modules:
        growth.measured()
    return local_desk


def timed(what: str, done: Callable[[], Result]) -> Result:
    began = time.monotonic()
    result = done()
    print(f"{what}: {time.monotonic() - began:.0f} s\n", flush=True)
    return result


def main() -> None:
    began, asked = time.monotonic(), sys.argv[1:]
    # The virtual environment has cargo-lambda, and the linker that cargo-lambda calls through Python.
    os.environ["PATH"] = f"{contestants.VENV / 'bin'}:{os.environ['PATH']}"
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is missing")
    modules = [importlib.import_module(group) for group in asked or GROUPS]
    found: list[report.Row] = []
    with opened(modules) as bench:
        measuring = time.monotonic()
        if not asked:
            timed("counting", functools.partial(count, bench))
        for module in modules:
            found += (rows := timed(module.__name__, functools.partial(module.rows, bench)))
            print(report.table(rows), "\n", flush=True)
    took = f"The run took {(time.monotonic() - began) / 60:.0f} minutes, {(measuring - began) / 60:.0f} of them to build and to install."
    if not asked:
        notes = "\n\n".join([took, *(note for module in modules for note in getattr(module, "NOTES", []))])
        report.written(ROOT, found, {**report.versions(TOOLS), "Contestants": contestants.pinned()}, notes + "\n")
    failed = [row for row in found if row.verdict == "FAIL"]
    print(f"{took} {len(failed)} goals missed.")


if __name__ == "__main__":
    main()

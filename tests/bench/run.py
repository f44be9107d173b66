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
from concurrent.futures import ThreadPoolExecutor

import callgrind
import contestants
import desk
import growth
import quota
import rebuild
import report
import workbook

ROOT = contestants.ROOT
GROUPS = ["cold", "warm", "hashing", "workbook", "growth", "size", "rebuild"]
# Memory of the measured Lambda, in MB.
MEMORY = 512
# Calls after the first, to count the cost of each. Python is slow under callgrind, and its calls do not vary.
READINGS = {"Python": 5, "defaults": 100, "calls": 100, "list": 100, "hello": 100}
# Contestants whose start is counted as well.
STARTING = ("list", "hello")
TOOLS = {
    "rustc": ["rustc", "--version"],
    "cargo-lambda": ["cargo", "lambda", "--version"],
    "valgrind": ["valgrind", "--version"],
    "Python": ["python3", "--version"],
    "Node": ["node", "--version"],
}


class Bench:
    """The tools that groups measure with. Instructions are counted once per run."""

    def __init__(self, bootstraps, local_desk, desk, quota):
        self.local_desk, self.desk, self.quota = local_desk, desk, quota
        self.python, self.node = contestants.python(), contestants.node()
        self.contestants = bootstraps | {"Python": self.python}

    def of(self, name):
        return self.contestants[name]

    def environment(self, contestant):
        return {**self.desk.environment, **contestant.environment}

    @functools.cache
    def until_answered(self, name, readings):
        """Counts instructions from `exec` to the last answer; without events, to the first request for work."""
        contestant = self.of(name)
        return callgrind.count(contestant.command, self.environment(contestant), [self.desk.events["one"]] * readings)

    def warm(self, name):
        """Returns the instructions of one more read."""
        calls = READINGS[name]
        return (self.until_answered(name, 1 + calls) - self.until_answered(name, 1)) / calls

    @functools.cache
    def warm_registering(self, calls=3):
        """Returns the instructions of one more registration."""
        register = self.of("register")
        return callgrind.warm(register.command, self.environment(register), self.desk.events["register"], calls)

    @functools.cache
    def warm_hash(self, calls=3):
        """Returns the instructions of one more hash alone."""
        first, last = (callgrind.plain([*self.of("alone").command, "hash", str(hashes)]) for hashes in (1, 1 + calls))
        return (last - first) / calls

    @functools.cache
    def memory_of_workbook(self):
        """Returns the megabytes above idle of a short workbook and of a long one."""
        return workbook.memory(self)

    def count(self):
        """Runs one count per processor concurrently; that does not change the counts."""
        with ThreadPoolExecutor(os.cpu_count()) as at_once:
            # The longest counts come first.
            counts = [at_once.submit(self.memory_of_workbook)]
            counts += [
                at_once.submit(self.until_answered, name, 1 + more)
                for name, calls in READINGS.items()
                for more in (0, calls)
            ]
            counts += [at_once.submit(self.until_answered, name, 0) for name in STARTING]
            counts += [at_once.submit(count) for count in (self.warm_registering, self.warm_hash)]
            for count in counts:
                count.result()


@contextlib.contextmanager
def opened(modules):
    """Builds everything, opens a desk, and records the functions' calls for the contestants."""
    local_desk, bootstraps = timed("the builds", lambda: built(modules))
    with desk.opened(local_desk.local) as open_desk, quota.of_memory(MEMORY) as rationed:
        bench = Bench(bootstraps, local_desk, open_desk, rationed)
        open_desk.learn(bench.of("register").command, open_desk.events["register"])
        open_desk.learn(bench.of("list").command, open_desk.events["one"])
        yield bench


def built(modules):
    """Builds the local desk and the bootstraps concurrently, because a single build leaves processors idle while it
    waits for a crate or links. The bootstraps are built one after the other in one folder, so that common crates are
    compiled once; the functions last, because four are linked together."""
    with ThreadPoolExecutor() as at_once:
        local_desk = at_once.submit(local_desk_built, modules)
        subprocess.run(["make", "--silent", "contestants"], cwd=ROOT, check=True, stdout=sys.stderr)
        bootstraps = contestants.defaults() | contestants.functions()
        return local_desk.result(), bootstraps


def local_desk_built(modules):
    """Builds the local desk, from nothing if that is measured. Measures growth here too: other builds do not change
    units."""
    local_desk = rebuild.local_desk(clean=rebuild in modules)
    if growth in modules:
        growth.measured()
    return local_desk


def timed(what, done):
    began = time.monotonic()
    result = done()
    print(f"{what}: {time.monotonic() - began:.0f} s\n", flush=True)
    return result


def main():
    began, asked = time.monotonic(), sys.argv[1:]
    # The virtual environment has cargo-lambda, and the linker that cargo-lambda calls through Python.
    os.environ["PATH"] = f"{contestants.VENV / 'bin'}:{os.environ['PATH']}"
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is missing")
    modules = [importlib.import_module(group) for group in asked or GROUPS]
    found = []
    with opened(modules) as bench:
        measuring = time.monotonic()
        if not asked:
            timed("counting", bench.count)
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

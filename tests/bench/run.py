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
# Of a Lambda of 512 MB.
MEMORY = 512
# After the first, to count what a further one costs. Python is slow under callgrind, and its calls differ by nothing.
READINGS = {"Python": 5, "defaults": 100, "calls": 100, "list": 100, "hello": 100}
# Whose start is counted as well.
STARTING = ("list", "hello")
TOOLS = {
    "rustc": ["rustc", "--version"],
    "cargo-lambda": ["cargo", "lambda", "--version"],
    "valgrind": ["valgrind", "--version"],
    "Python": ["python3", "--version"],
    "Node": ["node", "--version"],
}


class Bench:
    """What groups measure with. Instructions are counted once a run."""

    def __init__(self, bootstraps, portal, desk, quota):
        self.portal, self.desk, self.quota = portal, desk, quota
        self.python, self.node = contestants.python(), contestants.node()
        self.contestants = bootstraps | {"Python": self.python}

    def of(self, name):
        return self.contestants[name]

    def environment(self, contestant):
        return {**self.desk.environment, **contestant.environment}

    @functools.cache
    def until_answered(self, name, readings):
        """Instructions from `exec` to the last answer, or without any until it asks for work."""
        contestant = self.of(name)
        return callgrind.count(contestant.command, self.environment(contestant), [self.desk.events["one"]] * readings)

    def warm(self, name):
        """Instructions of a further reading."""
        calls = READINGS[name]
        return (self.until_answered(name, 1 + calls) - self.until_answered(name, 1)) / calls

    @functools.cache
    def warm_registering(self, calls=3):
        """Instructions of a further registering."""
        register = self.of("register")
        return callgrind.warm(register.command, self.environment(register), self.desk.events["register"], calls)

    @functools.cache
    def warm_hash(self, calls=3):
        """Instructions of a further hash, and nothing else."""
        first, last = (callgrind.plain([*self.of("alone").command, "hash", str(hashes)]) for hashes in (1, 1 + calls))
        return (last - first) / calls

    @functools.cache
    def memory_of_workbook(self):
        """Megabytes above idle that a short workbook takes and a long one."""
        return workbook.memory(self)

    def count(self):
        """As many at a time as there are processors: they come out the same."""
        with ThreadPoolExecutor(os.cpu_count()) as at_once:
            # What takes longest comes first.
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
    """Everything built, a desk open, and what the list asks of it known to the others."""
    portal, bootstraps = timed("the builds", lambda: built(modules))
    with desk.opened(portal.local) as open_desk, quota.of_memory(MEMORY) as rationed:
        bench = Bench(bootstraps, portal, open_desk, rationed)
        open_desk.learn(bench.of("register").command, open_desk.events["register"])
        open_desk.learn(bench.of("list").command, open_desk.events["one"])
        yield bench


def built(modules):
    """The portal and the bootstraps at once: one build alone leaves processors idle, where it waits for a crate or links.
    The bootstraps one after the other, in one folder: what they have in common is compiled once. The functions last, for
    four are linked together."""
    with ThreadPoolExecutor() as at_once:
        portal = at_once.submit(portal_built, modules)
        subprocess.run(["make", "--silent", "contestants"], cwd=ROOT, check=True, stdout=sys.stderr)
        bootstraps = contestants.defaults() | contestants.functions()
        return portal.result(), bootstraps


def portal_built(modules):
    """From nothing, where that is measured. Its units are exact, whatever else is built meanwhile."""
    portal = rebuild.portal(clean=rebuild in modules)
    if growth in modules:
        growth.measured()
    return portal


def timed(what, done):
    began = time.monotonic()
    result = done()
    print(f"{what}: {time.monotonic() - began:.0f} s\n", flush=True)
    return result


def main():
    began, asked = time.monotonic(), sys.argv[1:]
    # There is cargo-lambda, and the linker that it asks this Python for.
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

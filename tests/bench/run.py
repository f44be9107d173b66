"""`make bench`: every figure beside its baseline, in one run. `run.py [GROUP...]` measures these groups alone and writes
nothing. A group is a module with `rows(bench)`, which answers `report.Row`s; it may have `NOTES`, a list for BENCHMARKS.md."""

import contextlib
import importlib
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import callgrind
import contestants
import desk
import quota
import rebuild
import report

ROOT = contestants.ROOT
GROUPS = ["rebuild", "cold", "warm", "hashing", "workbook", "growth", "size"]
# Of a Lambda of 512 MB.
MEMORY = 512
TOOLS = {
    "rustc": ["rustc", "--version"],
    "cargo-lambda": ["cargo", "lambda", "--version"],
    "valgrind": ["valgrind", "--version"],
    "Python": ["python3", "--version"],
    "Node": ["node", "--version"],
}


class Bench:
    """What groups measure with."""

    def __init__(self, bootstraps, clean_build, desk, quota):
        self.bootstraps, self.desk, self.quota = bootstraps, desk, quota
        # Seconds of the processor, for building the portal and its tests from nothing.
        self.clean_build = clean_build
        self.python, self.node = contestants.python(), contestants.node()
        self.counted = {}

    def of(self, name):
        return self.bootstraps[name]

    def environment(self, contestant):
        return {**self.desk.environment, **contestant.environment}

    def first_answer(self, contestant, event):
        """Instructions from `exec` to there."""
        return callgrind.count(contestant.command, self.environment(contestant), [event])

    def costs(self, contestant):
        """Instructions of starting, of the first and of a further reading of one registration; counted once a run."""
        if contestant.name not in self.counted:
            event = self.desk.events["one"]
            self.counted[contestant.name] = callgrind.costs(contestant.command, self.environment(contestant), event)
        return self.counted[contestant.name]


@contextlib.contextmanager
def opened(clean):
    """Everything built, the portal from nothing if `clean`, a desk open, and what the list asks of it known to the others."""
    local, seconds, bootstraps = timed("the builds", lambda: built(clean))
    with desk.opened(local) as open_desk, quota.of_memory(MEMORY) as rationed:
        bench = Bench(bootstraps, seconds, open_desk, rationed)
        open_desk.learn(bench.of("register").command, open_desk.events["register"])
        open_desk.learn(bench.of("list").command, open_desk.events["one"])
        yield bench


def built(clean):
    """All at once: one build alone leaves processors idle, where it waits for a crate or links."""
    with ThreadPoolExecutor() as at_once:
        portal = at_once.submit(rebuild.portal, clean)
        bootstraps = [at_once.submit(build) for build in (contestants.functions, contestants.defaults)]
        return *portal.result(), {name: contestant for of in bootstraps for name, contestant in of.result().items()}


def timed(what, done):
    began = time.monotonic()
    result = done()
    print(f"{what}: {time.monotonic() - began:.0f} s\n", flush=True)
    return result


def main():
    began, asked = time.monotonic(), sys.argv[1:]
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is missing")
    modules = [importlib.import_module(group) for group in asked or GROUPS]
    found = []
    with opened(clean=rebuild in modules) as bench:
        for module in modules:
            found += (rows := timed(module.__name__, lambda: module.rows(bench)))
            print(report.table(rows), "\n", flush=True)
    took = f"The run took {(time.monotonic() - began) / 60:.0f} minutes, builds included."
    if not asked:
        notes = "\n\n".join([took, *(note for module in modules for note in getattr(module, "NOTES", []))])
        report.written(ROOT, found, {**report.versions(TOOLS), "Contestants": contestants.pinned()}, notes + "\n")
    failed = [row for row in found if row.verdict == "FAIL"]
    print(f"{took} {len(failed)} goals missed.")


if __name__ == "__main__":
    main()

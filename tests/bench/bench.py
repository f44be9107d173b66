"""The tools that the groups of the bench measure with."""

import functools
from dataclasses import dataclass
from pathlib import Path

import callgrind
import contestants
from contestants import Contestant, Environment
from desk import Desk
from quota import Quota

# Calls after the first, to count the cost of each. Python is slow under callgrind, and its calls do not vary.
READINGS = {"Python": 5, "defaults": 100, "calls": 100, "list": 100, "hello": 100}


@dataclass
class LocalDesk:
    """A build: the binary, its seconds, and the seconds of each edit with the crates that it rebuilt."""

    local: Path
    seconds: float
    edits: list[tuple[float, set[str]]]


class Bench:
    """The contestants and the desk to measure. Instructions are counted once per run."""

    def __init__(
        self, bootstraps: dict[str, Contestant], local_desk: LocalDesk, desk: Desk, quota: Quota | None
    ) -> None:
        self.local_desk, self.desk, self.quota = local_desk, desk, quota
        self.python, self.node = contestants.python(), contestants.node()
        self.contestants = bootstraps | {"Python": self.python}

    def of(self, name: str) -> Contestant:
        return self.contestants[name]

    def environment(self, contestant: Contestant) -> Environment:
        return {**self.desk.environment, **contestant.environment}

    @functools.cache
    def until_answered(self, name: str, readings: int) -> int:
        """Counts instructions from `exec` to the last answer; without events, to the first request for work."""
        contestant = self.of(name)
        return callgrind.count(contestant.command, self.environment(contestant), [self.desk.events["one"]] * readings)

    def warm(self, name: str) -> float:
        """Returns the instructions of one more read."""
        calls = READINGS[name]
        return (self.until_answered(name, 1 + calls) - self.until_answered(name, 1)) / calls

    @functools.cache
    def warm_registering(self, calls: int = 3) -> float:
        """Returns the instructions of one more registration."""
        register = self.of("register")
        return callgrind.warm(register.command, self.environment(register), self.desk.events["register"], calls)

    @functools.cache
    def warm_hash(self, calls: int = 3) -> float:
        """Returns the instructions of one more hash alone."""
        first, last = (callgrind.plain([*self.of("alone").command, "hash", str(hashes)]) for hashes in (1, 1 + calls))
        return (last - first) / calls

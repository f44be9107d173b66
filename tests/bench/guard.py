"""`guard.py [--record]`: compares the instructions of the functions, as `make test` builds them, with `guard.json`.
Fails if they rise by more than a tenth; also if they fall by as much, because a later rise would go unnoticed."""

import json
import sys
from pathlib import Path

import callgrind
import contestants
import desk

RECORDED = Path(__file__).with_name("guard.json")
MARGIN = 0.10
# A process starved of CPU time gives up on a connection and opens another, so figures beyond the margin are counted again.
TRIES = 3
# For each function: the event, and the number of warm calls to divide by.
MEASURED = {"list": ("one", 5), "register": ("register", 2)}


def measured(recorded: dict[str, int]) -> dict[str, int]:
    debug = contestants.TARGET / "debug"
    found: dict[str, int] = {}
    with desk.opened(debug / "local") as open_desk:
        for function, (case, warm) in MEASURED.items():
            command, event = [str(debug / function)], open_desk.events[case]
            # From here on the loopback has all answers, and no function waits for the engine.
            open_desk.learn(command, event)
            least: list[int] = []
            for _ in range(TRIES):
                counts = callgrind.counts(command, open_desk.environment, event, warm)
                least = [min(pair) for pair in zip(least, counts, strict=True)] if least else counts
                costs = callgrind.costs(least, warm)
                names = [f"{function}: {what}" for what in ("start", "first call", "warm call")]
                found.update(zip(names, map(round, costs), strict=True))
                if all(is_near(recorded, name, found) for name in names):
                    break
    return found


def is_near(recorded: dict[str, int], name: str, found: dict[str, int]) -> bool:
    return name in recorded and name in found and abs(found[name] / recorded[name] - 1) <= MARGIN


def main() -> None:
    recorded = json.loads(RECORDED.read_text())
    if "--record" in sys.argv:
        recorded = {}
    found = measured(recorded)
    if "--record" in sys.argv:
        RECORDED.write_text(json.dumps(found, indent=2) + "\n")
        print(f"recorded in {RECORDED.name}")
        return
    beyond = []
    for what in sorted(recorded | found):
        before, now = recorded.get(what), found.get(what)
        change = now / before - 1 if before and now else None
        print(
            f"{what:24} {now or 0:>13,} instructions, {change:+.1%}"
            if change is not None
            else f"{what:24} not on both sides"
        )
        if not is_near(recorded, what, found):
            beyond.append(what)
    if beyond:
        sys.exit(
            f"beyond a tenth: {', '.join(beyond)}. If it is meant: make guard ARGS=--record, and say why in the commit"
        )


if __name__ == "__main__":
    main()

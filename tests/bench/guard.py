"""`guard.py [--record]`: compares the instructions of the functions, as `make test` builds them, with `guard.json`.
Fails if they rise by more than a tenth; also if they fall by as much, because a later rise would go unnoticed."""

import json
import sys
from pathlib import Path

import callgrind
import contestants
import desk
from contestants import Environment

RECORDED = Path(__file__).with_name("guard.json")
MARGIN = 0.10
# For each function: the event, and the number of warm calls to divide by.
MEASURED = {"list": ("one", 5), "register": ("register", 2)}


def measured() -> dict[str, int]:
    debug = contestants.TARGET / "debug"
    found = {}
    with desk.opened(debug / "local") as open_desk:
        for function, (name, warm) in MEASURED.items():
            command, event = [str(debug / function)], open_desk.events[name]
            # From here on the loopback has all answers, and no function waits for the engine.
            open_desk.learn(command, event)
            costs = least(command, open_desk.environment, event, warm)
            for what, cost in zip(("start", "first call", "warm call"), costs, strict=True):
                found[f"{function}: {what}"] = round(cost)
    return found


def least(command: list[str], environment: Environment, event: bytes, warm: int) -> list[float]:
    """Counts three times, because a process starved of CPU time gives up on a connection and opens another."""
    return [
        min(costs)
        for costs in zip(*(callgrind.costs(command, environment, event, warm) for _ in range(3)), strict=True)
    ]


def main() -> None:
    found = measured()
    if "--record" in sys.argv:
        RECORDED.write_text(json.dumps(found, indent=2) + "\n")
        print(f"recorded in {RECORDED.name}")
        return
    recorded = json.loads(RECORDED.read_text())
    beyond = []
    for what in sorted(recorded | found):
        before, now = recorded.get(what), found.get(what)
        change = now / before - 1 if before and now else None
        print(
            f"{what:24} {now or 0:>13,} instructions, {change:+.1%}"
            if change is not None
            else f"{what:24} not on both sides"
        )
        if change is None or abs(change) > MARGIN:
            beyond.append(what)
    if beyond:
        sys.exit(
            f"beyond a tenth: {', '.join(beyond)}. If it is meant: make guard ARGS=--record, and say why in the commit"
        )


if __name__ == "__main__":
    main()

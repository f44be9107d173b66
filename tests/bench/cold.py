"""P1 and P2: from `exec` to the first request for work, and to the first successful answer over TLS."""

import statistics
from collections.abc import Iterable, Sequence

import runtime_api
from bench import Bench
from contestants import Contestant
from report import Row

NOTES = [
    """**P2** counts instructions, as its goal does. The SDK's defaults gather entropy from clock jitter, and callgrind slows the
clock down, which inflates the baseline. The ratio by CPU time, below, is the more careful one."""
]

TURNS = 7


def rows(bench: Bench) -> list[Row]:
    return p1(bench) + p2(bench)


def in_turns(
    bench: Bench, contestants: Sequence[Contestant], event: bytes | None = None, turns: int = TURNS
) -> dict[str, list[runtime_api.Run]]:
    """Runs the contestants in turn, so that other work on the machine affects all of them alike."""
    runs: dict[str, list[runtime_api.Run]] = {contestant.name: [] for contestant in contestants}
    for _ in range(turns):
        for contestant in contestants:
            environment = bench.environment(contestant)
            runs[contestant.name].append(runtime_api.run(contestant.command, environment, [event] if event else []))
    return runs


def least(busy: Iterable[float]) -> float:
    """Returns the least CPU time in milliseconds, because other work on the machine can only lengthen it."""
    return min(busy) * 1000


def p1(bench: Bench) -> list[Row]:
    ours, hello, python, node = bench.of("list"), bench.of("hello"), bench.python, bench.node
    runs = in_turns(bench, [one for one in (ours, hello, python, node) if one])
    busy = {name: least(run.busy for run in of) for name, of in runs.items()}
    ready = {name: statistics.median(run.ready for run in of) * 1000 for name, of in runs.items()}
    what = "start, connection to DynamoDB opened"
    found = [
        Row("P1", f"{what}: CPU", busy["list"], busy["hello"], "ms", "hello", "≤ 2"),
        Row("P1", f"{what}: CPU", busy["list"], busy["Python"], "ms", "Python, boto3", "≥ 80"),
        Row(
            "P1",
            f"{what}: instructions",
            bench.until_answered("list", 0),
            bench.until_answered("hello", 0),
            "instructions",
            "hello",
        ),
        Row("P1", f"{what}: wall time", ready["list"], ready["hello"], "ms", "hello"),
        Row("P1", f"{what}: wall time", ready["list"], ready["Python"], "ms", "Python, boto3"),
    ]
    if node:
        found.append(Row("P1", f"{what}: CPU", busy["list"], busy["Node"], "ms", "Node, SDK v3 bundled"))
    return found


def p2(bench: Bench) -> list[Row]:
    ours, defaults, event = bench.of("list"), bench.of("defaults"), bench.desk.events["one"]
    exact, theirs = (bench.until_answered(name, 1) for name in ("list", "defaults"))
    others = [one for one in (ours, defaults, bench.python, bench.node) if one]
    runs = in_turns(bench, others, event)
    took = {name: statistics.median(run.ready + run.waits[0] for run in of) * 1000 for name, of in runs.items()}
    busy = {name: least(run.busy for run in of) for name, of in runs.items()}
    what = "start to first good answer over TLS"
    found = [Row("P2", f"{what}: instructions", exact, theirs, "instructions", "the SDK's defaults", "≥ 5")]
    for name, who in (
        ("defaults", "the SDK's defaults"),
        ("Python", "Python, boto3"),
        ("Node", "Node, SDK v3 bundled"),
    ):
        if name in took:
            found.append(Row("P2", f"{what}: wall time", took["list"], took[name], "ms", who))
            found.append(Row("P2", f"{what}: CPU", busy["list"], busy[name], "ms", who))
    return found + small_memory(bench, ours, defaults, event)


def small_memory(bench: Bench, ours: Contestant, defaults: Contestant, event: bytes) -> list[Row]:
    """Measures as on a Lambda of 512 MB, with 29 % of a processor, if the machine has control groups."""
    if not bench.quota:
        return []
    took: dict[str, list[float]] = {}
    for contestant in (ours, defaults) * 7:
        run = runtime_api.run(contestant.command, bench.environment(contestant), [event], within=bench.quota.join)
        took.setdefault(contestant.name, []).append((run.ready + run.waits[0]) * 1000)
    median, theirs = (statistics.median(took[name]) for name in ("list", "defaults"))
    return [
        Row(
            "P2",
            "start to first good answer at the quota of 512 MB: wall time",
            median,
            theirs,
            "ms",
            "the SDK's defaults",
        )
    ]

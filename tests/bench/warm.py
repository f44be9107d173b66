"""P3: the cost of a warm call beyond its calls to DynamoDB."""

import statistics

import runtime_api
from bench import Bench
from report import Row

NOTES = [
    """**P3**, "beyond DynamoDB's client": `list` minus a contestant that makes the same calls and nothing else. Both use the SDK's
default connection and are one program, so that the connection costs the same. The call reads one registration. The Python
contestant makes these calls and nothing else, and is compared in full. Seven tenths of our instructions are the SDK's own
for these calls, so that the goal against Python is out of reach by code of ours."""
]


def rows(bench: Bench) -> list[Row]:
    event = bench.desk.events["one"]
    ours, hello, python = (bench.warm(name) for name in ("list", "hello", "Python"))
    beyond = bench.warm("defaults") - (bench.warm("calls") - hello)
    what = "a warm call: instructions"
    return [
        Row("P3", f"{what} beyond DynamoDB's client", beyond, hello, "instructions", "hello", "≤ 3"),
        Row("P3", f"{what} in all", ours, python, "instructions", "Python, boto3", "≥ 10"),
        Row("P3", f"{what} in all", ours, hello, "instructions", "hello"),
        *times(bench, event),
    ]


def times(bench: Bench, event: bytes, calls: int = 50) -> list[Row]:
    contestants = [one for one in (bench.of("list"), bench.of("hello"), bench.python, bench.node) if one]
    took: dict[str, list[float]] = {one.name: [] for one in contestants}
    for _ in range(7):
        for one in contestants:
            run = runtime_api.run(one.command, bench.environment(one), [event] * calls)
            took[one.name].append(statistics.median(run.waits[1:]) * 1000)
    ours = statistics.median(took.pop("list"))
    return [Row("P3", "a warm call: wall time", ours, statistics.median(of), "ms", name) for name, of in took.items()]

"""P7: how the desk grows, and what it costs. Runs the test crate's `figures::growth::rows`, which measures the real
functions on the embedded engine. `make bench` compares 1,000 patrons with 10,000; `growth.py 1000 100000 1000000` by
itself takes a quarter of an hour more for the million, and writes `docs/growth.md` with the plot.

Units are exact and are the verdict. Times are those of a build for tests on this machine: only how they grow says
anything."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from math import log10
from pathlib import Path

import cost
import rebuild
import report
from bench import Bench
from contestants import ROOT, Environment
from cost import Figures, Measures
from report import Row

PAGE, PLOT = ROOT / "docs/growth.md", ROOT / "docs/readme/growth.svg"
SIZES = (1_000, 10_000)
# The same value as in `measures.rs`.
OVERDUE = 10
SAME = 1.02


NOTES = ["[growth.md](growth.md) has the figures for a million patrons, the plot, and the cost."]


def measure(
    sizes: Sequence[int] = SIZES,
    folder: Path = ROOT,
    environment: Environment | None = None,
    built: Sequence[str] = (),
) -> list[Figures]:
    """Returns the output of the test crate in `folder`: a row for each measure and size."""
    rows = ["figures::growth::rows", "--exact", "--ignored", "--nocapture"]
    command = ["cargo", "test", *rebuild.LOCAL_DESK, *built, "--", *rows]
    environment = {**os.environ, "GROWTH": ",".join(map(str, sizes)), **(environment or {})}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return read(done.stdout)


def read(text: str) -> list[Figures]:
    """Returns the rows in the test runner's output."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def by_measure(rows: list[Figures]) -> Measures:
    """Returns measure → size → row, in the order in which they were measured."""
    measures: Measures = {}
    for row in rows:
        measures.setdefault(row["what"], {})[row["patrons"]] = row
    return measures


# Metric, measure, its figure, its maximum; None for a measure that must only not grow.
GOALS = (
    ("register, WRU in all", "register", "written", 8),
    ("library's first page of 50, RRU of the list", "page, first", "queried", 4),
    ("library's last page of 50, RRU of the list", "page, last", "queried", 4),
    ("county's first page of 50, RRU of the list", "county's page, first", "queried", 4),
    ("county's last page of 50, RRU of the list", "county's page, last", "queried", 4),
    ("activate, WRU", "activate", "written", None),
    ("sweep, RRU", "sweep", "read", None),
    (f"sweep, WRU for {OVERDUE} overdue", "sweep", "written", None),
)


def verdict(measured: list[Figures]) -> Iterator[Row]:
    """Compares the largest county with the smallest: a call's limit, and that it consumes the same in both."""
    measures = by_measure(measured)
    for metric, what, figure, most in GOALS:
        sizes = measures[what]
        ours, baseline = sizes[max(sizes)][figure], sizes[min(sizes)][figure]
        yield Row("P7", f"{metric}, {max(sizes):,} patrons", ours, baseline, "", f"{min(sizes):,} patrons", f"≤ {SAME}")
        if most is not None:
            yield Row("P7", metric, ours, None, "", goal=f"≤ {most}", absolute=True)


def table(rows: list[Figures]) -> Iterator[tuple[str, ...]]:
    """Every measure at every size: units read and written, milliseconds."""
    sizes = sorted({row["patrons"] for row in rows})
    yield ("", *(f"{size:,}" for size in sizes))
    for what, measured in by_measure(rows).items():
        yield (what, *(cell(measured.get(size)) for size in sizes))


def cell(row: Figures | None) -> str:
    if row is None:
        return "–"
    units = [f"{row[figure]:g} {unit}" for figure, unit in (("read", "RRU"), ("written", "WRU")) if row[figure]]
    return ", ".join([*units, f"{row['milliseconds']:,.0f} ms"])


# The measures of the plot, with their colours.
CURVES = (
    ("register", "written", "#0b5394"),
    ("activate", "written", "#6a1b9a"),
    ("page, first", "read", "#1b7f3b"),
    ("county's page, last", "read", "#b35900"),
    ("export a library", "read", "#8a8a8a"),
)


def plot(rows: list[Figures]) -> str:
    """Plots units over patrons, both on logarithmic axes: a flat line does not grow."""
    measures, sizes = by_measure(rows), sorted({row["patrons"] for row in rows})
    width, height, left, top = 640, 320, 60, 20
    decades = len(str(sizes[-1])) - len(str(sizes[0])) or 1

    def x(size: int) -> float:
        return left + (log10(size) - log10(sizes[0])) / decades * (width - left - 190)

    def y(units: float) -> float:
        return top + (4 - log10(max(units, 1))) / 4 * (height - top - 40)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12"><title>Units a call consumes, by patrons of the county</title>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    lines += [
        f'<path d="M{left} {y(10**power):.0f}H{width - 190}" stroke="#ddd"/>'
        f'<text x="{left - 8}" y="{y(10**power) + 4:.0f}" text-anchor="end">{10**power:,}</text>'
        for power in range(5)
    ]
    lines += [f'<text x="{x(size):.0f}" y="{height - 15}" text-anchor="middle">{size:,}</text>' for size in sizes]
    for what, figure, colour in CURVES:
        points = [(x(size), y(row[figure])) for size, row in sorted(measures[what].items())]
        path = "L".join(f"{px:.0f} {py:.0f}" for px, py in points)
        unit = "WRU" if figure == "written" else "RRU"
        lines.append(
            f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            f'<text x="{points[-1][0] + 8:.0f}" y="{points[-1][1] + 4:.0f}" fill="{colour}">{what}, {unit}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a table, its head first."""
    head, *rows = rows
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


@functools.cache
def measured() -> list[Figures]:
    """Measures with the build of the bench."""
    return measure(folder=rebuild.SOURCE, environment=rebuild.ONCE, built=rebuild.PLAIN)


def rows(_: Bench) -> list[Row]:
    return list(verdict(measured()))


def page(measured: list[Figures]) -> str:
    goals = report.table(list(verdict(measured)))
    return f"""# How the desk grows, and what it costs

Written by `.venv/bench/bin/python tests/bench/growth.py {" ".join(map(str, sorted({row["patrons"] for row in measured})))}`.

{goals}

Units consumed and time taken by each call, in a debug build: only their growth is meaningful.

![Units a call consumes, by patrons of the county](readme/growth.svg)

{markdown(table(measured))}
## Cost

Prices and usage come from [operations.md](operations.md), units from the table above.

{markdown(cost.bill(cost.inputs(), by_measure(measured)))}"""


def main() -> None:
    measured = measure([int(size) for size in sys.argv[1:]] or SIZES)
    PAGE.write_text(page(measured))
    PLOT.write_text(plot(measured))


if __name__ == "__main__":
    main()

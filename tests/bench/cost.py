"""The desk's cost in dollars per month. Prices and a patron's yearly actions come from `docs/operations.md`. Units come
from the bench where they are measured; the others are counted from the keys, below."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A row of the test crate's output; and the rows by measure and size.
Figures = dict[str, Any]
Measures = dict[str, dict[int, Figures]]

PAGE = Path(__file__).parents[2] / "docs/operations.md"
SIZES = (100_000, 10_000_000)
# A function's usual call: seconds and GB. Measured separately by instructions; Lambda costs little compared to SES.
SECONDS, MEMORY = 0.1, 0.5
# KB of log per call; KB in the table per patron, with indexes.
LOG, STORED = 1.5, 6
# Units counted from the keys: renewal, sign-in, a password through a link, sending a message, making a link.
COUNTED = {"ren": (8, 3), "in": (7, 4), "me": (0, 5), "pw": (17 + 4, 8), "mail": (9, 6)}


def inputs() -> dict[str, float]:
    """Returns the named numbers of the page's table: `wru`, `new`, and so on."""
    section = PAGE.read_text().split("## What it costs")[1].split("\n## ")[0]
    found: dict[str, float] = {}
    for line in re.findall(r"^\|.*\|$", section, re.MULTILINE):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for named, numbered in zip(cells[::2], cells[1::2], strict=False):
            names = re.findall(r"`([a-z]+)`", named)
            numbers = re.findall(r"[\d.]+", numbered)
            pairs = zip(names, numbers, strict=False)
            found.update((name, float(number)) for name, number in pairs if name not in found)
    fixed = re.search(r"\((\d+) alarms × ([\d.]+) \+ (\d+) metrics × ([\d.]+) \+ (\d+) key × ([\d.]+)\)", section)
    if not fixed:
        raise SystemExit("the fixed costs are not where they were")
    alarms, price, metrics, each, keys, key = map(float, fixed.groups())
    return {**found, "fixed": alarms * price + metrics * each + keys * key}


def units(given: dict[str, float], measured: Measures) -> tuple[float, float]:
    """Returns the units written and read per patron and year."""

    def of(what: str) -> tuple[float, float]:
        row = largest(measured[what])
        return row["written"], row["read"]

    # Most registrations have a card number, whose index takes one unit more.
    register, activate, page = of("register"), of("activate"), of("page, first")
    years: list[tuple[float, tuple[float, float]]]
    years = [(given["new"], (register[0] + 1, register[1])), (given["new"], activate), (given["page"], page)]
    years += [(given[name], each) for name, each in COUNTED.items()]
    return sum(times * each[0] for times, each in years), sum(times * each[1] for times, each in years)


def largest(sizes: dict[int, Figures]) -> Figures:
    return sizes[max(sizes)]


def bill(given: dict[str, float], measured: Measures) -> Iterator[tuple[str, ...]]:
    """Returns, by size of the county, each service's monthly cost and their sum."""
    written, read = units(given, measured)
    requests = 2 * given["new"] + given["ren"] + given["in"] + given["me"] + 2 * given["pw"] + given["page"]
    calls = requests + 5 * given["mail"]
    year = {
        "table": (written * given["wru"] + read * given["rru"]) / 1e6
        + 12 * STORED * (given["gb"] + given["pitr"]) / 1e6,
        "API": requests * given["api"] / 1e6,
        "functions": calls * (given["req"] / 1e6 + SECONDS * MEMORY * given["gbs"]),
        "mail": given["mail"] * given["ses"] / 1e3,
        "log": LOG * calls * given["log"] / 1e6,
    }
    yield "USD a month", *year, "fixed", "in all"
    for patrons in SIZES:
        parts = [patrons * part / 12 for part in year.values()]
        whole = [*parts, given["fixed"], sum(parts) + given["fixed"]]
        yield f"{patrons:,} patrons", *(f"{part:,.2f}" for part in whole)

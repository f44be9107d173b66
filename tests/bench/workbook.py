"""P6: the Excel file. Time of the processor, the least of several turns, since what is compared writes the same cells from
what it has in memory."""

import functools
import subprocess
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

from bench import Bench
from contestants import HERE, VENV
from report import Row

TURNS = 7
ROWS = 10_000
MANY = 1_000_000


def rows(bench: Bench) -> list[Row]:
    ours: list[int] = []
    theirs: list[int] = []
    bare: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        file, other = Path(folder, "ours.xlsx"), Path(folder, "theirs.xlsx")
        for _ in range(TURNS):
            # A run of the desk is short beside one of XlsxWriter: five of them give both equal chances of a quiet time.
            ours += [written(bench, ROWS, file)[0] for _ in range(5)]
            theirs.append(run([VENV / "bin" / "python", HERE / "python" / "workbook.py", ROWS, other])[0])
            bare.append(deflated(file))
        sizes = file.stat().st_size, other.stat().st_size
    few, many = memory(bench)
    a_row = [min(of) / ROWS / 1000 for of in (ours, theirs, bare)]
    return [
        Row("P6", "a row of the workbook: CPU", a_row[0], a_row[1], "µs", "XlsxWriter, constant memory", "≥ 12"),
        Row("P6", "the same", a_row[0], a_row[2], "µs", "level-6 deflate of the same XML", "≤ 1.7"),
        Row("P6", f"the file, {ROWS:,} rows", sizes[0] / 1e6, sizes[1] / 1e6, "MB", "XlsxWriter's", "≤ 1.6"),
        Row(
            "P6",
            f"memory above idle, {MANY:,} rows",
            many,
            None,
            "MB",
            f"{few:.1f} MB for {ROWS:,}",
            "≤ 20",
            absolute=True,
        ),
    ]


@functools.cache
def memory(bench: Bench) -> list[float]:
    """Returns megabytes above idle, for few rows and for many."""
    with tempfile.TemporaryDirectory() as folder:
        return [above_idle(written(bench, count, Path(folder, "rows.xlsx"))) for count in (ROWS, MANY)]


def written(bench: Bench, count: int, file: Path) -> list[int]:
    return run([*bench.of("alone").command, "rows", count, file])


def run(command: list[str | Path | int]) -> list[int]:
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return [int(figure) for figure in done.stdout.split()]


def above_idle(figures: list[int]) -> float:
    _, _, peak, idle = figures
    return (peak - idle) / 1000


def deflated(file: Path) -> int:
    """Returns the CPU time of the sheet alone, in nanoseconds."""
    sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
    began = time.process_time_ns()
    zlib.compress(sheet, 6)
    return time.process_time_ns() - began

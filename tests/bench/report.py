"""The rows of a report, and their formatting."""

import platform
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass
class Row:
    """A figure beside the baseline of the same run. `goal` bounds their ratio (or `ours`, where `absolute`): "≤ 2" or "≥ 80",
    where ≥ is of baseline to ours. Without a goal it is there to be known."""

    id: str
    metric: str
    ours: float
    baseline: float | None
    unit: str
    against: str = ""
    goal: str = ""
    absolute: bool = False

    @property
    def ratio(self) -> float | None:
        if not self.baseline:
            return None
        return self.baseline / self.ours if self.goal.startswith("≥") and self.ours else self.ours / self.baseline

    @property
    def verdict(self) -> str:
        if not self.goal:
            return ""
        sign, number = self.goal.split()[:2]
        value, bound = self.ours if self.absolute else self.ratio, float(number)
        if value is None:
            raise ValueError(f"{self.id} {self.metric} has a goal and no baseline")
        return "PASS" if (value <= bound if sign == "≤" else value >= bound) else "FAIL"

    def cells(self) -> list[str]:
        baseline = (
            f"{shown(self.baseline, self.unit)}, {self.against}" if self.baseline is not None else self.against or "–"
        )
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        if self.ratio and self.goal.startswith("≥"):
            ratio = f"1 : {self.ratio:.1f}"
        goal = f"{self.goal}{'' if self.absolute or not self.goal else ' ×'}"
        return [
            f"{self.id} {self.metric}",
            shown(self.ours, self.unit),
            baseline,
            ratio,
            goal or "–",
            self.verdict or "–",
        ]


def shown(value: float, unit: str) -> str:
    """Rounds to three significant digits."""
    if unit == "instructions":
        for scale, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if abs(value) >= scale:
                return f"{value / scale:.3g} {name} instr."
        return f"{value:.0f} instr."
    number = f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def table(rows: list[Row]) -> str:
    lines = ["| metric | ours | baseline | ratio | goal | |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(row.cells()) + " |" for row in rows])


def versions(commands: dict[str, list[str]]) -> dict[str, str]:
    """Returns the first line of each tool's version."""
    said = {}
    for name, command in commands.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said[name] = (done.stdout or done.stderr).strip().splitlines()[0] if done.returncode == 0 else "–"
    return said


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    cores = sum(line.startswith("processor") for line in lines)
    return f"{cores} cores of {model}, Linux {platform.release().split('-')[0]}"


def written(root: Path, rows: list[Row], tools: dict[str, str], notes: str) -> None:
    """Writes docs/benchmarks.md from the rows of one run."""
    exact = [row for row in rows if row.goal]
    known = [row for row in rows if not row.goal]
    failed = [row for row in exact if row.verdict == "FAIL"]
    text = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {date.today()}, on {machine()}: {len(exact) - len(failed)} of {len(exact)} goals reached.",
        "[requirements.md](requirements.md) says what each P number means.",
        "",
        "Each figure is compared with a baseline measured in the same run, in turns. Of seven measurements, the table shows the",
        "minimum of CPU times and the median of wall times. Only the ratios carry over to another machine. Instructions are",
        "counted by callgrind and differ by at most a few in a thousand between machines.",
        "",
        table(exact),
        "",
        *(["## Beyond the goals", "", table(known), ""] if known else []),
        notes,
        "## Versions",
        "",
        *(f"- {name}: {said}" for name, said in tools.items()),
        "",
    ]
    (root / "docs/benchmarks.md").write_text("\n".join(text))

"""Builds the measured functions and their baselines. Each is a command with its own environment."""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent / "contestants"
VENV = ROOT / ".venv" / "bench"
TOOLS = ROOT / ".tools"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
# The functions that are measured; all others are built alike.
FUNCTIONS = ["list", "register"]
RUST = ["hello", "alone"]
# One program in a workspace of its own.
DEFAULTS, CALLS = "defaults", "calls"


# Variables of a process.
Environment = dict[str, str]


@dataclass
class Contestant:
    name: str
    command: list[str]
    environment: Environment = field(default_factory=dict)


def functions() -> dict[str, Contestant]:
    """Release bootstraps by name. All are selected, so that the features turned on are those of `make build`."""
    selected = sorted(manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml"))
    names = [*FUNCTIONS, *RUST]
    build(*flags("package", [*selected, *RUST]), *flags("bin", names), folder=ROOT)
    return {name: bootstrap(name) for name in names}


def defaults() -> dict[str, Contestant]:
    """Builds the function with the SDK's defaults, and its calls to DynamoDB alone. The profile is that of the
    functions, but the build is separate, because its features would reach the functions."""
    ours, theirs = (
        tomllib.loads((folder / "Cargo.toml").read_text())["profile"]["release"] for folder in (ROOT, HERE / DEFAULTS)
    )
    if theirs != (expected := {key: value for key, value in ours.items() if key != "package"}):
        raise SystemExit(f"profile.release of {DEFAULTS} is {theirs}, the functions have {expected}")
    build(folder=HERE / DEFAULTS)
    whole = bootstrap(DEFAULTS)
    return {DEFAULTS: whole, CALLS: replace(whole, name=CALLS, environment={"ONLY_CALLS": "true"})}


def build(*selected: str, folder: Path) -> None:
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    subprocess.run(
        ["cargo", "lambda", "build", "--release", *selected], cwd=folder, check=True, env=environment, stdout=sys.stderr
    )


def bootstrap(name: str) -> Contestant:
    return Contestant(name, [str(TARGET / "lambda" / name / "bootstrap")])


def flags(flag: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (f"--{flag}", value)]


def python() -> Contestant:
    return Contestant("Python", [str(VENV / "bin" / "python"), str(HERE / "python" / "bootstrap.py")])


def node() -> Contestant | None:
    """Bundled, or None where npm is missing."""
    bundle = TOOLS / "bench" / "bootstrap.mjs"
    return Contestant("Node", ["node", str(bundle)]) if bundle.exists() else None


def pinned() -> str:
    """Returns the tools and libraries of the contestants, by name and version."""
    wanted = [line for line in (ROOT / ".ci/bench.txt").read_text().splitlines() if "==" in line]
    packages = json.loads((HERE / "node/package.json").read_text())["dependencies"]
    return ", ".join(line.replace("==", " ") for line in wanted) + "".join(
        f", {name} {version}" for name, version in packages.items()
    )

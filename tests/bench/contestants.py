"""Builds what is measured, and what it is measured against. Each is a command and an environment of its own."""

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent / "contestants"
VENV = ROOT / ".venv" / "bench"
TOOLS = ROOT / ".tools"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
# What is measured; all others are built alike.
FUNCTIONS = ["list", "register"]
RUST = ["hello", "queries", "hash", "rows"]
# In a workspace of its own.
DEFAULTS = "defaults"


@dataclass
class Contestant:
    name: str
    command: list
    environment: dict = field(default_factory=dict)


def built():
    """Release bootstraps by name. All functions are selected, so that the features turned on are those of `make build`."""
    same_profile()
    functions = sorted(manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml"))
    selected = [*flags("package", [*functions, *RUST]), *flags("bin", [*FUNCTIONS, *RUST])]
    cargo("lambda", "build", "--release", *selected)
    cargo("lambda", "build", "--release", folder=HERE / DEFAULTS)
    return {name: Contestant(name, [str(TARGET / "lambda" / name / "bootstrap")]) for name in (*FUNCTIONS, *RUST, DEFAULTS)}


def flags(flag, values):
    return [word for value in values for word in (f"--{flag}", value)]


def cargo(*arguments, folder=ROOT):
    subprocess.run(["cargo", *arguments], cwd=folder, check=True, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)}, stdout=sys.stderr)


def same_profile():
    """The function with the SDK's defaults is built as the functions are."""
    ours, theirs = (tomllib.loads((folder / "Cargo.toml").read_text())["profile"]["release"] for folder in (ROOT, HERE / DEFAULTS))
    if theirs != (expected := {key: value for key, value in ours.items() if key != "package"}):
        raise SystemExit(f"profile.release of {DEFAULTS} is {theirs}, the functions have {expected}")


def python():
    return Contestant("Python", [str(VENV / "bin" / "python"), str(HERE / "python" / "bootstrap.py")])


def node():
    """Bundled, or None where npm is missing."""
    bundle = TOOLS / "bench" / "bootstrap.mjs"
    return Contestant("Node", ["node", str(bundle)]) if bundle.exists() else None

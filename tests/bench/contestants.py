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
FUNCTIONS = ["list", "register", "password"]
RUST = ["hello", "queries", "defaults", "hash", "rows"]
# One cargo each, or what one of them turns on in a crate would be turned on for the others.
ALONE = ["defaults", "hash", "rows"]
# Measured in the stead of a bootstrap, and linked as it is.
STANDS_FOR = {"hash": "register", "rows": "export"}


@dataclass
class Contestant:
    name: str
    command: list
    environment: dict = field(default_factory=dict)


def built(names=(*FUNCTIONS, *RUST)):
    """Release bootstraps by name, as `make build` makes them."""
    same_profile()
    ours = [name for name in names if name in FUNCTIONS]
    theirs = [name for name in names if name in RUST]
    groups = [(ROOT, ours), (HERE, [name for name in theirs if name not in ALONE])]
    groups += [(HERE, [name]) for name in ALONE if name in theirs]
    for folder, bins in groups:
        if bins:
            flags = [flag for name in bins for flag in ("--bin", name)]
            cargo("lambda", "build", "--release", *flags, folder=folder)
    return {name: Contestant(name, [str(TARGET / "lambda" / name / "bootstrap")]) for name in names}


def cargo(*arguments, folder=ROOT, target=TARGET):
    subprocess.run(["cargo", *arguments], cwd=folder, check=True, env={**os.environ, "CARGO_TARGET_DIR": str(target)}, stdout=sys.stderr)


def same_profile():
    """Contestants are built as the functions are, for as far as they have the same dependencies."""
    ours, theirs = (tomllib.loads((folder / "Cargo.toml").read_text())["profile"]["release"] for folder in (ROOT, HERE))
    for key, value in theirs.items():
        for name, setting in value.items() if key == "package" else ((key, value),):
            held = ours["package"].get(STANDS_FOR.get(name, name)) if key == "package" else ours.get(name)
            if held != setting:
                raise SystemExit(f"profile.release of tests/bench/contestants: {name} is {setting}, the functions have {held}")


def python():
    return Contestant("Python", [str(VENV / "bin" / "python"), str(HERE / "python" / "bootstrap.py")])


def node():
    """Bundled, or None where npm is missing."""
    bundle = TOOLS / "bench" / "bootstrap.mjs"
    return Contestant("Node", ["node", str(bundle)]) if bundle.exists() else None

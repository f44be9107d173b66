"""P10: a rule is edited, its test has run; against building the portal and its tests from nothing. Time of the processor,
since all that is measured is built at once. In a copy of what git knows, so that nobody's files are touched, whatever
becomes of the run."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from contestants import ROOT, TARGET
from report import Row

FOLDER = TARGET / "bench"
SOURCE, BUILT = FOLDER / "source", FOLDER / "target"
RULE = SOURCE / "domain/src/registration_rules.rs"
# Another spelling of the same number: its crate is compiled anew, and its tests still hold.
EDITS = [("GRACE_DAYS: i32 = 2;", "GRACE_DAYS: i32 = 1 + 1;"), ("GRACE_DAYS: i32 = 1 + 1;", "GRACE_DAYS: i32 = 2;")]
# The portal and what is measured of its growth: of the same packages, or the features differ and all is built twice.
PORTAL = ["--package", "local", "--package", "tests", "--test", "all"]
TEST = ["test", "--package", "domain"]
# Nobody debugs it, and it is built but once: faster than usual, so that what is compared with it has less time.
ONCE = {"CARGO_TARGET_DIR": str(BUILT), "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "none"}
# The embedded engine has little to do here, and nobody measures its speed: making it fast would take minutes.
LEVELS = {"dynoxide-rs": 0, "rusqlite": 0, "libsqlite3-sys": 1, "serde_yaml_ng": 0, "unsafe-libyaml": 0}
PLAIN = [f"--config=profile.dev.package.{crate}.opt-level={level}" for crate, level in LEVELS.items()]


@dataclass
class Portal:
    """What was built: the binary, the seconds that took, and those of each edit, with the crates it rebuilt."""

    local: Path
    seconds: float
    edits: list


def portal(clean):
    """The portal, from nothing and then edited if `clean`; or from what is there."""
    for folder in (SOURCE, BUILT) if clean else (SOURCE,):
        shutil.rmtree(folder, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, SOURCE / name)
    seconds, _ = cargo("build", "--bin", "local", *PORTAL, *PLAIN, environment=ONCE)
    return Portal(BUILT / "debug" / "local", seconds, edited() if clean else [])


def edited(turns=7):
    cargo(*TEST)
    edits, text = [], (original := RULE.read_text())
    for turn in range(turns):
        old, new = EDITS[turn % 2]
        if old not in text:
            raise SystemExit(f"{RULE} has no line {old!r} to edit")
        RULE.write_text(text := text.replace(old, new))
        edits.append(cargo(*TEST))
    RULE.write_text(original)
    return edits


def rows(bench):
    edits = bench.portal.edits
    built = set().union(*(crates for _, crates in edits))
    sdk = [name for name in built if name.startswith("aws")]
    seconds = min(seconds for seconds, _ in edits)
    return [
        Row(
            "P10",
            "a rule edited until its tests have run",
            seconds,
            bench.portal.seconds,
            "s of CPU",
            "building the portal and its tests",
            "≤ 0.05",
        ),
        Row(
            "P10",
            f"crates of the SDK rebuilt for it (of {len(built)}: {', '.join(sorted(built))})",
            len(sdk),
            None,
            "",
            goal="≤ 0",
            absolute=True,
        ),
    ]


def cargo(*arguments, environment=None):
    """Seconds of the processor, and which crates were compiled."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILT), **(environment or {})}
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(["cargo", *arguments], cwd=SOURCE, env=environment, stdout=said, stderr=said)
        # Of this process and its own: others build at the same time.
        _, process.returncode, used = os.wait4(process.pid, 0)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise SystemExit(text)
    return used.ru_utime + used.ru_stime, set(re.findall(r"Compiling (\S+) v", text))

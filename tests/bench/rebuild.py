"""P10: the CPU time of editing a rule and running its test, against building the local desk and its tests from nothing.
CPU time, because other builds run at the same time. Builds a copy of the tracked files, so that no run changes the
repository."""

import os
import re
import shutil
import subprocess
import tempfile

from bench import Bench, LocalDesk
from contestants import ROOT, TARGET, Environment
from report import Row

FOLDER = TARGET / "bench"
SOURCE, BUILT = FOLDER / "source", FOLDER / "target"
RULE = SOURCE / "domain/src/registration_rules.rs"
# Another spelling of the same number: its crate is compiled again, and its tests still pass.
EDITS = [("GRACE_DAYS: i32 = 2;", "GRACE_DAYS: i32 = 1 + 1;"), ("GRACE_DAYS: i32 = 1 + 1;", "GRACE_DAYS: i32 = 2;")]
# The local desk and the growth tests are built from the same packages; with other features all is built twice.
LOCAL_DESK = ["--package", "local", "--package", "tests", "--test", "all"]
TEST = ["test", "--package", "domain"]
# A build without debug information is faster than usual, so that the edits are compared with a stricter baseline.
ONCE = {"CARGO_TARGET_DIR": str(BUILT), "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "none"}
# The embedded engine is not optimized: it does little work here, and optimizing it would take minutes.
LEVELS = {"dynoxide-rs": 0, "rusqlite": 0, "libsqlite3-sys": 1, "serde_yaml_ng": 0, "unsafe-libyaml": 0}
PLAIN = [f"--config=profile.dev.package.{crate}.opt-level={level}" for crate, level in LEVELS.items()]


def local_desk(clean: bool) -> LocalDesk:
    """Builds the local desk: from nothing and then with edits if `clean`, otherwise from the existing build."""
    for folder in (SOURCE, BUILT) if clean else (SOURCE,):
        shutil.rmtree(folder, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, SOURCE / name)
    seconds, _ = cargo("build", "--bin", "local", *LOCAL_DESK, *PLAIN, environment=ONCE)
    return LocalDesk(BUILT / "debug" / "local", seconds, edited() if clean else [])


def edited(turns: int = 7) -> list[tuple[float, set[str]]]:
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


def rows(bench: Bench) -> list[Row]:
    edits = bench.local_desk.edits
    built = {crate for _, crates in edits for crate in crates}
    sdk = [name for name in built if name.startswith("aws")]
    seconds = min(seconds for seconds, _ in edits)
    return [
        Row(
            "P10",
            "a rule edited until its tests have run",
            seconds,
            bench.local_desk.seconds,
            "s of CPU",
            "building the local desk and its tests",
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


def cargo(*arguments: str, environment: Environment | None = None) -> tuple[float, set[str]]:
    """Returns the CPU time in seconds, and the crates that were compiled."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILT), **(environment or {})}
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(["cargo", *arguments], cwd=SOURCE, env=environment, stdout=said, stderr=said)
        # Counts this process and its children only, because other builds run at the same time.
        _, process.returncode, used = os.wait4(process.pid, 0)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise SystemExit(text)
    return used.ru_utime + used.ru_stime, set(re.findall(r"Compiling (\S+) v", text))

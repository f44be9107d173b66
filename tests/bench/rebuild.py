"""P10: a rule is edited, its test has run; against building the portal from nothing. In a copy of what git knows, so that
nobody's files are touched, whatever becomes of the run."""

import os
import re
import shutil
import subprocess
import time

from contestants import ROOT, TARGET
from report import Row

FOLDER = TARGET / "bench"
SOURCE, BUILT = FOLDER / "source", FOLDER / "target"
RULE = SOURCE / "functions/domain/src/registration_rules.rs"
# Another spelling of the same number: its crate is compiled anew, and its tests still hold.
EDITS = [("GRACE_DAYS: i32 = 2;", "GRACE_DAYS: i32 = 1 + 1;"), ("GRACE_DAYS: i32 = 1 + 1;", "GRACE_DAYS: i32 = 2;")]
# With the features that the tests have: the growth is measured with what this builds.
PORTAL = ["build", "--package", "local", "--package", "description"]
TEST = ["test", "--package", "domain"]


def portal(clean):
    """The portal's binary, built from nothing or from what is there, and the seconds it took."""
    for folder in (SOURCE, BUILT) if clean else (SOURCE,):
        shutil.rmtree(folder, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file():
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, SOURCE / name)
    cargo("fetch")
    seconds, _ = cargo(*PORTAL)
    return BUILT / "debug" / "local", seconds


def rows(bench):
    cargo(*TEST)
    took, built = [], set()
    for turn in range(7):
        old, new = EDITS[turn % 2]
        text = RULE.read_text()
        if old not in text:
            raise SystemExit(f"{RULE} has no line {old!r} to edit")
        RULE.write_text(text.replace(old, new))
        seconds, compiled = cargo(*TEST)
        took.append(seconds)
        built |= compiled
    RULE.write_text((ROOT / RULE.relative_to(SOURCE)).read_text())
    sdk = [name for name in built if name.startswith("aws")]
    return [
        Row("P10", "a rule edited until its tests have run", sorted(took)[3], bench.clean_build, "s", "a clean build of the portal", "≤ 0.05"),
        Row("P10", f"crates of the SDK rebuilt for it (of {len(built)}: {', '.join(sorted(built))})", len(sdk), None, "", goal="≤ 0", absolute=True),
    ]


def cargo(*arguments):
    """Seconds, and which crates were compiled."""
    began = time.perf_counter()
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILT)}
    done = subprocess.run(["cargo", *arguments], cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr + done.stdout)
    return time.perf_counter() - began, set(re.findall(r"Compiling (\S+) v", done.stderr))

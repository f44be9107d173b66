"""Limits a process to a share of one processor, as Lambda does by memory, if control groups can be made."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

# 1,769 MB are one processor.
FULL = 1769
PERIOD = 20_000
GROUPS = [Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")]


class Quota:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def join(self) -> None:
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))


@contextlib.contextmanager
def of_memory(megabytes: int) -> Iterator[Quota | None]:
    """Returns the quota, or None if control groups can't be made."""
    for parent in GROUPS:
        folder = parent / f"bench-{os.getpid()}"
        share = str(PERIOD * megabytes // FULL)
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            ration(folder, share)
            yield Quota(folder)
            return
        except OSError:
            continue
        finally:
            folder.rmdir()
    yield None


def ration(folder: Path, share: str) -> None:
    if (folder / "cpu.cfs_quota_us").exists():
        (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
        (folder / "cpu.cfs_quota_us").write_text(share)
    else:
        (folder / "cpu.max").write_text(f"{share} {PERIOD}")

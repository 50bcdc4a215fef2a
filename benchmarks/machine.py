"""The machine: which core does what, and what it says of itself in a report."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import apsw
import psutil

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core serves, and which one makes the load and runs PostgreSQL. None: the system decides."""

    server: int | None
    load: int | None

    def __str__(self) -> str:
        if self.server is None:
            return "nothing is pinned to a core"
        return f"the server is pinned to core {self.server}, load generator and PostgreSQL to core {self.load}"


def cores(pinned: bool = True) -> Cores:
    """Two different cores, where there are two and they can be chosen."""
    if not pinned or not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1]) if len(usable) > 1 else Cores(None, None)


@contextmanager
def on(core: int | None) -> Iterator[None]:
    """What is started inside runs on that core, with all that it starts."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used of the processor."""
    parent = psutil.Process(pid)
    used = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        times = process.cpu_times()
        used += times.user + times.system
    return used


def described() -> dict[str, str | int]:
    """What a reader of the figures must know of it."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        **{name: version(name) for name in ("uvicorn", "uvloop", "httptools", "starlette", "msgspec", "psycopg")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def commit() -> str:
    """The commit that is measured; a plus sign where the work tree has changes."""
    try:
        number = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
        changed = subprocess.check_output(["git", "status", "--porcelain", "-uno"], cwd=ROOT, text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{number}+" if changed else number

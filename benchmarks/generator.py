"""The load generator: wrk, which keeps so many connections busy and asks again as soon as it is answered."""

import resource
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from benchmarks.machine import on

SCRIPT = Path(__file__).parent / "replay.lua"


class Absent(Exception):
    """The load generator is not installed."""

    def __init__(self) -> None:
        super().__init__("wrk is not installed. Debian and Ubuntu: apt-get install wrk; Fedora: dnf install wrk")


class Failed(Exception):
    """The server refused or broke requests, so that the figures mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run of the generator saw. Times are in microseconds; `busy` is what it used of the processor itself."""

    requests: int
    microseconds: int
    bytes: int
    refused: int
    broken: int
    p50: int
    p95: int
    p99: int
    longest: int
    busy: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests * 1e6 / self.microseconds


def available() -> bool:
    """Whether it is installed."""
    return shutil.which("wrk") is not None


def load(url: str, requests: Path, *, first: int, connections: int, seconds: float, core: int | None) -> Load:
    """Replay a file of requests, beginning with the `first`. Raises: Absent, Failed."""
    if not available():
        raise Absent
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    command += ["--timeout", "30s", "--script", str(SCRIPT), url, "--", str(requests), str(first)]
    before = _children_used()
    with on(core):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}")
    seen = msgspec.json.decode(done.stdout.splitlines()[-1], type=Load)
    if seen.refused or seen.broken or not seen.requests:
        raise Failed(f"of {seen.requests} requests to {url}, {seen.refused} were refused and {seen.broken} broke")
    return replace(seen, busy=_children_used() - before)


def _children_used() -> int:
    """What finished children of this process have used of the processor, in microseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((used.ru_utime + used.ru_stime) * 1e6)

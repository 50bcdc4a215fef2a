"""Login records made for tests: wtmp out of a few words a line, by `utmpdump` or by hand."""

import shutil
import struct
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

COMPACT = "<h2xi32s4s32s256shhiII4I20x"
WIDE = "<h2xi32s4s32s256shh3q4I20x4x"
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
KINDS = {"boot": 2, "login": 7, "logout": 8, "shutdown": 1, "getty": 6, "runlevel": 1, "old-time": 4, "new-time": 3}


def minute(number: float) -> int:
    """The instant so many minutes after the start of the tests' time, in microseconds."""
    return round((START + timedelta(minutes=number)).timestamp() * 1_000_000)


def fields(event: str) -> tuple[int, int, str, str, str, int]:
    """Read `MINUTE KIND [LINE [USER [PID]]]` into kind, pid, line, user, id, instant."""
    at, kind, *rest = event.split()
    line, user, pid = [*rest, *("", "", "100")[len(rest) :]][:3]
    if kind in ("boot", "shutdown", "runlevel"):
        line, user = "~", {"boot": "reboot", "shutdown": "shutdown", "runlevel": "runlevel"}[kind]
        pid = rest[0] if rest else "0"
    return KINDS[kind], int(pid), line, user, line[-4:], minute(float(at))


def packed(events: Iterable[str], layout: str = COMPACT) -> bytes:
    """The records of the events, byte by byte."""
    return b"".join(_record(layout, *fields(event)) for event in events)


def _record(layout: str, kind: int, pid: int, line: str, user: str, identity: str, at: int) -> bytes:
    texts = (line.encode(), identity.encode(), user.encode(), b"host.example")
    return struct.pack(layout, kind, pid, *texts, 0, 0, 0, at // 1_000_000, at % 1_000_000, 0, 0, 0, 0)


def dumped(events: Iterable[str], path: Path) -> None:
    """Write the records of the events by `utmpdump -r`."""
    lines = []
    for event in events:
        kind, pid, line, user, identity, at = fields(event)
        moment = datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S,%f+00:00")
        lines.append(
            f"[{kind}] [{pid:05}] [{identity:<4}] [{user:<8}] [{line:<12}] [{'host.example':<20}] [{'0.0.0.0':<15}]"
            f" [{moment}]\n"
        )
    with path.open("wb") as file:
        subprocess.run(["utmpdump", "-r"], input="".join(lines).encode(), stdout=file, check=True, stderr=-3)


def has(*programs: str) -> bool:
    """Whether all of these programs are installed."""
    return all(shutil.which(program) for program in programs)

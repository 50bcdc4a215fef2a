"""Logins out of wtmp: the records that login programs append, paired by terminal.

Reading follows what `last` prints: a session ends where its terminal is next logged out or logged
in on, at a shutdown, or (a crash) where the machine starts again without one.
"""

import gzip
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from sojourn.agent.logins.session import Ending, LoginSession

SECOND = 1_000_000

# Two layouts of `struct utmp` are in use. x86, arm and other machines with a 32-bit past keep
# 32-bit times (384 bytes, the seconds read as unsigned: good until 2106); arm64 and its like have
# 64-bit ones.
COMPACT = struct.Struct("<hxxi32s4s32s256shhiII4I20x")
WIDE = struct.Struct("<hxxi32s4s32s256shhqqq4I20x4x")
LAYOUTS = (COMPACT, WIDE)

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes read of one file, its newest: 170,000 records."""


class Kind(IntEnum):
    """The record types of utmp(5) that matter here; every other is passed over."""

    EMPTY = 0
    RUN_LEVEL = 1
    BOOT = 2
    NEW_TIME = 3
    OLD_TIME = 4
    USER = 7
    DEAD = 8
    SHUTDOWN = 254  # not on disk: what `last`, too, makes of a run level record


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record; `at` is in microseconds since the epoch, UTC."""

    kind: int
    pid: int
    line: str
    user: str
    at: int


def parse(data: bytes) -> Iterator[Record]:
    """Read every whole record in `data`; one still being written is left for the next time."""
    layout = _layout(data)
    for fields in layout.iter_unpack(data[: len(data) // layout.size * layout.size]):
        kind, pid, line, _id, user, _host, _, _, _, seconds, micros, *_ = fields
        if seconds <= 0:
            continue
        yield _classified(
            Record(
                kind=kind,
                pid=pid,
                line=_text(line),
                user=_text(user),
                at=seconds * SECOND + min(max(micros, 0), SECOND - 1),
            )
        )


def pair(records: Iterable[Record]) -> list[LoginSession]:
    """Make sessions of records in their order in the file; those without an end are open."""
    open_by_line: dict[str, Record] = {}
    sessions: list[LoginSession] = []

    def end(line: str, at: int, ending: Ending) -> None:
        begun = open_by_line.pop(line, None)
        if begun is not None:
            sessions.append(_session(begun, at, ending))

    for record in records:
        if record.kind in (Kind.BOOT, Kind.SHUTDOWN):
            ending = Ending.CRASH if record.kind == Kind.BOOT else Ending.SHUTDOWN
            for line in list(open_by_line):
                end(line, record.at, ending)
        elif record.kind in (Kind.USER, Kind.DEAD) and record.line:
            end(record.line, record.at, Ending.LOGOUT)
            if record.kind == Kind.USER:
                open_by_line[record.line] = record
    sessions.extend(_session(begun, None, Ending.OPEN) for begun in open_by_line.values())
    return sorted(sessions, key=lambda session: (session.started_at, session.line))


def files(newest: Path) -> list[Path]:
    """Find `newest` and its rotated elders (`wtmp.1`, `wtmp-20261101`, `.gz`), oldest first."""
    elders = [
        path for pattern in (f"{newest.name}.[0-9]*", f"{newest.name}-[0-9]*") for path in newest.parent.glob(pattern)
    ]
    dated = sorted(elders, key=lambda path: path.stat().st_mtime_ns)
    return [*dated, newest] if newest.exists() else dated


def read(newest: Path) -> list[LoginSession]:
    """Read `newest` and its rotated elders as one stream, so that a rotation ends nobody's session.

    Raises OSError where a file cannot be read, and EOFError or zlib.error for a broken `.gz`.
    """
    return pair(record for path in files(newest) for record in parse(_contents(path)))


def _contents(path: Path) -> bytes:
    if path.suffix == ".gz":
        with gzip.open(path) as packed:
            return packed.read(LARGEST_FILE)
    with path.open("rb") as file:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            layout = _layout(file.read(16 * WIDE.size))
            file.seek(-(-(size - LARGEST_FILE) // layout.size) * layout.size)
        return file.read(LARGEST_FILE)


def _layout(data: bytes) -> struct.Struct:
    """Choose the layout under which the first records make sense; without any, the usual one."""
    return max(LAYOUTS, key=lambda layout: _sense(layout, data))


def _sense(layout: struct.Struct, data: bytes) -> int:
    sample = data[: min(16, len(data) // layout.size) * layout.size]
    unsound = 0
    for kind, _, _, _, _, _, _, _, _, seconds, micros, *_ in layout.iter_unpack(sample):
        sound = 0 <= kind <= 9 and 0 <= micros < SECOND and (seconds > 0 or kind == Kind.EMPTY)
        unsound += not sound
    return -unsound


def _classified(record: Record) -> Record:
    """Set right the record types that some programs write, by the same rules as `last`."""
    kind = record.kind
    if record.line.startswith("~"):
        if record.user.startswith("shutdown"):
            kind = Kind.SHUTDOWN
        elif record.user.startswith("reboot"):
            kind = Kind.BOOT
        elif record.user.startswith("runlevel"):
            kind = Kind.SHUTDOWN if record.pid & 255 in b"06" else Kind.RUN_LEVEL
    elif not record.user:
        kind = Kind.DEAD if kind in (Kind.USER, Kind.DEAD) else kind
    elif kind != Kind.DEAD and record.line and record.user not in ("LOGIN", "date"):
        kind = Kind.USER
    return record if kind == record.kind else _with_kind(record, kind)


def _with_kind(record: Record, kind: int) -> Record:
    return Record(kind=kind, pid=record.pid, line=record.line, user=record.user, at=record.at)


def _session(begun: Record, ended_at: int | None, ending: Ending) -> LoginSession:
    return LoginSession(
        login=begun.user,
        line=begun.line,
        started_at=begun.at,
        # A clock that was set back must not make a session end before it began.
        ended_at=None if ended_at is None else max(ended_at, begun.at),
        ending=ending,
        pid=begun.pid if begun.pid > 0 else None,
        source="wtmp",
    )


def _text(raw: bytes) -> str:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable()).strip()

"""When somebody was there: sessions cut to a window by what happened in them. Pure rules, without a database.

Sources: the three notes of the seed for clipping; idle time as published; what no source says is marked (our decision).
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sojourn.core.errors import Invalid
from sojourn.core.model import MINUTE, SECOND, Instant

IDLE_GAP = 15 * MINUTE
"""Longer than this without an activity counts as idle (published default)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A closed range of time, open where nothing is given. Raises: Invalid, when it ends before it starts."""

    start: Instant | None = None
    end: Instant | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise Invalid("end", "must not be before start")

    def __contains__(self, at: Instant) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)


Stay: TypeAlias = tuple[Instant, int, int, str, Instant, Instant | None]
"""A session cut to a window: its start, its number, its person, the GUID of its device, login and logout.

The start is the uncut one: stays are told, and paged, in its order. There is no logout while the session runs and the
window has no end. A plain tuple, as databases tell it: a class with names made the stream of everything slower by a
quarter.
"""


def reaches_out(started_at: Instant, ended_at: Instant | None, window: Window) -> bool:
    """Whether a session began before the window or went on after it, so that it is cut."""
    start, end = window.start, window.end
    return (start is not None and started_at < start) or (end is not None and (ended_at is None or ended_at > end))


def clip(
    started_at: Instant, ended_at: Instant | None, times: Iterable[Instant], window: Window
) -> tuple[Instant, Instant | None]:
    """Login and logout of a session that overlaps the window.

    `times` are those of its activities, in any order; of those inside the window only the first and the last matter.
    One that began before the window logs in with its first activity inside (note 2), one that went on after it logs
    out with its last (note 3). Where there is none, the window's own edge is told (our decision).
    """
    login, logout = started_at, ended_at
    inside = [at for at in times if at in window]
    if window.start is not None and started_at < window.start:
        login = min(inside, default=window.start)
    if window.end is not None and (ended_at is None or ended_at > window.end):
        logout = max(inside, default=window.end)
    return login, logout


def idle_gaps(times: Sequence[Instant], limit: int = IDLE_GAP) -> Iterator[tuple[Instant, Instant]]:
    """The gaps between neighbouring activities that are longer than the limit; `times` in order."""
    for before, after in itertools.pairwise(times):
        if after - before > limit:
            yield before, after


def idle_time(times: Sequence[Instant], limit: int = IDLE_GAP) -> int:
    """The sum of the idle gaps, in microseconds."""
    return sum(after - before for before, after in idle_gaps(times, limit))


def last_seen(stay: Stay, times: Sequence[Instant]) -> Instant:
    """Up to when a stay is measured: its logout; while it runs on, its last activity (our decision)."""
    *_, login, logout = stay
    if logout is not None:
        return logout
    return times[-1] if times else login


def active_stretches(stay: Stay, times: Sequence[Instant], limit: int = IDLE_GAP) -> Iterator[tuple[Instant, Instant]]:
    """What is left of a stay when its idle gaps are taken out."""
    *_, begin, _ = stay
    end = last_seen(stay, times)
    for before, after in idle_gaps(times, limit):
        if before > begin:
            yield begin, before
        begin = after
    if end > begin:
        yield begin, end


def united(stretches: Iterable[tuple[Instant, Instant]]) -> Iterator[tuple[Instant, Instant]]:
    """Stretches without what stands in several of them, in order."""
    begin = end = None
    for first, last in sorted(stretches):
        if begin is None or end is None or first > end:
            if begin is not None and end is not None:
                yield begin, end
            begin, end = first, last
        else:
            end = max(end, last)
    if begin is not None and end is not None:
        yield begin, end


def by_hour(begin: Instant, end: Instant, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """The hours of a zone's clock that a stretch touches, each with the microseconds spent in it."""
    while begin < end:
        seconds, rest = divmod(begin, SECOND)
        local = datetime.fromtimestamp(seconds, zone)
        into = (local.minute * 60 + local.second) * SECOND + rest
        until = min(end, begin + 3600 * SECOND - into)
        yield local.replace(minute=0, second=0), until - begin
        begin = until


def midnight(local: datetime) -> datetime:
    """The first moment of that day on that clock."""
    return datetime.combine(local.date(), datetime.min.time(), local.tzinfo)


def timespan(microseconds: int) -> str:
    """A .NET TimeSpan: `hh:mm:ss.fffffff`, `d.hh:mm:ss` from 24 hours up, without a fraction when it is zero."""
    span = timedelta(microseconds=microseconds)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}0" if span.microseconds else ""
    return f"{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"

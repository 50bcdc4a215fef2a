"""A stretch of time laid out from 0 to 100 per cent of a picture's width, with marks that fall on round times.

Pictures are as wide as there is room and place everything in per cent, so that text keeps its size on a phone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sojourn.core.model import DAY, LATEST, MINUTE, SECOND, Instant

HOUR = 60 * MINUTE
MOST_MARKS = 9
EDGE = 6.0
"""A label nearer to an edge than this, in per cent, would stick out on a phone."""

_STEPS = (
    SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND,
    MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 182 * DAY, 364 * DAY, 3_640 * DAY, 36_400 * DAY,
)  # fmt: skip
_MONTHS = {28 * DAY: 1, 91 * DAY: 3, 182 * DAY: 6, 364 * DAY: 12, 3_640 * DAY: 120, 36_400 * DAY: 1_200}
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9999


@dataclass(frozen=True, slots=True)
class Mark:
    """A round time: where it is, in per cent, and how it reads. `major`: the first of a day, or of a year."""

    place: float
    label: str
    major: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From `first` to `last`, on the clock of a zone. `dated` false: midnight is a time like others."""

    first: Instant
    last: Instant
    zone: ZoneInfo
    dated: bool = True

    @property
    def length(self) -> int:
        """How long it is: one microsecond at least."""
        return max(1, self.last - self.first)

    def at(self, moment: Instant) -> float:
        """Where a moment is, in per cent; what lies outside stands at the edge."""
        inside = min(max(moment, self.first), self.last)
        return round(100 * (inside - self.first) / self.length, 3)

    def has(self, moment: Instant | None) -> TypeGuard[Instant]:
        """Whether there is such a moment, and it lies on the axis."""
        return moment is not None and self.first <= moment <= self.last

    def marks(self, most: int = MOST_MARKS) -> Iterator[Mark]:
        """Up to `most` round times in order."""
        step = next((step for step in _STEPS if self.length / step <= most), _STEPS[-1])
        for local in _round_times(self.first, self.last, step, self.zone):
            at = _instant(local)
            if self.first <= at <= self.last:
                major = self.dated and step < DAY and (local.hour, local.minute, local.second) == (0, 0, 0)
                yield Mark(self.at(at), _label(local, step, major), major)

    def drawn(self, height: int, top: int = 14) -> Markup:
        """The marks as SVG: a line down each, and its label above; every second label gives way where room is short."""
        parts = []
        for i, mark in enumerate(self.marks()):
            kind = "mark major" if mark.major else "mark"
            parts.append(Markup('<line class="{}" x1="{p}%" x2="{p}%" y1="{}" y2="{}"/>').format(
                kind, top + 4, height, p=mark.place))  # fmt: skip
            name = "mark-label spare" if i % 2 else "mark-label"
            parts.append(Markup('<text class="{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
                name,
                mark.place, top, anchor(mark.place), mark.label))  # fmt: skip
        return Markup("").join(parts)


def anchor(place: float) -> str:
    """How a text at that place is aligned, so that it stays inside."""
    return "start" if place < EDGE else "end" if place > 100 - EDGE else "middle"


def _instant(local: datetime) -> Instant:
    return int(local.timestamp()) * SECOND


def _local(at: Instant, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(min(at, LATEST - 2 * DAY) // SECOND, zone)  # no zone knows a year 10000


def _round_times(first: Instant, last: Instant, step: int, zone: ZoneInfo) -> Iterator[datetime]:
    """The times at that step of the zone's clock, from a little before `first` on. Weeks begin on Mondays."""
    local = _local(first, zone).replace(microsecond=0)
    begin = midnight = local.replace(hour=0, minute=0, second=0, fold=0)
    if step < DAY:  # counted on the clock, so that they stay round when it is put forward or back
        begin += (local - midnight) // timedelta(microseconds=step) * timedelta(microseconds=step)
    elif step == 7 * DAY:
        begin -= timedelta(days=midnight.weekday())
    elif step in _MONTHS:
        begin = _month(midnight, _MONTHS[step], 0)
    while _EARLIEST_YEAR <= begin.year < _LATEST_YEAR and _instant(begin) <= last:
        yield begin
        begin = _month(begin, _MONTHS[step], 1) if step in _MONTHS else begin + timedelta(microseconds=step)


def _month(local: datetime, months: int, more: int) -> datetime:
    """The first of the month that begins so many months, or the next ones."""
    number = ((local.year * 12 + local.month - 1) // months + more) * months
    return local.replace(year=max(_EARLIEST_YEAR, number // 12), month=number % 12 + 1, day=1)


def _label(local: datetime, step: int, major: bool) -> str:
    if step >= 28 * DAY:
        return f"{local:%b %Y}"
    if step >= DAY or major:
        return f"{local.day} {local:%b}"
    return f"{local:%H:%M}" if step >= MINUTE else f"{local:%H:%M:%S}"

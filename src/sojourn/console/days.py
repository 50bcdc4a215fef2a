"""Sessions by day, as the picture that days are picked from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sojourn.console import zoned
from sojourn.console.pictures.histogram import Bar, histogram
from sojourn.console.words import count, date_words
from sojourn.core.access import Scope
from sojourn.core.journal import Journal
from sojourn.core.model import Instant
from sojourn.core.query import SessionFilter

SPANS = {"14": "2 weeks", "35": "5 weeks", "182": "6 months", "728": "2 years"}
"""How many days the picture shows, as the address tells it, and in words."""

USUAL = 35
MOST_BARS = 104
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(9999, 12, 30)

Go = Callable[..., str]
"""The address of the page with other parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Which days the picture shows, `step` of them to a bar, and which are asked for."""

    first: date
    last: date
    step: int
    zone: ZoneInfo
    chosen: tuple[date, date] | None
    today: date

    @property
    def bounds(self) -> tuple[Instant, Instant]:
        """The first and the last moment."""
        return zoned.day_bounds(self.first, self.zone)[0], zoned.day_bounds(self.last, self.zone)[1]

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def shifted(self, spans: int) -> str:
        """The last day of the same picture so many lengths later; nothing where there are no such days."""
        later = self.last.toordinal() + spans * self.length
        first = later - self.length + 1
        return (
            date.fromordinal(later).isoformat()
            if _FIRST_DAY.toordinal() <= first and later <= _LAST_DAY.toordinal()
            else ""
        )

    def drawn(self, counts: Mapping[date, int], go: Go, noun: str = "session") -> Markup:
        """The picture. Each bar leads to its days."""
        bars = []
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1, self.step):
            days = [date.fromordinal(ordinal + i) for i in range(self.step) if ordinal + i <= self.last.toordinal()]
            n = sum(counts.get(day, 0) for day in days)
            begin, end = days[0], days[-1]
            bars.append(Bar(
                day=begin,
                last_day=end,
                count=n,
                href=go(**{"from": begin.isoformat(), "to": end.isoformat(), "until_day": self.last.isoformat()}),
                spoken=f"{_spoken(begin, end)}: {count(n, noun)}",
                chosen=self.chosen is not None and self.chosen[0] <= end and begin <= self.chosen[1],
            ))  # fmt: skip
        return histogram(bars, f"Sessions by day, {_spoken(self.first, self.last)}")


def counted(journal: Journal, scope: Scope, which: SessionFilter, days: Days) -> dict[date, int]:
    """How many sessions began on each of the days; when they were alive does not matter."""
    first, last = days.bounds
    wanted = replace(which, started_from=first, started_to=last, alive_from=None, alive_to=None)
    return dict(journal.days(scope, wanted, days.zone))


def _spoken(begin: date, end: date) -> str:
    if begin == end:
        return f"{begin:%A} {date_words(begin)}"
    return f"{date_words(begin)} to {date_words(end)}"


def days_of(given: Mapping[str, str], which: SessionFilter | None, zone: ZoneInfo, now: Instant) -> Days:
    """The days around what is asked for; the newest where nothing is.

    `days` says how many, `until_day` which is the last.
    """
    length = int(given["days"]) if given.get("days") in SPANS else USUAL
    today = zoned.day_of(now, zone)
    chosen = _chosen(which, zone, today)
    last = _last(given.get("until_day", ""), chosen, today, length)
    last = min(max(last, _FIRST_DAY + timedelta(days=length)), _LAST_DAY)
    step = -(-length // MOST_BARS)
    return Days(first=last - timedelta(days=length - 1), last=last, step=step, zone=zone, chosen=chosen, today=today)


def _last(told: str, chosen: tuple[date, date] | None, today: date, length: int) -> date:
    if zoned.is_date(told):
        try:
            return date.fromisoformat(told)
        except ValueError:
            pass  # a day that does not exist is no day to show
    if chosen is None or (today - chosen[0]).days < length:
        return today
    return min(today, chosen[1] + timedelta(days=length // 4)) if chosen[1] < _LAST_DAY else today


def _chosen(which: SessionFilter | None, zone: ZoneInfo, today: date) -> tuple[date, date] | None:
    """The days between the starts, or else the moments, that are asked for."""
    if which is None:
        return None
    for first, last in ((which.started_from, which.started_to), (which.alive_from, which.alive_to)):
        if first is not None or last is not None:
            begin = _FIRST_DAY if first is None else zoned.day_of(first, zone)
            return begin, max(today, begin) if last is None else zoned.day_of(last, zone)
    return None

"""How many sessions there are, where an offset lies, and how many began on each day: from counts, not row by row.

A range of starts is cut into stretches that are counted: whole months, then whole days, then quarters of an hour where
a day has them; only what is left at its two ends is counted in an index. (docs/decisions/0100)
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sojourn.core.model import DAY, EARLIEST, LATEST, SECOND, Instant
from sojourn.core.query import Order, Place, SessionFilter
from sojourn.storage import search, tally
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.search import Search
from sojourn.storage.sql import load
from sojourn.storage.tally import DAYS, MONTHS, QUARTERS, WIDTHS, Facet, count_between, quarters_between

_SQL = load("tally")

QUARTER = WIDTHS[QUARTERS]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A closed range of starts with a known number of sessions; `grain` is that of its row, None where it has none."""

    first: Instant
    last: Instant
    sessions: int
    grain: int | None = None
    fine: bool = False


def facet_of(found: Search) -> Facet | None:
    """The facet that counts what is looked for, whenever it began; None where there is none."""
    leads = [
        *([] if found.person is None else [tally.of_person(found.person)]),
        *([] if found.device is None else [tally.on_device(found.device)]),
        *([] if found.filter.module is None else [tally.in_module(found.filter.module)]),
    ]
    if len(leads) > 1 or found.terms or found.filter.status is not None or found.filter.alive_from is not None:
        return None
    return (found.scope.organisation, found.filter.kind.value, leads[0] if leads else tally.EVERYTHING)


def starts_of(wanted: SessionFilter) -> tuple[Instant, Instant]:
    """Between which starts everything lies that is looked for."""
    first = EARLIEST if wanted.started_from is None else wanted.started_from
    return first, min(LATEST if at is None else at for at in (wanted.started_to, wanted.alive_to))


class Counts:
    """How many sessions of a facet began between two moments, both counted in."""

    def __init__(self, transaction: Transaction, facet: Facet, first: Instant, last: Instant) -> None:
        self._transaction = transaction
        self._facet = facet
        self._stretches = list(self._cut(first, last)) if first <= last else []
        self.total = sum(stretch.sessions for stretch in self._stretches)

    def locate(self, offset: int, order: Order) -> tuple[Place, int]:
        """Where to begin, and how many to pass over from there; `offset` must be less than the total."""
        stretches: Sequence[_Stretch] = self._stretches
        while True:
            for stretch in stretches if order is Order.OLDEST else reversed(stretches):
                if offset < stretch.sessions:
                    break
                offset -= stretch.sessions
            parts = self._parts(stretch)
            if parts is None:
                edge = Place(stretch.last + 1, 0) if order is Order.NEWEST else Place(stretch.first - 1, LATEST)
                return edge, offset
            stretches = parts

    def _parts(self, stretch: _Stretch) -> list[_Stretch] | None:
        """The next finer rows of a row, in order; None where there are none."""
        if stretch.grain == MONTHS:
            return self._rows(DAYS, stretch.first, stretch.last)
        if stretch.grain == DAYS and stretch.fine:
            return self._rows(QUARTERS, stretch.first, stretch.last)
        return None

    def _rows(self, grain: int, first: Instant, last: Instant) -> list[_Stretch]:
        rows = tally.between(self._transaction, self._facet, grain, first // WIDTHS[grain], last // WIDTHS[grain])
        return [_stretch(*row) for row in rows]

    def _cut(self, first: Instant, last: Instant) -> Iterator[_Stretch]:
        """What covers a range, in order."""
        for stretch in self._coarse(first, last):
            if first <= stretch.first and stretch.last <= last:
                yield stretch
            elif stretch.fine:
                yield from self._fine(max(first, stretch.first), min(last, stretch.last))
            else:
                yield self._counted(max(first, stretch.first), min(last, stretch.last))

    def _coarse(self, first: Instant, last: Instant) -> list[_Stretch]:
        """The months that lie in a range, and the days before and after them, also those that are cut."""
        width = WIDTHS[MONTHS]
        month, after = -(-first // width), (last + 1) // width if last < LATEST else last // width + 1
        after = max(month, after)
        organisation, kind, name = self._facet
        values = {
            "organisation": organisation, "kind": kind, "facet": name,
            "month_first": month, "month_last": after - 1,
            "before_first": first // DAY, "before_last": min(month * width - 1, last) // DAY,
            "after_first": max(after, 1) * width // DAY, "after_last": last // DAY,
        }  # fmt: skip
        if after == month:  # no whole month: one range of days
            values |= {"before_last": last // DAY, "after_first": last // DAY + 1}
        rows = self._transaction.run(_SQL["tallied_coarsely"], values)
        return sorted([_stretch(*row) for row in rows], key=lambda stretch: stretch.first)

    def _fine(self, first: Instant, last: Instant) -> Iterator[_Stretch]:
        """A part of a day that has quarters."""
        begin, end = -(-first // QUARTER) * QUARTER, (last + 1) // QUARTER * QUARTER - 1
        if end < begin:
            yield self._counted(first, last)
            return
        if first < begin:
            yield self._counted(first, begin - 1)
        yield from self._rows(QUARTERS, begin, end)
        if end < last:
            yield self._counted(end + 1, last)

    def _counted(self, first: Instant, last: Instant) -> _Stretch:
        return _Stretch(first, last, count_between(self._transaction, self._facet, first, last))


def _stretch(grain: int, bucket: int, sessions: int, fine: int) -> _Stretch:
    first = bucket * WIDTHS[grain]
    return _Stretch(first, first + WIDTHS[grain] - 1, sessions, grain, bool(fine))


def by_day(transaction: Transaction, found: Search, zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many of the sessions began on each day of a zone's calendar, oldest first; days without any are left out."""
    days: Counter[date] = Counter()
    calendar = Calendar(zone)
    facet, (first, last) = facet_of(found), starts_of(found.filter)
    if facet is None:
        buckets = transaction.run(*search.quarters(found))
    else:
        whole, buckets = _days_and_quarters(transaction, facet, first, last, calendar)
        for day, sessions in whole:
            days[calendar.date_of(day * DAY)] += sessions
    for bucket, sessions in buckets:
        days[calendar.date_of(bucket * QUARTER)] += sessions
    return sorted(days.items())


def _days_and_quarters(
    transaction: Transaction, facet: Facet, first: Instant, last: Instant, calendar: "Calendar"
) -> tuple[list[Row], list[Row]]:
    """Of the days of a range those that are days of the calendar, and the quarters of the others, in no order."""
    whole: list[Row] = []
    buckets: list[Row] = []
    coarse: list[list[int]] = []  # days without quarters, by runs that no other day interrupts
    fine: list[int] = []
    run: list[int] = []
    for _, day, sessions, is_fine in tally.between(transaction, facet, DAYS, first // DAY, last // DAY):
        begin, end = day * DAY, day * DAY + DAY - 1
        if begin < first or end > last:
            buckets += quarters_between(transaction, facet, max(first, begin), min(last, end))
        elif calendar.has_whole(day):
            whole.append((day, sessions))
        elif is_fine:
            fine.append(day)
        else:
            run.append(day)
            continue
        coarse.append(run)
        run = []
    for days in [run for run in (*coarse, run) if run]:
        buckets += quarters_between(transaction, facet, days[0] * DAY, days[-1] * DAY + DAY - 1)
    return whole, [*buckets, *_quarters_of(transaction, facet, fine)]


def _quarters_of(transaction: Transaction, facet: Facet, days: Sequence[int]) -> list[Row]:
    """The quarters that are counted of some days, which are in order."""
    if not days:
        return []
    some, a_day = set(days), DAY // QUARTER
    rows = tally.between(transaction, facet, QUARTERS, days[0] * a_day, days[-1] * a_day + a_day - 1)
    return [row[1:3] for row in rows if row[1] // a_day in some]


class Calendar:
    """Which day it is, on the calendar of a zone, when a quarter of an hour begins.

    Clocks are changed at a quarter, so that no quarter belongs to two days. (Before 1972 there were zones that told the
    time by the sun; their days are taken to begin at the quarter in which they did.)
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int | None] = {}

    def date_of(self, at: Instant) -> date:
        """The day of that moment."""
        offset = self._offset(at // DAY)
        if offset is None:
            return datetime.fromtimestamp(at // SECOND, self._zone).date()
        return date.fromordinal(_EPOCH + (at // SECOND + offset) // 86_400)

    def has_whole(self, day: int) -> bool:
        """Whether a day of UTC is one day there, too."""
        return self._offset(day) == 0

    def _offset(self, day: int) -> int | None:
        """How many seconds clocks are ahead of UTC on a day; None where that changes."""
        if day not in self._offsets:
            seconds = [
                datetime.fromtimestamp(at, self._zone).utcoffset() for at in (day * 86_400, day * 86_400 + 86_399)
            ]
            same = seconds[0] == seconds[1] and seconds[0] is not None
            self._offsets[day] = int(seconds[0].total_seconds()) if same and seconds[0] is not None else None
        return self._offsets[day]


_EPOCH = date(1970, 1, 1).toordinal()

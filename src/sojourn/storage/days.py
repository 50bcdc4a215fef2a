"""How many sessions began on each day of a calendar: from counts of days and of quarters of an hour."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sojourn.core.model import DAY, SECOND, Instant
from sojourn.storage import search, tally
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.search import Search
from sojourn.storage.tally import DAYS, QUARTERS, WIDTHS, Facet, quarters_between
from sojourn.storage.totals import facet_of, starts_of, tallied_to

QUARTER = WIDTHS[QUARTERS]


def by_day(transaction: Transaction, found: Search, zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many of the sessions began on each day of a zone's calendar, oldest first; days without any are left out."""
    days: Counter[date] = Counter()
    calendar = Calendar(zone)
    facet, (first, last) = facet_of(found), starts_of(found.filter)
    if facet is None:
        buckets = transaction.run(*search.quarters(found))
    else:
        end = tallied_to(transaction, facet)
        whole, buckets = _days_and_quarters(transaction, facet, first, min(last, end - 1), calendar)
        if end <= last:
            buckets += quarters_between(transaction, facet, max(first, end), last)
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

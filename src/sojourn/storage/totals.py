"""How many sessions there are, and where an offset lies: from counts, not row by row.

A range of starts is cut into stretches that are counted: whole months, then whole days, then quarters of an hour where
a day has them; only what is left at its two ends is counted in an index. (docs/decisions/0100)
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from sojourn.core.access import Scope
from sojourn.core.model import DAY, EARLIEST, LATEST, Instant, Kind
from sojourn.core.query import Order, Place, SessionFilter, Status
from sojourn.storage import busy, search, tally
from sojourn.storage.busy import Noted
from sojourn.storage.engine import Transaction
from sojourn.storage.search import Search
from sojourn.storage.sql import load
from sojourn.storage.tally import DAYS, MONTHS, QUARTERS, WIDTHS, Facet

_SQL = load("tally")

QUARTER = WIDTHS[QUARTERS]


class _Stretch(msgspec.Struct, frozen=True, gc=False):
    """A closed range of starts with a known number of sessions; `grain` is that of its row, None where it has none."""

    first: Instant
    last: Instant
    sessions: int
    grain: int | None = None
    fine: bool = False


def facet_of(found: Search) -> Facet | None:
    """The facet that counts what is looked for, whenever it began; None where there is none."""
    f = found.filter
    return None if f.status is not None or f.alive_from is not None else _named(found)


def _named(found: Search) -> Facet | None:
    """The facet that counts what is named, in whatever state and time; None where two things are."""
    leads = [
        *([] if found.person is None else [tally.of_person(found.person)]),
        *([] if found.device is None else [tally.on_device(found.device)]),
        *([] if found.filter.module is None else [tally.in_module(found.filter.module)]),
        *found.terms,
    ]
    if len(leads) > 1:
        return None
    return (found.scope.organisation, found.filter.kind.value, leads[0] if leads else tally.EVERYTHING)


def tallied_to(transaction: Transaction, facet: Facet) -> Instant:
    """Before which start everything of a facet is tallied."""
    return busy.counted_to(transaction, facet) if tally.is_term(facet) else LATEST + 1


def starts_of(wanted: SessionFilter) -> tuple[Instant, Instant]:
    """Between which starts everything lies that is looked for."""
    first = EARLIEST if wanted.started_from is None else wanted.started_from
    return first, min(LATEST if at is None else at for at in (wanted.started_to, wanted.alive_to))


def count(transaction: Transaction, found: Search, noted: Noted) -> int:
    """How many there are of what no facet tells: from counts and few rows where at most one thing is named.

    What was alive in a window began in it, or is among those that were alive when it began. What has ended is
    everything but what runs.
    """
    f, facet = found.filter, _named(found)
    if facet is None or f.status is Status.ACTIVE:
        return _rows(transaction, found)
    any_status = _of_any_status(transaction, replace(found, filter=replace(f, status=None)), facet, noted)
    if f.status is None:
        return any_status
    return any_status - _rows(transaction, replace(found, filter=replace(f, status=Status.ACTIVE)))


def _of_any_status(transaction: Transaction, found: Search, facet: Facet, noted: Noted) -> int:
    f, (first, last) = found.filter, starts_of(found.filter)
    if f.alive_from is None:
        return Counts(transaction, facet, first, last, noted).total
    before = min(last, f.alive_from - 1)
    older = replace(found, filter=replace(f, started_to=before)) if first <= before else None
    begun = Counts(transaction, facet, max(first, f.alive_from), last, noted).total
    return begun + (_rows(transaction, older) if older else 0)


def _rows(transaction: Transaction, found: Search) -> int:
    ((number,),) = transaction.run(*search.count(found))
    return int(number)


class Counts:
    """How many sessions of a facet began between two moments, both counted in.

    `noted` hears how many of them were counted one by one because their term is not tallied so far.
    """

    def __init__(
        self, transaction: Transaction, facet: Facet, first: Instant, last: Instant, noted: Noted | None = None
    ) -> None:
        self._transaction = transaction
        self._facet = facet
        end = tallied_to(transaction, facet)
        known, rest = min(last, end - 1), max(first, end)
        self._stretches = list(self._cut(first, known)) if first <= known else []
        if rest <= last:
            self._stretches.append(self._counted(rest, last))
            if noted:
                noted.note(facet, self._stretches[-1].sessions)
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
        if not tally.is_term(self._facet):
            quarters = tally.quarters_between(self._transaction, self._facet, first, last)
            return _Stretch(first, last, sum(n for _, n in quarters))
        organisation, kind, term = self._facet
        begun = SessionFilter(kind=Kind(kind), started_from=first, started_to=last)
        found = Search(scope=Scope(organisation), filter=begun, terms=(term,))
        return _Stretch(first, last, _rows(self._transaction, found))


def _stretch(grain: int, bucket: int, sessions: int, fine: int) -> _Stretch:
    first = bucket * WIDTHS[grain]
    return _Stretch(first, first + WIDTHS[grain] - 1, sessions, grain, bool(fine))

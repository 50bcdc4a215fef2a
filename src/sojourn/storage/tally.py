"""Counts of sessions by when they began, kept in the transaction that writes the sessions.

Each facet has a count for each day and each 32 days; a day with many sessions also for each quarter of an hour, so that
an offset is found by passing over few entries of an index. Facets are all sessions of a kind, a person's, a device's, a
module's, and terms that are busy (`storage.busy`). docs/decisions/0100-counts-in-three-grains.md
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sojourn.core.model import DAY, EARLIEST, FIRST_VISIT, MINUTE, Instant, Kind
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("tally")

FINE = 1_000
"""A day with so many sessions has counts of its quarters of an hour."""


MONTHS, DAYS, QUARTERS = 0, 1, 2
"""The grains."""

WIDTHS: Sequence[int] = (32 * DAY, DAY, 15 * MINUTE)
"""How long the stretches of each grain are, in microseconds. In every time zone a day has whole quarters."""

EVERYTHING = ""

WORK, VISIT = Kind.WORK.value, Kind.VISIT.value

_FIRST_LETTERS = ("", "p", "d", "m")
"""Of the facets that are no terms."""


def of_person(number: int) -> str:
    """The facet of a person's sessions."""
    return f"p{number}"


def on_device(number: int) -> str:
    """The facet of what was on a device."""
    return f"d{number}"


def in_module(name: str) -> str:
    """The facet of what was in a module."""
    return f"m{name}"


def kind_of(session: int) -> Kind:
    """The kind of a session, which its number tells."""
    return Kind.VISIT if session >= FIRST_VISIT else Kind.WORK


def numbers_of(kind: Kind) -> tuple[int, int]:
    """The numbers that sessions of a kind can have: the lowest and the highest."""
    return (FIRST_VISIT, 2**62) if kind is Kind.VISIT else (1, FIRST_VISIT - 1)


Facet: TypeAlias = tuple[int, str, str]
"""An organisation, a kind of sessions, and the name of the facet."""


def is_term(facet: Facet) -> bool:
    """Whether a facet is that of a term."""
    return facet[2][:1] not in _FIRST_LETTERS


class Tally:
    """What a transaction changes in the counts. Written at its end, in one order, so that nobody waits crosswise."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._counts: Counter[tuple[Facet, Instant]] = Counter()
        self._entries: list[tuple[Sequence[Row], int]] = []
        self._remains: list[Mapping[str, Any]] = []

    def add(
        self, organisation: int, kind: Kind, at: Instant, *, person: int, device: int, module: str | None, n: int = 1
    ) -> None:
        """A session that began then is new, or (n = -1) gone."""
        facets = [EVERYTHING]
        facets += [of_person(person)] if person else []
        facets += [on_device(device)] if device else []
        facets += [] if module is None else [in_module(module)]
        for facet in facets:
            self._counts[(organisation, kind.value, facet), at] += n

    def add_terms(self, entries: Iterable[Row], n: int = 1) -> None:
        """Entries of the index are new, or (n = -1) gone: organisation, term, start and number of the session."""
        rows = list(entries)
        if rows:
            self._entries.append((rows, n))

    def remove_terms_of(self, organisation: int, kind: Kind, started_at: Instant, session: int) -> None:
        """Entries of a session count no more, though they are still there: they belong to what remains of it."""
        key = {"organisation": organisation, "kind": kind.value, "started_at": started_at, "session": session}
        self._remains.append(key)

    def write(self) -> None:
        """Change the counts.

        What is busy is asked only now: whoever tallies more of a term waits for those who have asked, and counts what
        they wrote; they wait for whoever does, see how far that went, and count what it could not see.
        """
        if self._entries or self._remains:
            self._transaction.run(_SQL["keep_busy"])
        if self._entries:
            self._counts.update(self._of_busy_terms())
        for key in self._remains:
            for organisation, kind, term, counted_to in self._transaction.run(_SQL["busy_terms_in"], key):
                at = key["started_at"]
                self._counts[(organisation, kind, term), at] -= 1 if at < counted_to else 0
        add_counts(self._transaction, self._counts)

    def _of_busy_terms(self) -> dict[tuple[Facet, Instant], int]:
        # Few terms are busy: to count what stands in any would take longer than to write it.
        asked = {
            (row[0], VISIT if row[3] >= FIRST_VISIT else WORK, row[1]) for rows, _ in self._entries for row in rows
        }
        counted_to = {
            (organisation, kind, term): end
            for organisation, kind, term, end in self._transaction.each(_SQL["busy_terms"], sorted(asked))
        }
        counts: Counter[tuple[Facet, Instant]] = Counter()
        for rows, n in self._entries if counted_to else ():
            for organisation, term, at, session in rows:
                facet = (organisation, kind_of(session).value, term)
                if at < counted_to.get(facet, EARLIEST):
                    counts[facet, at] += n
        return counts


def add_counts(transaction: Transaction, counts: Mapping[tuple[Facet, Instant], int]) -> None:
    """Add so many sessions that began then to the counts of facets."""
    coarse: Counter[Row] = Counter()
    for (facet, at), n in counts.items():
        for grain in (MONTHS, DAYS):
            coarse[*facet, grain, at // WIDTHS[grain]] += n
    days = {row[:3] + row[4:5]: row for row in _add(transaction, coarse) if row[3] == DAYS}
    fine: Counter[Row] = Counter()
    for (facet, at), n in counts.items():
        if days.get((*facet, at // DAY), (0,))[-1]:
            fine[*facet, QUARTERS, at // WIDTHS[QUARTERS]] += n
    _add(transaction, fine)
    for organisation, kind, name, _, day, sessions, is_fine in sorted(days.values()):
        if sessions >= FINE and not is_fine:
            _make_fine(transaction, (organisation, kind, name), day)


def _add(transaction: Transaction, counts: Mapping[Row, int]) -> list[Row]:
    """Add to counts, in one order; the rows as they are then. What comes to nothing is deleted.

    Nothing may be added, too: it locks the row, and tells whether the day is fine.
    """
    rows = transaction.each(_SQL["add_to_tally"], [(*place, n) for place, n in sorted(counts.items())])
    names = ("organisation", "kind", "facet", "grain", "bucket")
    for row in rows:
        if row[5] == 0:
            transaction.run(_SQL["drop_from_tally"], dict(zip(names, row, strict=False)))
    return rows


def _make_fine(transaction: Transaction, facet: Facet, day: int) -> None:
    """Count a day's quarters. Its row is locked, so that what others add to it comes after."""
    organisation, kind, name = facet
    quarters = quarters_between(transaction, facet, day * DAY, day * DAY + DAY - 1)
    rows = [(organisation, kind, name, QUARTERS, bucket, n) for bucket, n in sorted(quarters)]
    transaction.each(_SQL["add_to_tally"], rows)
    values = {"organisation": organisation, "kind": kind, "facet": name, "bucket": day}
    transaction.run(_SQL["make_fine"], values)


def quarters_between(transaction: Transaction, facet: Facet, first: Instant, last: Instant) -> Sequence[Row]:
    """How many sessions of a facet began in each quarter of an hour of a closed range, counted one by one."""
    organisation, kind, name = facet
    values: dict[str, Any] = {"organisation": organisation, "first": first, "last": last}
    letter, rest = name[:1], name[1:]
    if not letter:
        return transaction.run(_SQL["quarters_of_all"], {**values, "kind": kind})
    if letter == "d":
        return transaction.run(_SQL["quarters_on_device"], {**values, "kind": kind, "number": int(rest)})
    lowest, highest = numbers_of(Kind(kind))
    values |= {"lowest": lowest, "highest": highest}
    if letter == "p":
        return transaction.run(_SQL["quarters_of_person"], {**values, "number": int(rest)})
    if letter == "m":
        return transaction.run(_SQL["quarters_in_module"], {**values, "module": rest})
    return transaction.run(_SQL["quarters_of_term"], {**values, "term": name})


def between(transaction: Transaction, facet: Facet, grain: int, first: int, last: int) -> list[Row]:
    """The rows of a grain in a closed range of buckets, in order: grain, bucket, sessions, whether a day is fine."""
    organisation, kind, name = facet
    values = {"organisation": organisation, "kind": kind, "facet": name, "grain": grain, "first": first, "last": last}
    return transaction.run(_SQL["tallied"], values)

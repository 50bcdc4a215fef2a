"""Terms that stand in so many sessions that they are tallied, too: found when they are asked for, counted in pieces.

A piece is some whole days of a term. While it is counted nobody else changes what is tallied of terms; what is written
meanwhile waits at its very end. What lies beyond the pieces that are counted is counted in the index, so that every
total is right from the first moment on. docs/decisions/0101-busy-terms-are-counted-in-pieces.md
"""

import threading

from sojourn.core.model import DAY, LATEST, Instant
from sojourn.storage.engine import Engine, Row, Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import QUARTERS, WIDTHS, Facet, add_counts, kind_of, quarters_between

_SQL = load("tally")
_ACCESS = load("access")

BUSY = 5_000
"""A term that stands in more sessions is tallied."""

PIECE = 20_000
"""How many entries of a term are counted at a time: some ten milliseconds."""


class Noted:
    """Busy terms that were met, until somebody sees to it that they are counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facets: set[Facet] = set()

    def note(self, facet: Facet, sessions: int) -> None:
        """So many sessions of a term were counted one by one."""
        if sessions > BUSY:
            with self._lock:
                self._facets.add(facet)

    def take(self) -> list[Facet]:
        """Those that were met since the last time."""
        with self._lock:
            facets, self._facets = self._facets, set()
        return sorted(facets)


def counted_to(transaction: Transaction, facet: Facet) -> Instant:
    """Before which start a term is tallied; nothing of it is where it is not busy."""
    rows = transaction.each(_SQL["busy_terms"], [facet])
    return int(rows[0][3]) if rows else 0


def begin(engine: Engine, facets: list[Facet]) -> int:
    """Let terms be counted from now on; how many were not before."""
    if not facets:
        return 0
    with engine.write() as transaction:
        return len(transaction.each(_SQL["begin_counting"], facets))


def count_piece(engine: Engine) -> bool:
    """Count one more piece of one term; False where none is left."""
    with engine.read() as transaction:
        rows = transaction.run(_SQL["unfinished"], {"latest": LATEST})
        if not rows:
            return False
        end = _end_of_piece(transaction, rows[0])
    *facet, begun = rows[0]
    organisation, kind, term = facet
    with engine.write() as transaction:
        transaction.reserve("busy")
        if counted_to(transaction, (organisation, kind, term)) == begun:  # else another process was quicker
            _count(transaction, (organisation, kind, term), begun, end)
    return True


def _end_of_piece(transaction: Transaction, row: Row) -> Instant:
    """The start of the day before which a piece ends, a whole day at least; beyond everything where it is the last."""
    organisation, _, term, begun = row
    values = {"organisation": organisation, "term": term, "first": begun, "n": PIECE}
    beyond = transaction.run(_SQL["entry_beyond"], values)
    if not beyond:
        return LATEST + 1
    day: int = max(beyond[0][0] // DAY, begun // DAY + 1)
    return day * DAY


def _count(transaction: Transaction, facet: Facet, begun: Instant, end: Instant) -> None:
    organisation, kind, term = facet
    quarters = quarters_between(transaction, facet, begun, end - 1)
    add_counts(transaction, {(facet, quarter * WIDTHS[QUARTERS]): n for quarter, n in quarters})
    values = {"organisation": organisation, "kind": kind, "term": term, "counted_to": end}
    transaction.run(_SQL["count_up_to"], values)


def seek(engine: Engine) -> list[Facet]:
    """All busy terms of all organisations.

    It goes over the index once, in steps of as many entries as make a term busy, and leaps over the rest of those that
    are.
    """
    with engine.read() as transaction:
        organisations = [row[0] for row in transaction.run(_ACCESS["organisations"])]
    return sorted({facet for organisation in organisations for facet in _seek_in(engine, organisation)})


def _seek_in(engine: Engine, organisation: int) -> set[Facet]:
    found: set[Facet] = set()
    term = ""
    while True:
        with engine.read() as transaction:
            values = {"organisation": organisation, "term": term}
            rows = transaction.run(_SQL["term_further_on"], {**values, "n": BUSY})
            if rows and rows[0][0] == term:
                found |= {(organisation, kind_of(session).value, term) for _, session in rows}
                rows = transaction.run(_SQL["term_after"], values)
        if not rows:
            return found
        term = rows[0][0]

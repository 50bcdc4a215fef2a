"""Where each table lies in a cluster.

What belongs to a session lies with it, in pieces by the session's number: whatever is done to one session is done on
one machine. Of what a session's lists look up, every machine has a copy, as of all that is small and seldom written.
Why so: docs/decisions/0170-a-session-on-one-machine.md
"""

from sojourn.storage.engine import Placement, Spread
from sojourn.storage.tables import Table, tables

FIRST = "session"

HERE = frozenset({"agent", "busy", "counter", "epoch", "idempotency", "lease", "tally"})
"""Written with nearly every request, or looked at with each, and never joined with a session: on one machine alone."""


def placements(last: int | None = None) -> list[Placement]:
    """Of the tables after the migration of that number, or after all; that of the sessions comes first."""
    known = tables(last).values()
    return sorted([_placement(table) for table in known], key=lambda placement: placement.table != FIRST)


def _placement(table: Table) -> Placement:
    if table.name == FIRST:
        return Placement(table=table.name, spread=Spread.PIECES, column="id")
    if FIRST in table.key:
        return Placement(table=table.name, spread=Spread.PIECES, column=FIRST, beside=FIRST)
    return Placement(table=table.name, spread=Spread.HERE if table.name in HERE else Spread.COPIES)

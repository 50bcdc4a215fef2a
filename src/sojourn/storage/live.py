"""What is going on now: a look at what was touched lately, by short ranges of indexes alone."""

from collections.abc import Sequence

from sojourn.core.live import Glance, Seen
from sojourn.core.model import FIRST_VISIT, Activity, Session
from sojourn.core.visit import VisitKept
from sojourn.storage import visits
from sojourn.storage.engine import Transaction
from sojourn.storage.reading import activity_of, told_sessions
from sojourn.storage.sql import load

_SQL = load("live")


def look(transaction: Transaction, glance: Glance) -> Seen:
    """What a look finds, all of it from one moment."""
    values = {"organisation": glance.organisation, "below": FIRST_VISIT, "limit": glance.limit}
    ((session, visit),) = transaction.run(_SQL["highest"], values)
    running = told_sessions(transaction, transaction.run(_SQL["running"], {**values, "since": glance.since}))
    ended: Sequence[Session] = ()
    measured: Sequence[VisitKept] = ()
    if glance.above is not None:
        added = transaction.run(_SQL["added"], {**values, "above": glance.above[0]})
        asked = sorted({*glance.watched, *[number for (number,) in added]})
        ended = told_sessions(
            transaction, transaction.each(_SQL["ended"], [(glance.organisation, number) for number in asked])
        )
        measured = visits.read_newer(transaction, glance.organisation, glance.above[1], glance.limit)
    return Seen(
        running=running,
        ended=tuple(sorted(ended, key=lambda one: -one.updated_at)),
        visits=tuple(measured),
        latest={} if glance.above is None else _latest(transaction, [*running, *ended]),
        highest=(session or 0, visit or 0),
    )


def _latest(transaction: Transaction, sessions: Sequence[Session]) -> dict[int, Activity]:
    """The last of what was done in each; of several at that moment the one that came last."""
    keys = [(one.organisation, one.id, one.last_at) for one in sessions if one.last_at is not None]
    found: dict[int, Activity] = {}
    for session, *row in transaction.each(_SQL["latest"], keys):
        activity = activity_of(row)
        if session not in found or found[session].seq < activity.seq:
            found[session] = activity
    return found

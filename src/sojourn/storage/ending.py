"""End sessions: because somebody says so, or because nothing happens in them any more."""

from collections.abc import Sequence

from sojourn.core.errors import Ended, Invalid, Unknown
from sojourn.core.intent import End, Finished, Verdict
from sojourn.core.model import SECOND, Closing, Instant
from sojourn.core.span import span_class
from sojourn.storage.engine import Transaction
from sojourn.storage.remarking import add_remarks
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")


def end_sessions(transaction: Transaction, tally: Tally, intents: Sequence[End], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    return [_end(transaction, tally, intent, now) for intent in intents]


def _end(transaction: Transaction, tally: Tally, intent: End, now: Instant) -> Verdict:
    scope, number = intent.scope, intent.session_id
    values = {"organisation": scope.organisation, "id": number, "person": scope.person}
    held = transaction.run(_SQL["hold"], values)
    if not held:
        return Unknown("session", number)
    started_at, ended_at, closing, last_at = held[0]
    at = max(now, started_at, last_at or started_at) if intent.at is None else intent.at
    if at < started_at:
        return Invalid("at", "must not be before the start of the session")
    if last_at is not None and at < last_at:
        return Invalid("at", "must not be before the last activity of the session")
    if ended_at is not None:
        if not intent.late:
            return Ended(number)
        if closing != Closing.IDLE and ended_at != at:
            return Ended(number)
    if ended_at is None or closing == Closing.IDLE:  # the server only supposed an end; the collector knows it
        span = span_class(started_at, at)
        transaction.run(_SQL["finish"], {"organisation": scope.organisation, "id": number, "at": at, "span": span})
    remarks = add_remarks(transaction, tally, scope.organisation, number, intent.remarks, now)
    return Finished(remarks=remarks, ended_at=at, updated_at=now)


def close_idle(transaction: Transaction, now: Instant, limit: int) -> int:
    """Close up to `limit` sessions of each organisation that were idle for longer than it allows; how many."""
    closed = 0
    for organisation, seconds in transaction.run(_SQL["idle_limits"]):
        before = now - seconds * SECOND
        rows = transaction.run(_SQL["idle_sessions"], {"organisation": organisation, "before": before, "limit": limit})
        ends = [
            (organisation, number, seen_at, span_class(started_at, seen_at), before, now)
            for number, started_at, seen_at in sorted(rows)
        ]
        closed += len(transaction.each(_SQL["close_idle"], ends))
    return closed

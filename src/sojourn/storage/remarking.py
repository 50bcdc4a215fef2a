"""Add remarks to a session: each reason and comment once, or once for each time that they were given with."""

from collections.abc import Sequence

from sojourn.core.errors import Unknown
from sojourn.core.intent import Annotate, Annotated, Verdict
from sojourn.core.model import Instant, Remark, RemarkDraft
from sojourn.core.terms import remark_terms
from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")


def annotate_sessions(
    transaction: Transaction, tally: Tally, intents: Sequence[Annotate], now: Instant
) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    return [_annotate(transaction, tally, intent, now) for intent in intents]


def _annotate(transaction: Transaction, tally: Tally, intent: Annotate, now: Instant) -> Verdict:
    scope, number = intent.scope, intent.session_id
    if not transaction.run(_SQL["hold"], {"organisation": scope.organisation, "id": number, "person": scope.person}):
        return Unknown("session", number)
    remarks = add_remarks(transaction, tally, scope.organisation, number, intent.remarks, now)
    return Annotated(remarks=remarks, updated_at=now)


def add_remarks(
    transaction: Transaction, tally: Tally, organisation: int, session: int, drafts: Sequence[RemarkDraft], now: Instant
) -> tuple[Remark, ...]:
    """Add those that the session, which is held, has not yet; all that it has then, oldest first."""
    key = {"organisation": organisation, "session": session}
    locked = transaction.run(_SQL["annotate"], {"organisation": organisation, "id": session, "n": 0, "now": now})
    rows = transaction.run(_SQL["remarks_of"], key)
    remarks = [Remark(reason=reason, comment=comment, at=at) for _, _, reason, comment, at in rows]
    known = {(r.reason, r.comment, at) for r in remarks for at in (r.at, None)}
    fresh = [d for d in dict.fromkeys(drafts) if (d.reason, d.comment, d.at) not in known]
    if fresh:
        ((started_at,),) = locked
        transaction.run(_SQL["annotate"], {"organisation": organisation, "id": session, "n": len(fresh), "now": now})
        transaction.each(
            _SQL["add_remarks"],
            [
                (organisation, session, seq, now if d.at is None else d.at, d.reason, d.comment)
                for seq, d in enumerate(fresh, len(rows) + 1)
            ],
        )
        terms = [(organisation, term, started_at, session) for term in sorted(remark_terms(fresh))]
        tally.add_terms(transaction.each(_SQL["add_terms"], terms))
    remarks += [Remark(reason=d.reason, comment=d.comment, at=now if d.at is None else d.at) for d in fresh]
    return tuple(sorted(remarks, key=lambda remark: remark.at))

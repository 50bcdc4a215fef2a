"""Delete sessions, with everything that they hold and everything that could find them."""

from collections.abc import Sequence

import msgspec

from sojourn.core.errors import Unknown
from sojourn.core.intent import Delete, Deleted, Verdict
from sojourn.core.model import ActivityDraft, Instant, Kind, RemarkDraft
from sojourn.core.terms import activity_terms, remark_terms
from sojourn.storage import keys
from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")
_VISITS = load("visits")


def delete_sessions(transaction: Transaction, tally: Tally, intents: Sequence[Delete], _now: Instant) -> list[Verdict]:
    """Delete them; a verdict for each, in order."""
    return [_delete(transaction, tally, intent) for intent in intents]


def _delete(transaction: Transaction, tally: Tally, intent: Delete) -> Verdict:
    organisation, number = intent.scope.organisation, intent.session_id
    gone = transaction.run(
        _SQL["delete_session"], {"organisation": organisation, "id": number, "person": intent.scope.person}
    )
    if not gone:
        return Unknown("session", number)
    ((started_at, kind, person, device, module),) = gone
    for term in sorted(_terms(transaction, organisation, number)):
        values = {"organisation": organisation, "term": term, "started_at": started_at, "session": number}
        tally.add_terms(transaction.run(_SQL["delete_terms"], values), -1)
    for name in ("delete_activities", "delete_remarks"):
        transaction.run(_SQL[name], {"organisation": organisation, "session": number})
    if kind == Kind.VISIT:
        for name in ("delete_visit", "delete_report", "delete_har"):
            transaction.run(_VISITS[name], {"organisation": organisation, "session": number})
    keys.forget_session(transaction, organisation, number)
    tally.add(organisation, Kind(kind), started_at, person=person, device=device, module=module, n=-1)
    return Deleted(session_id=number)


def _terms(transaction: Transaction, organisation: int, session: int) -> set[str]:
    key = {"organisation": organisation, "session": session}
    activities = [
        ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note)
        for entity_type, entity_id, name, note in transaction.run(_SQL["terms_to_delete"], key)
    ]
    remarks = [
        RemarkDraft(reason=reason, comment=comment)
        for _, _, reason, comment, _ in transaction.run(_SQL["remarks_of"], key)
    ]
    told = transaction.run(_VISITS["terms_of_visit"], key)
    facets = set(msgspec.json.decode(told[0][0], type=list[str])) if told else set()
    return activity_terms(activities) | remark_terms(remarks) | facets

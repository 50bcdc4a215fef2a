"""Delete sessions because somebody says so, one by one."""

from collections.abc import Sequence

from sojourn.core.access import EVERYBODY
from sojourn.core.errors import Held, Unknown
from sojourn.core.intent import Delete, Deleted, Verdict
from sojourn.core.model import Instant
from sojourn.storage.engine import Transaction
from sojourn.storage.removal import Locked, Place, lock, remove
from sojourn.storage.tally import Tally


def delete_sessions(transaction: Transaction, tally: Tally, intents: Sequence[Delete], _now: Instant) -> list[Verdict]:
    """Delete them; a verdict for each, in order."""
    locked = lock(transaction, [(intent.scope.organisation, intent.session_id) for intent in intents])
    gone: dict[Place, Locked] = {}
    verdicts = [_verdict(intent, locked, gone) for intent in intents]
    remove(transaction, tally, list(gone.values()))
    return verdicts


def _verdict(intent: Delete, locked: dict[Place, Locked], gone: dict[Place, Locked]) -> Verdict:
    scope, number = intent.scope, intent.session_id
    place = (scope.organisation, number)
    session = locked.get(place)
    if session is None or place in gone or scope.person not in (EVERYBODY, session.person):
        return Unknown("session", number)
    if session.held:
        return Held("session", number)
    gone[place] = session
    return Deleted(session_id=number)

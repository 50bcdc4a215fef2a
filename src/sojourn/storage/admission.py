"""Which sessions may be opened: decided before anything is written, so that a refused one leaves nothing behind."""

from collections.abc import Iterable, Sequence

from sojourn.core.access import EVERYBODY
from sojourn.core.errors import Exists, Forbidden, SojournError
from sojourn.core.intent import Open
from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load

_PEOPLE = load("people")
_SESSIONS = load("sessions")


def refusals(transaction: Transaction, intents: Sequence[Open]) -> dict[int, SojournError]:
    """Why some may not be opened, each by its index."""
    narrowed = [i for i, intent in enumerate(intents) if intent.scope.person != EVERYBODY]
    refused: dict[int, SojournError] = {
        i: Forbidden("a session of your own") for i in _others(transaction, intents, narrowed)
    }
    kept = [i for i, intent in enumerate(intents) if intent.id is not None and i not in refused]
    return refused | {i: Exists("session", intents[i].id) for i in _taken(transaction, intents, kept)}


def _others(transaction: Transaction, intents: Sequence[Open], narrowed: Sequence[int]) -> Iterable[int]:
    """Those that are of another person than their caller is narrowed to."""
    scopes = {(intents[i].scope.organisation, intents[i].scope.person) for i in narrowed}
    logins = {(o, number): login for o, number, login in transaction.each(_PEOPLE["people_by_id"], sorted(scopes))}
    for i in narrowed:
        scope, person = intents[i].scope, intents[i].person
        known = person.login is not None and person.login == logins.get((scope.organisation, scope.person))
        if not known and person.id != scope.person:
            yield i


def _taken(transaction: Transaction, intents: Sequence[Open], kept: Sequence[int]) -> Iterable[int]:
    """Those that keep a number which another session has, perhaps one before them."""
    wanted = {i: (intents[i].scope.organisation, intents[i].id) for i in kept}
    rows = [(*place, EVERYBODY) for place in sorted(set(wanted.values()))]
    taken = {(o, number) for o, number, *_ in transaction.each(_SESSIONS["standing"], rows)}
    for i, place in wanted.items():
        if place in taken:
            yield i
        taken.add(place)

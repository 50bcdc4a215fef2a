"""Which sessions may be opened: decided before anything is written, so that a refused one leaves nothing behind."""

from collections.abc import Iterable, Sequence

from sojourn.core.access import EVERYBODY
from sojourn.core.errors import Exists, Forbidden, SojournError
from sojourn.core.intent import Open
from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load

_PEOPLE = load("people")
_REMOVAL = load("removal")
_SESSIONS = load("sessions")


def refusals(transaction: Transaction, intents: Sequence[Open]) -> dict[int, SojournError]:
    """Why some may not be opened, each by its index."""
    narrowed = [i for i, intent in enumerate(intents) if intent.scope.person != EVERYBODY]
    refused: dict[int, SojournError] = {
        i: Forbidden("a session of your own") for i in _others(transaction, intents, narrowed)
    }
    refused = _confused(transaction, intents) | refused
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


def _confused(transaction: Transaction, intents: Sequence[Open]) -> dict[int, SojournError]:
    """Those that give a number and a login which are not the same person's."""
    whole = [i for i, intent in enumerate(intents) if intent.person.id and intent.person.login]
    people = [(intents[i].scope.organisation, intents[i].person) for i in whole]
    logins = sorted({(o, person.login) for o, person in people})
    numbers = sorted({(o, person.id) for o, person in people})
    number_of: dict[tuple[int, str | None], int | None]
    login_of: dict[tuple[int, int | None], str | None]
    number_of = {(o, login): number for o, login, number in transaction.each(_PEOPLE["people_by_login"], logins)}
    login_of = {(o, number): login for o, number, login in transaction.each(_PEOPLE["people_by_id"], numbers)}
    refused: dict[int, SojournError] = {}
    for i, (o, person) in zip(whole, people, strict=True):
        number = number_of.get((o, person.login), person.id)
        login = login_of.get((o, person.id), person.login)
        if number != person.id:
            refused[i] = Exists("person", f"{person.login}, with the number {number}")
        elif login != person.login:
            refused[i] = Exists("person", f"{person.id}, with the login {login}")
        else:
            number_of[o, person.login], login_of[o, person.id] = number, login
    return refused


def _taken(transaction: Transaction, intents: Sequence[Open], kept: Sequence[int]) -> Iterable[int]:
    """Those that keep a number which another session has, perhaps one before them."""
    wanted = {i: (intents[i].scope.organisation, intents[i].id) for i in kept}
    asked = sorted(set(wanted.values()))
    taken = set(transaction.each(_SESSIONS["taken"], asked)) | set(transaction.each(_REMOVAL["remaining"], asked))
    for i, place in wanted.items():
        if place in taken:
            yield i
        taken.add(place)

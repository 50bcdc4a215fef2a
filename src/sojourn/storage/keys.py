"""Idempotency: a request with a known key is told what it was told the first time, and nothing is written."""

from collections.abc import Callable, Sequence

import msgspec

from sojourn.core.errors import KeyReused, SojournError
from sojourn.core.intent import Annotated, Deleted, Finished, Intent, Key, Opened, Recorded, Told, Verdict
from sojourn.core.model import DAY, Instant
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("keys")

KEPT_FOR = DAY
"""How long a key is remembered, in microseconds (our decision)."""

_ANSWERS: dict[str, type[Told]] = {kind.__name__: kind for kind in (Opened, Recorded, Annotated, Finished, Deleted)}


class Overtaken(Exception):
    """Another process wrote the same key first: the whole transaction is tried again."""


def once(
    transaction: Transaction,
    intents: Sequence[Intent],
    now: Instant,
    write: Callable[[Sequence[Intent]], list[Verdict]],
) -> list[Verdict]:
    """Write what has no key or a new one; tell the others what they were told.

    Raises: Overtaken.
    """
    keyed = {_place(intent): i for i, intent in reversed(list(enumerate(intents))) if intent.key}
    if not keyed:
        return write(intents)
    rows = [(*place, now - KEPT_FOR) for place in sorted(keyed)]
    known = {
        (o, p, k): (fingerprint, answer) for o, p, k, fingerprint, answer in transaction.each(_SQL["known_keys"], rows)
    }
    first = [
        i
        for i, intent in enumerate(intents)
        if not intent.key or (keyed[_place(intent)] == i and _place(intent) not in known)
    ]
    verdicts = dict(zip(first, write([intents[i] for i in first]), strict=True))
    fresh = []
    for i in first:
        key, verdict = intents[i].key, verdicts[i]
        if key and not isinstance(verdict, SojournError):
            known[_place(intents[i])] = kept = (key.fingerprint, _encode(verdict))
            fresh.append((*_place(intents[i]), _session_of(intents[i], verdict), *kept, now))
    if len(transaction.each(_SQL["keep_keys"], sorted(fresh))) < len(fresh):
        raise Overtaken
    for i, intent in enumerate(intents):
        if i not in verdicts and intent.key:
            place = _place(intent)
            verdicts[i] = _repeat(intent.key, known[place]) if place in known else verdicts[keyed[place]]
    return [verdicts[i] for i in range(len(intents))]


def _place(intent: Intent) -> tuple[int, int, str]:
    assert intent.key is not None
    return (intent.scope.organisation, intent.key.principal, intent.key.text)


def _session_of(intent: Intent, told: Told) -> int:
    return told.session.id if isinstance(told, Opened) else intent.session_id  # type: ignore[union-attr]


def _repeat(key: Key, kept: tuple[str, str]) -> Verdict:
    fingerprint, answer = kept
    return _decode(answer) if fingerprint == key.fingerprint else KeyReused(key.text)


def _encode(told: Told) -> str:
    return msgspec.json.encode([type(told).__name__, told]).decode()


def _decode(answer: str) -> Told:
    kind, told = msgspec.json.decode(answer, type=tuple[str, msgspec.Raw])
    return msgspec.json.decode(told, type=_ANSWERS[kind])


def forget_session(transaction: Transaction, organisation: int, session: int) -> None:
    """Forget what was told of a session: it is deleted."""
    transaction.run(_SQL["forget_session"], {"organisation": organisation, "session": session})


def forget(transaction: Transaction, before: Instant, limit: int) -> int:
    """Forget up to `limit` keys from before then; how many."""
    rows: list[Row] = transaction.run(_SQL["old_keys"], {"before": before, "limit": limit})
    for organisation, principal, key in rows:
        values = {"organisation": organisation, "principal": principal, "key": key, "before": before}
        transaction.run(_SQL["forget_keys"], values)
    return len(rows)

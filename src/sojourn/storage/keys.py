"""Idempotency: a request with a known key is told what it was told the first time, and nothing is written."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import msgspec

from sojourn.core.errors import KeyReused, SojournError
from sojourn.core.intent import Deleted, Delivered, Intent, Key, Opened, Told, Verdict
from sojourn.core.model import DAY, Instant
from sojourn.storage.engine import Conflict, Row, Transaction
from sojourn.storage.sql import load

_SQL = load("keys")

KEPT_FOR = DAY
"""How long a key is remembered, in microseconds (our decision)."""

Place = tuple[int, int, str]
"""Where a key is known: in an organisation, of a principal, by its text."""

_ANSWERS: dict[str, type[Told]] = {kind.__name__: kind for kind in get_args(Told)}


class Overtaken(Conflict):
    """Another process wrote the same key, or the same person, first: the whole transaction is tried again."""


def once(
    transaction: Transaction,
    intents: Sequence[Intent],
    now: Instant,
    write: Callable[[Sequence[Intent]], list[Verdict]],
) -> list[Verdict]:
    """Write what has no key or a new one; tell the others what they were told.

    Raises: Overtaken.
    """
    if not any(intent.key for intent in intents):
        return write(intents)
    memory = _Memory(transaction, intents, now)
    verdicts: dict[int, Verdict] = {}
    waiting = list(range(len(intents)))
    while waiting:  # more than once only where a key comes several times
        first, waiting = memory.recall(waiting, verdicts)
        verdicts |= zip(first, write([intents[i] for i in first]), strict=True)
        memory.learn({i: verdicts[i] for i in first})
    memory.keep()
    return [verdicts[i] for i in range(len(intents))]


class _Memory:
    """What the keys of some intents stand for, before and after they are written."""

    def __init__(self, transaction: Transaction, intents: Sequence[Intent], now: Instant) -> None:
        self._transaction = transaction
        self._intents = intents
        self._now = now
        places = {_place(intent.scope.organisation, intent.key) for intent in intents if intent.key}
        rows = [(*place, now - KEPT_FOR) for place in sorted(places)]
        self._known = {
            (o, p, k): (fingerprint, answer)
            for o, p, k, fingerprint, answer in transaction.each(_SQL["known_keys"], rows)
        }
        self._refused: dict[tuple[Place, str], SojournError] = {}
        self._fresh: list[tuple[Place, int, Told]] = []
        self._deleted: set[tuple[int, int]] = set()

    def recall(self, waiting: Sequence[int], verdicts: dict[int, Verdict]) -> tuple[list[int], list[int]]:
        """Tell those that are known; which of the others come first, and which must wait for one of these."""
        first: list[int] = []
        later: list[int] = []
        taken: set[Place] = set()
        for i in waiting:
            key = self._intents[i].key
            if key is None:
                first.append(i)
                continue
            place = _place(self._intents[i].scope.organisation, key)
            if place in self._known:
                verdicts[i] = _repeat(key, self._known[place])
            elif place in taken:
                later.append(i)
            elif (place, key.fingerprint) in self._refused:
                verdicts[i] = self._refused[place, key.fingerprint]
            else:
                taken.add(place)
                first.append(i)
        return first, later

    def learn(self, verdicts: Mapping[int, Verdict]) -> None:
        """What has been written, or refused: that leaves the key as good as new, but for the same content."""
        for i, verdict in verdicts.items():
            intent = self._intents[i]
            if isinstance(verdict, Deleted):
                self._deleted.add((intent.scope.organisation, verdict.session_id))
            if intent.key is None:
                continue
            place = _place(intent.scope.organisation, intent.key)
            if isinstance(verdict, SojournError):
                self._refused[place, intent.key.fingerprint] = verdict
            else:
                self._known[place] = (intent.key.fingerprint, _encode(verdict))
                self._fresh.append((place, i, verdict))

    def keep(self) -> None:
        """Write what was learnt, but of a session that was deleted nothing else than that. Raises: Overtaken."""
        rows = []
        for place, i, told in self._fresh:
            session = _session_of(self._intents[i], told)
            if isinstance(told, Deleted) or (place[0], session) not in self._deleted:
                rows.append((*place, session, *self._known[place], self._now))
        if len(self._transaction.each(_SQL["keep_keys"], sorted(rows))) < len(rows):
            raise Overtaken


def _place(organisation: int, key: Key) -> Place:
    return (organisation, key.principal, key.text)


def _session_of(intent: Intent, told: Told) -> int:
    if isinstance(told, Opened):
        return told.session.id
    return told.session_id if isinstance(told, Delivered) else intent.session_id  # type: ignore[union-attr]


def _repeat(key: Key, kept: tuple[str, str]) -> Verdict:
    fingerprint, answer = kept
    return _decode(answer) if fingerprint == key.fingerprint else KeyReused(key.text)


def _encode(told: Told) -> str:
    return msgspec.json.encode([type(told).__name__, told]).decode()


def _decode(answer: str) -> Told:
    kind, told = msgspec.json.decode(answer, type=tuple[str, msgspec.Raw])
    return msgspec.json.decode(told, type=_ANSWERS[kind])


def forget(transaction: Transaction, before: Instant, limit: int) -> int:
    """Forget up to `limit` keys from before then; how many."""
    rows: list[Row] = transaction.run(_SQL["old_keys"], {"before": before, "limit": limit})
    for organisation, principal, key in rows:
        values = {"organisation": organisation, "principal": principal, "key": key, "before": before}
        transaction.run(_SQL["forget_keys"], values)
    return len(rows)

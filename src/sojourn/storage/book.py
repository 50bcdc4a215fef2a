"""What a session says of an entity, and what it could still be found by without that: read outside of any lock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from sojourn.core.erasure import EntityErased
from sojourn.core.model import EARLIEST, ActivityDraft, Instant, RemarkDraft
from sojourn.core.terms import activity_terms, remark_terms
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("custody")
_SESSIONS = load("sessions")

PAGE = 5_000


@dataclass(slots=True, kw_only=True)
class Book:
    """One session: `touches` are activities on the entity (time, number, terms), `terms` how often each term is said.

    `keys` are requests whose answers speak of it. It holds as long as the session's last number, its count of
    activities and that of its remarks are `state`.
    """

    organisation: int
    session: int
    started_at: Instant
    state: tuple[int, int, int]
    touches: list[tuple[Instant, int, frozenset[str]]]
    terms: Counter[str]
    keys: list[tuple[int, str]]

    def orphaned(self, taken: Sequence[tuple[Instant, int, frozenset[str]]]) -> list[str]:
        """The terms that nothing says any more without these."""
        fewer = Counter(term for *_, terms in taken for term in terms)
        return sorted(term for term, n in fewer.items() if self.terms[term] == n)

    def strike(self, taken: Sequence[tuple[Instant, int, frozenset[str]]]) -> None:
        """They are gone."""
        self.touches = self.touches[len(taken) :]
        self.terms -= Counter(term for *_, terms in taken for term in terms)
        last, activities, remarks = self.state
        self.state = (last, activities - len(taken), remarks)


def read_book(
    transaction: Transaction, organisation: int, session: int, started_at: Instant, entity: EntityErased
) -> Book | None:
    """The book of a session, if it is there."""
    rows = transaction.run(_SQL["counts_of"], {"organisation": organisation, "id": session})
    if not rows:
        return None
    book = Book(
        organisation=organisation,
        session=session,
        started_at=started_at,
        state=rows[0],
        touches=[],
        terms=Counter(),
        keys=_keys(transaction, organisation, session, entity),
    )
    key = {"organisation": organisation, "session": session}
    for _, _, reason, comment, _ in transaction.run(_SESSIONS["remarks_of"], key):
        book.terms.update(remark_terms([RemarkDraft(reason=reason, comment=comment)]))
    place: Row = (EARLIEST - 1, 0)
    while place:
        values = {**key, "at": place[0], "seq": place[1], "limit": PAGE}
        some = transaction.run(_SESSIONS["activities_of"], values)
        _enter(book, some, entity)
        place = (some[-1][1], some[-1][0]) if len(some) == PAGE else ()
    return book


def _enter(book: Book, rows: Sequence[Row], entity: EntityErased) -> None:
    for seq, at, entity_type, entity_id, name, note in rows:
        draft = ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note)
        terms = activity_terms([draft])
        book.terms.update(terms)
        if entity_type == entity.type and entity_id == entity.id:
            book.touches.append((at, seq, frozenset(terms)))


def _keys(transaction: Transaction, organisation: int, session: int, entity: EntityErased) -> list[tuple[int, str]]:
    said = msgspec.json.encode(entity.id).decode()
    found: list[tuple[int, str]] = []
    place: Row = (0, "")
    while place:
        values = {"organisation": organisation, "session": session, "limit": PAGE}
        rows = transaction.run(_SQL["answers_of"], {**values, "principal": place[0], "key": place[1]})
        found += [(principal, key) for principal, key, answer in rows if said in answer]
        place = rows[-1][:2] if len(rows) == PAGE else ()
    return found

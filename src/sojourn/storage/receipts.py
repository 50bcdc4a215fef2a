"""Erasures as they are kept: what was asked for, how far it is, and what it deleted."""

from dataclasses import replace

import msgspec

from sojourn.core.erasure import (
    MOST_NAMED,
    Counts,
    EntityErased,
    Erasure,
    Left,
    PersonErased,
    Subject,
    chained,
    noun_of,
    subject_digest,
)
from sojourn.core.errors import Unknown
from sojourn.core.model import Instant
from sojourn.storage import numbers, removal
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("custody")


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an erasure is: after which session, in which pass, how much that deleted, and all that is told of it."""

    at: Instant = -1
    session: int = 0
    passes: int = 0
    touched: int = 0
    digest: str = ""
    deleted: Counts = Counts()
    left: Left = Left()
    over: bool = False
    scrubbed: bool = False

    def beyond(self, at: Instant, session: int, *, held: bool = False, visit: bool = False) -> "Progress":
        """The same after one session more."""
        left = self.left
        if held:
            left = named(left, "held", session)
        if visit:
            left = named(left, "visits", session)
        return msgspec.structs.replace(self, at=at, session=session, left=left, digest=chained(self.digest, session))

    def again(self) -> "Progress":
        """The same before another pass, which finds anew what is left."""
        return msgspec.structs.replace(self, at=-1, session=0, passes=self.passes + 1, touched=0, left=Left())


def named(left: Left, field: str, session: int) -> Left:
    """The same with one session more in one of its lists, where there is room."""
    known: tuple[int, ...] = getattr(left, field)
    if session in known:
        return left
    if len(known) >= MOST_NAMED:
        return replace(left, more=True)
    return replace(left, **{field: (*known, session)})  # type: ignore[arg-type]


def encode(progress: Progress) -> str:
    """As it is kept."""
    return msgspec.json.encode(progress).decode()


def decode(text: str) -> Progress:
    """As it was kept."""
    return msgspec.json.decode(text, type=Progress)


def _subject_text(subject: Subject) -> str:
    return msgspec.json.encode(subject).decode()


def _subject(noun: str, text: str | None) -> Subject | None:
    if text is None:
        return None
    kind: type[PersonErased] | type[EntityErased] = PersonErased if noun == "person" else EntityErased
    return msgspec.json.decode(text, type=kind)


def job_of(row: Row) -> Erasure:
    """A row as the statements tell it."""
    organisation, number, noun, subject, salt, digest, why, asked_by, asked_at, begun_at, ended_at, text = row
    progress = decode(text)
    return Erasure(
        organisation=organisation,
        id=number,
        noun=noun,
        subject=_subject(noun, subject),
        salt=salt,
        subject_digest=digest,
        why=why,
        asked_by=asked_by,
        asked_at=asked_at,
        begun_at=begun_at,
        ended_at=ended_at,
        deleted=progress.deleted,
        left=progress.left,
        digest=progress.digest,
        scrubbed=progress.scrubbed,
    )


def ask(
    transaction: Transaction,
    organisation: int,
    subject: Subject,
    salt: str,
    why: str,
    asked_by: str,
    asked_at: Instant,
) -> Erasure:
    """Note it, or find the one of the same that is not done yet."""
    (number,) = numbers.take(transaction, organisation, "erasure", 1)  # locks: of two that ask, one finds the other's
    noun, text = noun_of(subject), _subject_text(subject)
    rows = transaction.run(_SQL["asked_already"], {"organisation": organisation, "noun": noun, "subject": text})
    if rows:
        return job_of(rows[0])
    values = {
        "organisation": organisation,
        "id": number,
        "noun": noun,
        "subject": text,
        "salt": salt,
        "subject_digest": subject_digest(subject, salt),
        "why": why,
        "asked_by": asked_by,
        "asked_at": asked_at,
        "progress": encode(Progress()),
    }
    transaction.run(_SQL["ask"], values)
    return one(transaction, organisation, number)


def all_of(transaction: Transaction, organisation: int) -> list[Erasure]:
    """All of an organisation, newest first."""
    return [job_of(row) for row in transaction.run(_SQL["erasures"], {"organisation": organisation})]


def one(transaction: Transaction, organisation: int, number: int) -> Erasure:
    """One of them. Raises: Unknown."""
    rows = transaction.run(_SQL["erasure"], {"organisation": organisation, "id": number})
    if not rows:
        raise Unknown("erasure", number)
    return job_of(rows[0])


def clear(transaction: Transaction, remains: Row, limit: int) -> Counts:
    """Clear up to `limit` rows of what remains of a session; the job that it was of, if one, counts them."""
    organisation, session, started_at, number = remains
    deleted = removal.clear(transaction, organisation, session, started_at, limit) or Counts()
    if number and deleted != Counts():
        rows = transaction.run(_SQL["erasure"], {"organisation": organisation, "id": number})
        progress = decode(rows[0][-1])
        note(transaction, organisation, number, msgspec.structs.replace(progress, deleted=progress.deleted + deleted))
    return deleted


def note(transaction: Transaction, organisation: int, number: int, progress: Progress) -> None:
    """How far it is."""
    values = {"organisation": organisation, "id": number, "progress": encode(progress)}
    transaction.run(_SQL["note_progress"], values)


def scrubbed(transaction: Transaction, organisation: int, number: int) -> None:
    """The database's files were written anew since it was done."""
    (row,) = transaction.run(_SQL["erasure"], {"organisation": organisation, "id": number})
    note(transaction, organisation, number, msgspec.structs.replace(decode(row[-1]), scrubbed=True))

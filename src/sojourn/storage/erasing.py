"""Erase a person or an entity: in pieces, each one transaction that also notes how far the job is.

A job goes through the sessions in the order of their starts, as often as it finds something; then the name is
forgotten, then the subject is struck from the job, then the database is told to give back the space. It can be killed
between any two of these, and goes on.
"""

from collections.abc import Callable, Sequence

import msgspec

from sojourn.core.erasure import Counts, EntityErased, Erasure, Left, PersonErased
from sojourn.core.model import EARLIEST, FIRST_VISIT, Instant
from sojourn.core.terms import entity_id_term, word_terms
from sojourn.storage import receipts, removal
from sojourn.storage.access_rows import let_go
from sojourn.storage.book import Book, read_book
from sojourn.storage.engine import Engine, Row, Transaction
from sojourn.storage.receipts import Progress, named
from sojourn.storage.removal import Locked, Place
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("custody")
_ACCESS = load("access")
_REMOVAL = load("removal")

PAGE = 50
SESSION_WEIGHT = 10
MOST_PASSES = 3
"""How often a job goes through all sessions that touched an entity, where more come meanwhile."""

MOST_LOOKED_AT = 20_000
"""How many sessions are looked at for what still speaks of it."""

SCRUBBED = ("session", "activity", "remark", "term", "idempotency", "person", "membership", "erasure")
"""Where rows of what was erased were."""

Work = Callable[[Transaction, Tally], Counts]
"""What is done in one transaction, and changes its counts."""


class Eraser:
    """Goes on with jobs, one piece at a time. It remembers the books of the sessions that it is in the midst of."""

    def __init__(self, engine: Engine, write: Callable[[Work], Counts]) -> None:
        self._engine = engine
        self._write = write
        self._books: dict[Place, Book] = {}

    def go_on(self, now: Instant, limit: int) -> Counts | None:
        """Delete up to about `limit` rows of the first job that is not done; None where there is none."""
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["waiting"])
            if not rows:
                return None
            job, text = receipts.job_of(rows[0]), rows[0][-1]
            asked = {"organisation": job.organisation, "erasure": job.id}
            remains = transaction.run(_REMOVAL["any_remains"], asked)
        if remains:
            return self._write(lambda transaction, _: receipts.clear(transaction, remains[0], limit))
        piece = _Piece(job, text, now, limit)
        if job.subject is None:
            return self._end(piece)
        if piece.progress.over:
            return self._strike(piece)
        if isinstance(job.subject, PersonErased):
            return self._person(piece, job.subject)
        return self._entity(piece, job.subject)

    def _person(self, piece: "_Piece", person: PersonErased) -> Counts:
        at, number, most = piece.progress.at, piece.progress.session, max(1, piece.limit // SESSION_WEIGHT)
        with self._engine.read() as transaction:
            rows = _sessions_of(transaction, piece.job, person, at=at, number=number, limit=most)
        chosen = _some(rows, piece.limit)
        if not chosen:
            return self._write(lambda transaction, _: _forget_person(transaction, piece, person))
        return self._write(lambda transaction, tally: _remove(transaction, tally, piece, chosen))

    def _entity(self, piece: "_Piece", entity: EntityErased) -> Counts:
        with self._engine.read() as transaction:
            entries = transaction.run(_SQL["entries"], piece.after(entity_id_term(entity.id), PAGE))
            room, chosen = piece.limit, list[Row]()
            for at, session in entries:
                if room <= 0:
                    break
                chosen.append((at, session))
                if session < FIRST_VISIT:
                    book = self._book(transaction, piece.job, session, at, entity)
                    room -= SESSION_WEIGHT + (len(book.touches) + len(book.keys) if book else 0)
        if not chosen:
            return self._write(lambda transaction, _: _end_pass(transaction, piece))
        try:
            return self._write(lambda transaction, tally: self._narrow(transaction, tally, piece, entity, chosen))
        except BaseException:
            self._books.clear()  # what was struck is not gone
            raise

    def _book(
        self, transaction: Transaction, job: Erasure, session: int, at: Instant, entity: EntityErased
    ) -> Book | None:
        place = (job.organisation, session)
        if place not in self._books:
            book = read_book(transaction, job.organisation, session, at, entity)
            if book is None:
                return None
            self._books[place] = book
        return self._books[place]

    def _narrow(
        self, transaction: Transaction, tally: Tally, piece: "_Piece", entity: EntityErased, chosen: Sequence[Row]
    ) -> Counts:
        if not piece.claim(transaction):
            self._books.clear()
            return Counts()
        places = [(piece.job.organisation, session) for _, session in chosen if session < FIRST_VISIT]
        locked = removal.lock(transaction, places)
        progress, deleted, room = piece.progress, Counts(), piece.limit
        for at, session in chosen:
            known = locked.get((piece.job.organisation, session))
            if known is None or known.held:
                progress = progress.beyond(at, session, held=known is not None, visit=session >= FIRST_VISIT)
                continue
            book = self._current(transaction, piece.job, known, entity)
            gone = _narrow_one(transaction, tally, book, room)
            deleted += gone
            room -= SESSION_WEIGHT + gone.activities + gone.keys
            if book.touches or book.keys:
                break
            progress = progress.beyond(at, session)
            del self._books[known.place]
            if room <= 0:
                break
        narrowed = msgspec.structs.replace(
            progress, deleted=progress.deleted + deleted, touched=progress.touched + deleted.activities
        )
        piece.note(transaction, narrowed)
        return deleted

    def _current(self, transaction: Transaction, job: Erasure, session: Locked, entity: EntityErased) -> Book:
        """The book as the session is now, which nobody can change any more."""
        book = self._books.get(session.place)
        if book is None or book.state != (session.last_seq, session.activities, session.remarks):
            book = read_book(transaction, job.organisation, session.id, session.started_at, entity)
            assert book is not None, "it is locked"
            self._books[session.place] = book
        return book

    def _strike(self, piece: "_Piece") -> Counts:
        """Look for what still speaks of it, then forget what it was."""
        with self._engine.read() as transaction:
            left = _mentions(transaction, piece)

        def work(transaction: Transaction, _tally: Tally) -> Counts:
            if not piece.claim(transaction):
                return Counts()
            key = {"organisation": piece.job.organisation, "id": piece.job.id}
            subject = piece.job.subject
            if isinstance(subject, PersonErased) and _fresh(transaction, piece, subject):
                again = msgspec.structs.replace(piece.progress.again(), over=False)
                piece.note(transaction, again)
                return Counts()
            piece.note(transaction, msgspec.structs.replace(piece.progress, left=left))
            transaction.run(_SQL["forget_subject"], key)
            return Counts()

        return self._write(work)

    def _end(self, piece: "_Piece") -> Counts:
        self._engine.scrub(SCRUBBED, whole=False)

        def work(transaction: Transaction, _tally: Tally) -> Counts:
            if piece.claim(transaction):
                key = {"organisation": piece.job.organisation, "id": piece.job.id}
                transaction.run(_SQL["end_erasure"], {**key, "now": piece.now})
            return Counts()

        return self._write(work)


class _Piece:
    """One step of a job, as the job stood before it."""

    def __init__(self, job: Erasure, text: str, now: Instant, limit: int) -> None:
        self.job = job
        self.progress = receipts.decode(text)
        self.now = now
        self.limit = limit
        self._text = text

    def claim(self, transaction: Transaction) -> bool:
        """Whether it is still to be done: nobody else was quicker."""
        values = {"organisation": self.job.organisation, "id": self.job.id, "now": self.now, "progress": self._text}
        return bool(transaction.run(_SQL["go_on"], values))

    def note(self, transaction: Transaction, progress: Progress) -> None:
        """How far the job is now."""
        receipts.note(transaction, self.job.organisation, self.job.id, progress)

    def after(self, term: str, limit: int) -> dict[str, int | str]:
        """What asks for the entries of a term after the place that the job has come to."""
        place = {"at": max(self.progress.at, EARLIEST - 1), "session": self.progress.session}
        return {"organisation": self.job.organisation, "term": term, "limit": limit, **place}


def _sessions_of(
    transaction: Transaction, job: Erasure, person: PersonErased, *, at: Instant, number: int, limit: int
) -> list[Row]:
    values = {"organisation": job.organisation, "person": person.id, "at": at, "id": number, "limit": limit}
    return transaction.run(_SQL["sessions_of_person"], values)


def _some(rows: Sequence[Row], limit: int) -> list[Row]:
    """The first of them that hold about so much together: at least one, where there is one."""
    taken: list[Row] = []
    for row in rows:
        limit -= row[2] + SESSION_WEIGHT
        if taken and limit < 0:
            break
        taken.append(row)
    return taken


def _remove(transaction: Transaction, tally: Tally, piece: _Piece, chosen: Sequence[Row]) -> Counts:
    if not piece.claim(transaction):
        return Counts()
    organisation = piece.job.organisation
    locked = removal.lock(transaction, [(organisation, number) for number, _, _ in chosen])
    progress = piece.progress
    for number, at, _ in chosen:
        known = locked.get((organisation, number))
        progress = progress.beyond(at, number, held=known is not None and known.held)
    deleted = removal.remove(transaction, tally, [one for one in locked.values() if not one.held], piece.job.id)
    progress = msgspec.structs.replace(progress, deleted=progress.deleted + deleted)
    piece.note(transaction, progress)
    return deleted


def _fresh(transaction: Transaction, piece: _Piece, person: PersonErased) -> bool:
    """Whether the person has sessions that the job did not go through, or that are on hold no more."""
    held = piece.progress.left.held
    rows = _sessions_of(transaction, piece.job, person, at=-1, number=0, limit=len(held) + 1)
    return bool({row[0] for row in rows} - set(held)) and not piece.progress.left.more


def _forget_person(transaction: Transaction, piece: _Piece, person: PersonErased) -> Counts:
    """All sessions were gone through: forget the name, unless a session on hold needs it."""
    if not piece.claim(transaction):
        return Counts()
    organisation = piece.job.organisation
    transaction.run(_REMOVAL["lock_holds"], {"organisation": organisation})
    if _fresh(transaction, piece, person):
        piece.note(transaction, piece.progress.again())
        return Counts()
    deleted = Counts()
    is_held = transaction.each(_REMOVAL["held"], [(organisation, "person", person.id)])
    if not is_held and not piece.progress.left.held:
        transaction.run(_ACCESS["lock_epoch"])  # first, as whoever changes access does: neither waits for the other
        left = transaction.run(_SQL["leave_person"], {"organisation": organisation, "person": person.id})
        gone = transaction.run(_SQL["delete_person"], {"organisation": organisation, "id": person.id})
        deleted = Counts(memberships=len(left), people=len(gone))
        for (principal,) in left:
            let_go(transaction, organisation, principal, piece.now)
        if left:
            transaction.run(_ACCESS["move_epoch"])
    over = msgspec.structs.replace(piece.progress, over=True, deleted=piece.progress.deleted + deleted)
    piece.note(transaction, over)
    return deleted


def _end_pass(transaction: Transaction, piece: _Piece) -> Counts:
    """All sessions were gone through: once more, where something was found, for what came meanwhile."""
    if piece.claim(transaction):
        progress = piece.progress
        once_more = progress.touched and progress.passes + 1 < MOST_PASSES
        progress = progress.again() if once_more else msgspec.structs.replace(progress, over=True)
        piece.note(transaction, progress)
    return Counts()


def _narrow_one(transaction: Transaction, tally: Tally, book: Book, room: int) -> Counts:
    """Delete up to `room` activities, or keys, that speak of the entity, and what finds the session for nothing."""
    taken = book.touches[: max(1, room)]
    place = (book.organisation, book.session)
    rows = [(book.organisation, term, book.started_at, book.session) for term in book.orphaned(taken)]
    terms = removal.drop_terms(transaction, tally, rows)
    gone = transaction.each(_SQL["delete_these"], [(*place, at, seq) for at, seq, _ in taken])
    if gone:
        values = {"organisation": book.organisation, "id": book.session, "n": len(gone)}
        transaction.run(_SQL["recount"], values)
    last = len(taken) == len(book.touches)
    book.strike(taken)
    keys = book.keys[: max(1, room - len(taken))]
    transaction.each(_REMOVAL["delete_some_keys"], [(book.organisation, *key) for key in keys])
    book.keys = book.keys[len(keys) :]
    narrowed = 1 if last and taken else 0
    return Counts(activities=len(gone), terms=terms, keys=len(keys), narrowed=narrowed)


def _mentions(transaction: Transaction, piece: _Piece) -> Left:
    """What is left, with the sessions in which all words of the name are still said."""
    subject = piece.job.subject
    assert subject is not None
    left = piece.progress.left
    terms = sorted(word_terms(subject.login if isinstance(subject, PersonErased) else subject.id))
    if not terms:
        return left
    organisation, looked = piece.job.organisation, 0
    place: Row = (EARLIEST - 1, 0)
    while place and looked < MOST_LOOKED_AT:
        values = {"organisation": organisation, "term": terms[0], "limit": 500}
        entries = transaction.run(_SQL["entries"], {**values, "at": place[0], "session": place[1]})
        found = {session for _, session in entries}
        for term in terms[1:]:
            asked = [(organisation, term, at, session) for at, session in entries if session in found]
            found = {session for (session,) in transaction.each(_SQL["entries_among"], asked)}
        for _, session in entries:
            left = named(left, "mentioned", session) if session in found else left
        looked += len(entries)
        place = entries[-1] if len(entries) == 500 else ()
    return left

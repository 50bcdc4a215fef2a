"""Retention, legal hold and erasure on disk: `sojourn.core.custody.CustodyStore` on an engine."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from sojourn.core.custody import Mark, Old
from sojourn.core.erasure import Counts, Erasure, Subject
from sojourn.core.errors import Unknown
from sojourn.core.hold import Hold, Holdable
from sojourn.core.model import EARLIEST, Instant, PersonDraft
from sojourn.core.retention import LOGINS, Retention, Sort
from sojourn.storage import erasing, receipts, removal
from sojourn.storage.engine import Conflict, Engine, Row, Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("custody")
_ACCESS = load("access")
_PEOPLE = load("people")
_READING = load("reading")
_REMOVAL = load("removal")

ATTEMPTS = 5

Done = TypeVar("Done")


class CustodyOnDisk:
    """What is deleted, and what is not."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._eraser = erasing.Eraser(engine, self._write)

    def organisations(self) -> list[int]:
        with self._engine.read() as transaction:
            return [row[0] for row in transaction.run(_ACCESS["organisations"])]

    def retention(self, organisation: int) -> Retention:
        with self._engine.read() as transaction:
            _known(transaction, organisation)
            rows = transaction.run(_SQL["retention"], {"organisation": organisation})
        return Retention(seconds={Sort(sort): seconds for sort, seconds in sorted(rows)})

    def set_retention(self, organisation: int, retention: Retention) -> None:
        with self._engine.write() as transaction:
            _known(transaction, organisation)
            transaction.run(_SQL["keep_for_ever"], {"organisation": organisation})
            for sort, seconds in sorted(retention.seconds.items()):
                values = {"organisation": organisation, "sort": sort.value, "seconds": seconds}
                transaction.run(_SQL["keep_for"], values)

    def old(self, organisation: int, sort: Sort, before: Instant, after: Mark, limit: int) -> Old:
        with self._engine.read() as transaction:
            if sort is Sort.LOGIN:
                rows = _ended(transaction, "ended_logins", organisation, sort, before, before, after, limit)
                return _page(rows, after, limit, None)
            values = {"organisation": organisation, "kind": sort.kind.value}
            ((least, most),) = transaction.run(_READING["spans"], values)
            for span in range(max(after.span, least or 0), (-1 if most is None else most) + 1):
                mark = after if span == after.span else Mark(span=span)
                # No session of this class is shorter than half of the next one's least length.
                latest = before - (1 << span >> 1)
                rows = _ended(transaction, "ended_of_class", organisation, sort, before, latest, mark, limit)
                if rows:
                    return _page(rows, mark, limit, Mark(span=span + 1))
        return Old()

    def remove_old(self, organisation: int, sessions: Sequence[int], before: Instant) -> Counts:
        def work(transaction: Transaction, tally: Tally) -> Counts:
            locked = removal.lock(transaction, [(organisation, number) for number in sessions])
            return removal.remove(transaction, tally, [
                session for session in locked.values()
                if not session.held and session.ended_at is not None and session.ended_at < before
            ])  # fmt: skip

        return self._write(work)

    def clear(self, limit: int) -> Counts | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_REMOVAL["any_remains"], {"organisation": 0, "erasure": -1})
        if not rows:
            return None
        return self._write(lambda transaction, _: receipts.clear(transaction, rows[0], limit))

    def holds(self, organisation: int) -> list[Hold]:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["holds"], {"organisation": organisation})
        return [_hold(organisation, row) for row in rows]

    def hold(self, hold: Hold) -> tuple[Hold, bool]:
        key = {"organisation": hold.organisation, "noun": hold.noun.value, "number": hold.number}

        def work(transaction: Transaction, _tally: Tally) -> tuple[Hold, bool]:
            _known(transaction, hold.organisation)
            transaction.run(_SQL["move_holds"], {"organisation": hold.organisation})
            statement = _READING["session"] if hold.noun is Holdable.SESSION else _SQL["person_by_id"]
            if not transaction.run(statement, {"organisation": hold.organisation, "id": hold.number, "person": 0}):
                raise Unknown(hold.noun.value, hold.number)
            values = {**key, "why": hold.why, "held_by": hold.held_by, "at": hold.at}
            new = bool(transaction.run(_SQL["hold"], values))
            return _hold(hold.organisation, transaction.run(_SQL["hold_on"], key)[0]), new

        return self._write(work)

    def release(self, organisation: int, noun: Holdable, number: int) -> None:
        key = {"organisation": organisation, "noun": noun.value, "number": number}

        def work(transaction: Transaction, _tally: Tally) -> None:
            transaction.run(_SQL["move_holds"], {"organisation": organisation})
            if not transaction.run(_SQL["release"], key):
                raise Unknown("legal hold on", f"{noun} {number}")

        self._write(work)

    def person(self, organisation: int, draft: PersonDraft) -> tuple[int, str]:
        with self._engine.read() as transaction:
            if draft.login is not None:
                found = transaction.each(_PEOPLE["people_by_login"], [(organisation, draft.login)])
                rows: list[Row] = [(number, login) for _, login, number in found]
            else:
                rows = transaction.run(_SQL["person_by_id"], {"organisation": organisation, "id": draft.id})
        if not rows or draft.id not in (None, rows[0][0]):
            raise Unknown("person", draft.login if draft.id is None else draft.id)
        return rows[0][0], rows[0][1]

    def ask(
        self, organisation: int, subject: Subject, *, salt: str, why: str, asked_by: str, asked_at: Instant
    ) -> Erasure:
        with self._engine.write() as transaction:
            _known(transaction, organisation)
            return receipts.ask(transaction, organisation, subject, salt, why, asked_by, asked_at)

    def erasures(self, organisation: int) -> list[Erasure]:
        with self._engine.read() as transaction:
            return receipts.all_of(transaction, organisation)

    def erasure(self, organisation: int, number: int) -> Erasure:
        with self._engine.read() as transaction:
            return receipts.one(transaction, organisation, number)

    def erase(self, now: Instant, limit: int) -> Counts | None:
        return self._eraser.go_on(now, limit)

    def scrub(self) -> bool:
        with self._engine.read() as transaction:
            over = transaction.run(_SQL["ended_erasures"])
        if not self._engine.scrub(erasing.SCRUBBED, whole=True):
            return False
        for organisation, number in over:
            with self._engine.write() as transaction:
                receipts.scrubbed(transaction, organisation, number)
        return True

    def _write(self, work: Callable[[Transaction, Tally], Done]) -> Done:
        """Do it in one transaction; again where another was in the way. Raises: Unavailable, where one always is."""
        for _ in range(ATTEMPTS - 1):
            with suppress(Conflict), self._engine.write() as transaction:
                return _counted(transaction, work)
        with self._engine.write() as transaction:
            return _counted(transaction, work)


def _counted(transaction: Transaction, work: Callable[[Transaction, Tally], Done]) -> Done:
    tally = Tally(transaction)
    done = work(transaction, tally)
    tally.write()
    return done


def _known(transaction: Transaction, organisation: int) -> None:
    if not transaction.run(_ACCESS["organisation"], {"id": organisation}):
        raise Unknown("organisation", organisation)


def _ended(
    transaction: Transaction,
    name: str,
    organisation: int,
    sort: Sort,
    before: Instant,
    latest: Instant,
    after: Mark,
    limit: int,
) -> list[Row]:
    values = {
        "organisation": organisation,
        "kind": sort.kind.value,
        "before": before,
        "latest": latest,
        "at": max(after.at, EARLIEST - 1),
        "id": after.id,
        "logins": LOGINS,
        "limit": limit,
    }
    if name == "ended_of_class":
        values["span"] = after.span
    return transaction.run(_SQL[name], values)


def _page(rows: Sequence[Row], mark: Mark, limit: int, beyond: Mark | None) -> Old:
    """The sessions of some rows, and where to go on: after the last, or `beyond` where these were all."""
    follow = Mark(span=mark.span, at=rows[-1][1], id=rows[-1][0]) if len(rows) == limit else beyond
    return Old(sessions=[(number, holds) for number, _, holds in rows], next=follow)


def _hold(organisation: int, row: Row) -> Hold:
    noun, number, why, held_by, at = row
    return Hold(organisation=organisation, noun=Holdable(noun), number=number, why=why, held_by=held_by, at=at)

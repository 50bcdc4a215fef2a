"""A care desk: says to a store, in few words, what a test wants said, and asks it back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sojourn.core.access import Scope
from sojourn.core.errors import SojournError
from sojourn.core.intent import (
    Annotate,
    Annotated,
    Delete,
    Deleted,
    End,
    Finished,
    Intent,
    Key,
    Open,
    Opened,
    Record,
    Recorded,
    Told,
    Verdict,
)
from sojourn.core.model import DAY, MINUTE, ActivityDraft, DeviceDraft, Instant, PersonDraft, RemarkDraft, Session
from sojourn.core.ports import SessionStore
from sojourn.core.query import Order, SessionFilter, SessionPage, SessionQuery

MIDNIGHT: Instant = 20_000 * DAY
"""The start of 4 October 2024."""

NOON: Instant = MIDNIGHT + 12 * 60 * MINUTE

PRINCIPAL = 7


def did(
    name: str = "CustomerSearched",
    entity_id: str = "98662653",
    *,
    at: Instant | None = None,
    note: str | None = None,
    entity_type: str = "CUSTOMER",
) -> ActivityDraft:
    """An activity to hand in."""
    return ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note, at=at)


def why(reason: str, comment: str | None = None) -> RemarkDraft:
    """A remark to hand in."""
    return RemarkDraft(reason=reason, comment=comment)


def somebody(who: str | int) -> PersonDraft:
    """A person by login name or by number."""
    return PersonDraft(id=who) if isinstance(who, int) else PersonDraft(login=who)


def key(text: str, body: str = "body", principal: int = PRINCIPAL) -> Key:
    """An idempotency key, of a request with that body."""
    return Key(principal=principal, text=text, fingerprint=body)


class Desk:
    """One organisation's sessions in a store, at a time that the test sets.

    Its methods raise the error that refuses them; `write` tells verdicts as the store does.
    """

    def __init__(self, store: SessionStore, organisation: int, now: Instant = NOON) -> None:
        self.store = store
        self.scope = Scope(organisation)
        self.now = now

    def narrowed(self, person: int) -> "Desk":
        """The same desk as one person may see it, who is narrowed to their own sessions."""
        other = Desk(self.store, self.scope.organisation, self.now)
        other.scope = replace(self.scope, person=person)
        return other

    def write(self, *intents: Intent) -> list[Verdict]:
        return self.store.write(intents, self.now)

    def one(self, intent: Intent) -> Told:
        (verdict,) = self.write(intent)
        if isinstance(verdict, SojournError):
            raise verdict
        return verdict

    def opening(self, who: str | int = "ada", *, device: str | DeviceDraft | None = None, **rest: Any) -> Open:
        """An intent to open a session."""
        draft = DeviceDraft(guid=device) if isinstance(device, str) else device
        return Open(scope=self.scope, person=somebody(who), device=draft, **rest)

    def recording(self, session: int, *activities: ActivityDraft, **rest: Any) -> Record:
        """An intent to record."""
        return Record(scope=self.scope, session_id=session, activities=activities, **rest)

    def annotating(self, session: int, *remarks: RemarkDraft, **rest: Any) -> Annotate:
        """An intent to add remarks."""
        return Annotate(scope=self.scope, session_id=session, remarks=remarks, **rest)

    def ending(self, session: int, *remarks: RemarkDraft, **rest: Any) -> End:
        """An intent to end a session."""
        return End(scope=self.scope, session_id=session, remarks=remarks, **rest)

    def deleting(self, session: int, **rest: Any) -> Delete:
        """An intent to delete a session."""
        return Delete(scope=self.scope, session_id=session, **rest)

    def open(self, who: str | int = "ada", **rest: Any) -> Session:
        told = self.one(self.opening(who, **rest))
        assert isinstance(told, Opened)
        return told.session

    def record(self, session: int, *activities: ActivityDraft, **rest: Any) -> Recorded:
        told = self.one(self.recording(session, *activities, **rest))
        assert isinstance(told, Recorded)
        return told

    def annotate(self, session: int, *remarks: RemarkDraft, **rest: Any) -> Annotated:
        told = self.one(self.annotating(session, *remarks, **rest))
        assert isinstance(told, Annotated)
        return told

    def end(self, session: int, *remarks: RemarkDraft, **rest: Any) -> Finished:
        told = self.one(self.ending(session, *remarks, **rest))
        assert isinstance(told, Finished)
        return told

    def delete(self, session: int, **rest: Any) -> Deleted:
        told = self.one(self.deleting(session, **rest))
        assert isinstance(told, Deleted)
        return told

    def session(self, number: int) -> Session:
        """One session with its activities. Raises: Unknown."""
        return self.store.session(self.scope, number, activities=True)

    def page(self, *, limit: int = 1_000, **rest: Any) -> SessionPage:
        """A page; what is no field of a query is a filter's."""
        of_query = {name: rest.pop(name) for name in list(rest) if name in SessionQuery.__dataclass_fields__}
        query = SessionQuery(scope=self.scope, filter=SessionFilter(**rest), limit=limit, **of_query)
        return self.store.page(query)

    def found(self, **wanted: Any) -> list[int]:
        """The numbers of the sessions that a filter finds, oldest first; the exact total must agree."""
        page = self.page(order=Order.OLDEST, total=True, **wanted)
        assert page.total == len(page.sessions)
        return [session.id for session in page.sessions]


def ids(sessions: Sequence[Session]) -> list[int]:
    """Their numbers, in order."""
    return [session.id for session in sessions]

"""What this dialect asks for and how it answers with lists: the search, its pages and their cursors."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType, structs
from starlette.requests import Request

from sojourn.api.native_v1.wire import (
    ActivityTold,
    Name,
    Note,
    Number,
    SessionTold,
    Told,
    activities_told,
    session_told,
)
from sojourn.core.access import Resource, Scope
from sojourn.core.errors import Invalid
from sojourn.core.model import Instant, Kind
from sojourn.core.query import (
    PAGE_LENGTH,
    ActivityPage,
    Order,
    Place,
    SessionFilter,
    SessionPage,
    SessionQuery,
    Status,
)
from sojourn.core.terms import words
from sojourn.web.cursor import seal, unseal
from sojourn.web.times import parse
from sojourn.web.wire import BadParameter, convert

LISTED = 100
"""How many activities of each session a list shows."""

Limit = Annotated[int, Meta(ge=1, le=PAGE_LENGTH, description="how many to show")]
Include = Annotated[Literal["activities"], Meta(description="tell each session with the first 100 of its activities")]
Total = Annotated[bool, Meta(description="whether to tell how many there are, exactly")]
Cursor = Annotated[str, Meta(min_length=1, max_length=255, description="`next` of the page before")]
Asked = Annotated[
    str,
    Meta(
        description="RFC 3339, or a date: its first moment, or its last where a range ends; UTC if not told",
        examples=["2026-11-20T15:04:05Z", "2026-11-20"],
    ),
]

T = TypeVar("T", bound=Struct)


class Query(Struct, rename="camel", forbid_unknown_fields=True):
    """Parameters: nothing but those that are known, each once."""


class NoQuery(Query):
    """No parameters."""


class PageQuery(Query, kw_only=True):
    """A page of a list."""

    limit: Limit = 100
    cursor: Cursor | UnsetType = UNSET


class ActivityQuery(PageQuery, kw_only=True):
    """A page of what was done, from the first of it on or from the last of it back."""

    order: Literal["newest", "oldest"] = "oldest"


class WhichQuery(Query, kw_only=True):
    """Which sessions: everything given must hold. `text` is words that must all occur in notes, reasons or comments."""

    login: Name | UnsetType = UNSET
    user_id: Number | UnsetType = UNSET
    device: Annotated[Name, Meta(description="a GUID")] | UnsetType = UNSET
    module: Name | UnsetType = UNSET
    status: Literal["active", "ended"] | UnsetType = UNSET
    started_from: Asked | UnsetType = UNSET
    started_to: Asked | UnsetType = UNSET
    alive_from: Asked | UnsetType = UNSET
    alive_to: Asked | UnsetType = UNSET
    name: Annotated[Name, Meta(description="what was done")] | UnsetType = UNSET
    text: Note | UnsetType = UNSET
    kind: Literal["work", "visit"] = "work"
    order: Literal["newest", "oldest"] = "newest"

    @property
    def resource(self) -> Resource:
        """What the access group must open."""
        return resource_of(Kind(self.kind))

    def filter(self, entity_type: str | None = None, entity_id: str | None = None) -> SessionFilter:
        """In core words. Raises: Invalid."""
        return SessionFilter(
            person=self.user_id or None,
            login=_plain(self.login),
            device=_plain(self.device),
            entity_type=entity_type,
            entity_id=entity_id,
            module=_plain(self.module),
            name=_plain(self.name),
            text=_words(self.text),
            status=None if self.status is UNSET else Status(self.status),
            started_from=_instant("started_from", self.started_from),
            started_to=_instant("started_to", self.started_to, end_of_day=True),
            alive_from=_instant("alive_from", self.alive_from),
            alive_to=_instant("alive_to", self.alive_to, end_of_day=True),
            kind=Kind(self.kind),
        )


class FindQuery(WhichQuery, kw_only=True):
    """Which sessions, by what was touched too."""

    entity_type: Name | UnsetType = UNSET
    entity_id: Name | UnsetType = UNSET

    def found(self) -> SessionFilter:
        """In core words. Raises: Invalid."""
        return self.filter(_plain(self.entity_type), _plain(self.entity_id))


class TouchedQuery(WhichQuery, kw_only=True):
    """Which of the sessions that touched something, and how they are listed."""

    include: Include | UnsetType = UNSET
    total: Total = False
    limit: Limit = 100
    cursor: Cursor | UnsetType = UNSET


class SearchQuery(FindQuery, kw_only=True):
    """Which sessions, and how they are listed."""

    include: Include | UnsetType = UNSET
    total: Total = False
    limit: Limit = 100
    cursor: Cursor | UnsetType = UNSET


class SessionList(Told):
    """A page of sessions. `next` is the cursor of the next page, and absent on the last; `total` if asked for."""

    items: list[SessionTold]
    next: str | UnsetType = UNSET
    total: int | UnsetType = UNSET


class ActivityList(Told):
    """A page of a session's activities in order of time. `next` is the cursor of the next page."""

    items: list[ActivityTold]
    next: str | UnsetType = UNSET


def resource_of(kind: Kind) -> Resource:
    """What an access group must open to sessions of a kind."""
    return Resource.ENDPOINT_SESSIONS if kind is Kind.VISIT else Resource.ACTIVITY_SESSIONS


@dataclass(frozen=True, slots=True)
class Question:
    """What a list was asked: what its cursors belong to."""

    noun: str
    scope: Scope
    filter: object = None
    order: str = ""

    def place(self, cursor: str | UnsetType) -> Place | None:
        """Where the page begins. Raises: Invalid, when the cursor is not one of this question's."""
        return None if cursor is UNSET else unseal(cursor, *self._parts())

    def next(self, place: Place | None) -> str | UnsetType:
        """The cursor of the next page."""
        return UNSET if place is None else seal(place, *self._parts())

    def _parts(self) -> tuple[object, ...]:
        return (self.noun, self.scope, self.filter, self.order)


def parameters(request: Request, kind: type[T]) -> T:
    """The query parameters. Raises: Invalid; BadParameter, when one is not known or stands twice."""
    known = {field.encode_name for field in structs.fields(kind)}
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise BadParameter(name, "is not a parameter of this request")
        if name in given:
            raise BadParameter(name, "must not be given twice")
        given[name] = value
    return convert(given, kind)


def page_query(scope: Scope, wanted: SearchQuery | TouchedQuery, which: SessionFilter) -> tuple[SessionQuery, Question]:
    """What a list of sessions asks the journal, and what its cursors belong to. Raises: Invalid."""
    question = Question("sessions", scope, which, wanted.order)
    query = SessionQuery(
        scope=scope,
        filter=which,
        order=Order(wanted.order),
        limit=wanted.limit,
        after=question.place(wanted.cursor),
        activities=wanted.include is not UNSET,
        listed=LISTED,
        total=wanted.total,
    )
    return query, question


def session_list(query: SessionQuery, question: Question, page: SessionPage) -> SessionList:
    """A page of sessions in the dialect's words."""
    return SessionList(
        items=[session_told(session, activities=query.activities) for session in page.sessions],
        next=question.next(page.next),
        total=UNSET if page.total is None else page.total,
    )


def activity_list(question: Question, page: ActivityPage) -> ActivityList:
    """A page of activities in the dialect's words."""
    return ActivityList(items=activities_told(page.activities), next=question.next(page.next))


def _plain(text: str | UnsetType) -> str | None:
    return None if text is UNSET else text.strip()


def _words(text: str | UnsetType) -> str | None:
    if text is not UNSET and not words(text):
        raise Invalid("text", "must hold a word")
    return _plain(text)


def _instant(field: str, text: str | UnsetType, *, end_of_day: bool = False) -> Instant | None:
    return None if text is UNSET else parse(field, text, end_of_day=end_of_day)

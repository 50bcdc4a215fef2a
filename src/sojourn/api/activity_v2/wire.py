"""What this dialect says and hears. Field names are the seeds'; (our decision) marks what no source tells."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from sojourn.core.intent import Finished
from sojourn.core.model import (
    BATCH_LENGTH,
    INT32,
    NAME_LENGTH,
    NOTE_LENGTH,
    Activity,
    ActivityDraft,
    PersonDraft,
    Remark,
    RemarkDraft,
    Session,
)
from sojourn.core.query import LISTED_ACTIVITIES, SessionPage, SessionQuery
from sojourn.web.times import to_seconds

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, description="is trimmed")]
Note = Annotated[str, Meta(max_length=NOTE_LENGTH, description="is trimmed")]
Time = Annotated[str, Meta(description="UTC, cut to the second", examples=["2023-07-13T09:47:03Z"])]
Written = Annotated[
    str, Meta(description="`YYYY-MM-DD`, `YYYY-MM-DD hh:mm:ss` or `YYYY-MM-DDThh:mm:ss[.f][Z|±hh:mm]`; UTC if not told")
]


class CreateBody(Struct, rename="camel"):
    """Who opens a session, and in which module."""

    user_id: Annotated[int | str, Meta(description="the user's number; or a login name, which gets one (our decision)")]
    module: Name

    def person(self) -> PersonDraft:
        """In core words."""
        return PersonDraft(id=self.user_id) if isinstance(self.user_id, int) else PersonDraft(login=self.user_id)


class ActivityBody(Struct, rename="camel"):
    """Something the user did, and to what."""

    entity_type: Name
    entity_id: Name
    name: Name
    note: Note | None = None

    def draft(self) -> ActivityDraft:
        """In core words."""
        return ActivityDraft(entity_type=self.entity_type, entity_id=self.entity_id, name=self.name, note=self.note)


class RecordBody(Struct, rename="camel"):
    """1 to 1,000 activities: all are recorded, or none."""

    activities: Annotated[list[ActivityBody], Meta(min_length=1, max_length=BATCH_LENGTH)]


class DetailsBody(Struct, rename="camel"):
    """Why the user was in the session, from a pick list, and perhaps a comment."""

    reason: Name
    comment: Note | None = None

    def draft(self) -> RemarkDraft:
        """In core words."""
        return RemarkDraft(reason=self.reason, comment=self.comment)


class InformBody(Struct, rename="camel"):
    """1 to 1,000 reasons."""

    activity_session_details: Annotated[list[DetailsBody], Meta(min_length=1, max_length=BATCH_LENGTH)]


class EndBody(Struct, rename="camel"):
    """Reasons, where there are any (our decision)."""

    activity_session_details: Annotated[list[DetailsBody], Meta(max_length=BATCH_LENGTH)] = []


class RetrieveQuery(Struct, rename="camel"):
    """Which sessions: everything given must hold; what is not known here is ignored."""

    user_id: Annotated[int, Meta(ge=1, le=INT32, description="the user's number")] | None = None
    offset: Annotated[int, Meta(ge=0, le=2**62, description="how many to pass over")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="how many to show")] = 10
    start_date: Annotated[Written, Meta(description="sessions that started then or later")] | None = None
    end_date: Annotated[Written, Meta(description="started then or earlier; a bare date is its last moment")] | None = (
        None
    )
    entity_id: Name | None = None


class Notice(Struct, rename="camel"):
    """A warning, or an error: `code` is a stable number."""

    status: bool
    code: int
    message: str


class Problem(Struct, rename="camel"):
    """What every error answers (published)."""

    warnings: list[Notice]
    errors: list[Notice]


class ActivityTold(Struct, rename="camel"):
    """`note` is empty when none was given (our decision)."""

    entity_id: str
    entity_type: str
    name: str
    added_on: Time
    note: str


class DetailsTold(Struct, rename="camel"):
    """`comment` is empty when none was given (our decision)."""

    reason: str
    comment: str


class CreateAnswer(Struct, rename="camel"):
    """The session that was opened."""

    session_id: int
    user_id: int
    org_id: int
    module: str
    session_start_time: Time
    session_status: str
    auto_update_time: Time
    warnings: list[Notice] = []


class RecordAnswer(Struct, rename="camel"):
    """The activities that were recorded. `addedOn` and `autoUpdateTime` are the same instant (seed)."""

    activities: list[ActivityTold]
    auto_update_time: Time
    warnings: list[Notice] = []


class InformAnswer(Struct, rename="camel"):
    """All reasons of the session, oldest first."""

    activity_session_details: list[DetailsTold]
    auto_update_time: Time
    warnings: list[Notice] = []


class EndAnswer(Struct, rename="camel"):
    """The session is over."""

    activity_session_details: list[DetailsTold]
    session_end_time: Time
    session_status: str
    auto_update_time: Time
    warnings: list[Notice] = []


class SessionTold(Struct, rename="camel"):
    """`sessionEndTime` is absent while the session is active (seed: "if applicable")."""

    session_id: int
    user_id: int
    org_id: int
    module: str
    session_start_time: Time
    session_status: str
    auto_update_time: Time
    activity_session_details: list[DetailsTold]
    activities: list[ActivityTold]
    session_end_time: Time | UnsetType = UNSET


class Pagination(Struct, rename="camel"):
    """`total` is exact."""

    limit: int
    offset: int
    total: int


class RetrieveAnswer(Struct, rename="camel"):
    """A page of sessions, the newest first."""

    pagination: Pagination
    data: list[SessionTold]
    warnings: list[Notice] = []
    errors: list[Notice] = []


class OneAnswer(Struct, rename="camel"):
    """One session with all its activities."""

    data: list[SessionTold]
    warnings: list[Notice] = []
    errors: list[Notice] = []


class TokenBody(Struct, rename="camel"):
    """OAuth client credentials: a token's client key and its secret."""

    key: str
    secret: str


class TokenData(Struct, rename="camel"):
    """A short-lived token for the header `X-CAP-API-OAUTH-TOKEN`."""

    access_token: str
    ttl_seconds: int


class TokenAnswer(Struct, rename="camel"):
    """What was bought (published)."""

    data: TokenData
    errors: None = None


def status(*, ended: bool) -> str:
    """ACTIVE or INACTIVE (seed)."""
    return "INACTIVE" if ended else "ACTIVE"


def activities_told(activities: Sequence[Activity]) -> list[ActivityTold]:
    """Activities in the dialect's words."""
    return [
        ActivityTold(
            entity_id=a.entity_id,
            entity_type=a.entity_type,
            name=a.name,
            added_on=to_seconds(a.at),
            note=a.note or "",
        )
        for a in activities
    ]


def details_told(remarks: Sequence[Remark]) -> list[DetailsTold]:
    """Remarks in the dialect's words."""
    return [DetailsTold(reason=remark.reason, comment=remark.comment or "") for remark in remarks]


def session_told(session: Session) -> SessionTold:
    """A session in the dialect's words."""
    return SessionTold(
        session_id=session.id,
        user_id=session.person.id if session.person else 0,
        org_id=session.organisation,
        module=session.module or "",
        session_start_time=to_seconds(session.started_at),
        session_status=status(ended=session.ended_at is not None),
        auto_update_time=to_seconds(session.updated_at),
        activity_session_details=details_told(session.remarks),
        activities=activities_told(session.activities),
        session_end_time=UNSET if session.ended_at is None else to_seconds(session.ended_at),
    )


def create_answer(session: Session) -> CreateAnswer:
    """A session as it was opened."""
    told = session_told(session)
    return CreateAnswer(
        session_id=told.session_id,
        user_id=told.user_id,
        org_id=told.org_id,
        module=told.module,
        session_start_time=told.session_start_time,
        session_status=told.session_status,
        auto_update_time=told.auto_update_time,
    )


def end_answer(finished: Finished) -> EndAnswer:
    """A session as it ended."""
    return EndAnswer(
        activity_session_details=details_told(finished.remarks),
        session_end_time=to_seconds(finished.ended_at),
        session_status=status(ended=True),
        auto_update_time=to_seconds(finished.updated_at),
    )


def retrieve_answer(query: SessionQuery, page: SessionPage) -> RetrieveAnswer:
    """A page of sessions."""
    assert page.total is not None
    return RetrieveAnswer(
        pagination=Pagination(limit=query.limit, offset=query.offset, total=page.total),
        data=[session_told(session) for session in page.sessions],
        warnings=shortened(page.sessions),
    )


def shortened(sessions: Sequence[Session]) -> list[Notice]:
    """A warning for each session that has more activities than a list shows (our decision)."""
    return [
        Notice(
            status=True,
            code=4100,
            message=(
                f"Session {session.id} has {session.activity_count} activities; the first {LISTED_ACTIVITIES} are"
                f" listed. GET /v2/activitySessions/{session.id} tells all"
            ),
        )
        for session in sessions
        if session.activity_count > len(session.activities)
    ]

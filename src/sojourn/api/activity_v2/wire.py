"""What this dialect says and hears. Field names are the seeds'; (our decision) marks what no source tells."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from sojourn.core.model import (
    BATCH_LENGTH,
    INT32,
    NAME_LENGTH,
    NOTE_LENGTH,
    ActivityDraft,
    PersonDraft,
    RemarkDraft,
)
from sojourn.web.schemas import PLAIN, VISIBLE

SessionNumber = Annotated[int, Meta(ge=1, le=INT32, description="the session's number", examples=[1])]
Name = Annotated[
    str,
    Meta(
        description=f"1 to {NAME_LENGTH} characters, after what is blank at its ends is cut off",
        extra_json_schema={"minLength": 1, "maxLength": NAME_LENGTH, "pattern": VISIBLE},
    ),
]
Note = Annotated[
    str,
    Meta(
        description=f"up to {NOTE_LENGTH} characters, after what is blank at its ends is cut off",
        extra_json_schema={"maxLength": NOTE_LENGTH, "pattern": PLAIN},
    ),
]
Status = Annotated[Literal["ACTIVE", "INACTIVE"], Meta(description="whether the session goes on")]
_WRITTEN = "as `YYYY-MM-DD`, `YYYY-MM-DD hh:mm:ss` or `YYYY-MM-DDThh:mm:ss[.f][Z|±hh:mm]`; UTC if no offset is told"


class CreateBody(Struct, rename="camel"):
    """Who opens a session, and in which module."""

    user_id: Annotated[
        Annotated[int, Meta(ge=1, le=INT32)]
        | Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": NAME_LENGTH, "pattern": VISIBLE})],
        Meta(description="the user's number, also as a text; or a login name, which gets a number (our decision)"),
    ]
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
    start_date: Annotated[str, Meta(description=f"sessions that started then or later, {_WRITTEN}")] | None = None
    end_date: (
        Annotated[
            str, Meta(description=f"sessions that started then or earlier; a bare date is its last moment; {_WRITTEN}")
        ]
        | None
    ) = None
    entity_id: Annotated[Name, Meta(description="sessions with at least one activity on that entity")] | None = None


class Notice(Struct, rename="camel"):
    """A warning, or an error: `code` is a stable number."""

    status: Annotated[bool, Meta(description="true for a warning, false for an error")]
    code: Annotated[int, Meta(description="a stable number")]
    message: Annotated[str, Meta(description="for people")]


class Problem(Struct, rename="camel"):
    """What every error answers (published)."""

    warnings: list[Notice]
    errors: list[Notice]


UserId = Annotated[int, Meta(description="the user's number")]
OrgId = Annotated[int, Meta(description="the organisation's number")]
Module = Annotated[str, Meta(description="where the user works")]
StartTime = Annotated[str, Meta(description="when the session started; UTC, cut to the second")]
EndTime = Annotated[str, Meta(description="when the session ended; UTC, cut to the second")]
UpdateTime = Annotated[str, Meta(description="when the session last changed; UTC, cut to the second")]
Warnings = Annotated[list[Notice], Meta(description="what was done otherwise than one may expect")]


class ActivityTold(Struct, rename="camel"):
    """Something the user did."""

    entity_id: Annotated[str, Meta(description="to what")]
    entity_type: Annotated[str, Meta(description="what sort of thing that is")]
    name: Annotated[str, Meta(description="what was done")]
    added_on: Annotated[str, Meta(description="when it was recorded; UTC, cut to the second")]
    note: Annotated[str, Meta(description="empty when none was given (our decision)")]


class DetailsTold(Struct, rename="camel"):
    """Why the user was in the session."""

    reason: str
    comment: Annotated[str, Meta(description="empty when none was given (our decision)")]


Details = Annotated[list[DetailsTold], Meta(description="all reasons of the session, oldest first")]


class CreateAnswer(Struct, rename="camel"):
    """The session that was opened."""

    session_id: SessionNumber
    user_id: UserId
    org_id: OrgId
    module: Module
    session_start_time: StartTime
    session_status: Status
    auto_update_time: UpdateTime
    warnings: Warnings = []


class RecordAnswer(Struct, rename="camel"):
    """The activities that were recorded. `addedOn` and `autoUpdateTime` are the same instant (seed)."""

    activities: Annotated[list[ActivityTold], Meta(description="in the order of the request")]
    auto_update_time: UpdateTime
    warnings: Warnings = []


class InformAnswer(Struct, rename="camel"):
    """What is known by now of why the user is in the session."""

    activity_session_details: Details
    auto_update_time: UpdateTime
    warnings: Warnings = []


class EndAnswer(Struct, rename="camel"):
    """The session is over."""

    activity_session_details: Details
    session_end_time: EndTime
    session_status: Status
    auto_update_time: UpdateTime
    warnings: Warnings = []


class SessionTold(Struct, rename="camel", kw_only=True):
    """A session. `sessionEndTime` is absent while it is active (seed: "if applicable")."""

    session_id: SessionNumber
    user_id: UserId
    org_id: OrgId
    module: Module
    session_start_time: StartTime
    session_end_time: EndTime | UnsetType = UNSET
    session_status: Status
    auto_update_time: UpdateTime
    activity_session_details: Details
    activities: Annotated[list[ActivityTold], Meta(description="in order of time")]


class Pagination(Struct, rename="camel"):
    """Which page it is."""

    limit: Annotated[int, Meta(description="how many sessions it has at most")]
    offset: Annotated[int, Meta(description="how many are before it")]
    total: Annotated[int, Meta(description="how many there are in all; exact")]


class RetrieveAnswer(Struct, rename="camel"):
    """A page of sessions, the newest first."""

    pagination: Pagination
    data: Annotated[list[SessionTold], Meta(description="the sessions of the page")]
    warnings: Warnings = []
    errors: list[Notice] = []


class OneAnswer(Struct, rename="camel"):
    """One session with all its activities."""

    data: Annotated[list[SessionTold], Meta(description="the session alone")]
    warnings: Warnings = []
    errors: list[Notice] = []

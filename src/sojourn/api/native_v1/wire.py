"""What this dialect says and hears about sessions: the core's words in camelCase.

What is absent is unknown; `null` is not used for it. A field that is not known is refused by name.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid, Missing
from sojourn.core.intent import Finished, Key, Open, Recorded
from sojourn.core.model import (
    BATCH_LENGTH,
    INT32,
    NAME_LENGTH,
    NOTE_LENGTH,
    WHOLE_LENGTH,
    Activity,
    ActivityDraft,
    Closing,
    DeviceDraft,
    Instant,
    PersonDraft,
    Remark,
    RemarkDraft,
    Session,
)
from sojourn.web.times import from_datetime, to_microseconds

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH, description="is trimmed")]
Note = Annotated[str, Meta(max_length=NOTE_LENGTH, description="is trimmed; blank is absent")]
Number = Annotated[int, Meta(ge=1, le=INT32)]
Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with any offset", examples=["2026-11-20T15:04:05.123456Z"])
]
Time = Annotated[str, Meta(description="UTC, with microseconds", examples=["2026-11-20T15:04:05.123456Z"])]


class Heard(Struct, rename="camel", forbid_unknown_fields=True, gc=False):
    """What comes in: nothing but the fields that are known."""


class Told(Struct, rename="camel"):
    """What goes out."""


class ActivityBody(Heard):
    """Something that was done, to what, and when (absent: now)."""

    entity_type: Name
    entity_id: Name
    name: Name
    note: Note | UnsetType = UNSET
    at: Moment | UnsetType = UNSET

    def draft(self) -> ActivityDraft:
        """In core words."""
        return ActivityDraft(
            entity_type=self.entity_type,
            entity_id=self.entity_id,
            name=self.name,
            note=self.note or None,
            at=instant(self.at),
        )


class RemarkBody(Heard):
    """Why, from a pick list, perhaps with a comment, and when it was said (absent: now)."""

    reason: Name
    comment: Note | UnsetType = UNSET
    at: Moment | UnsetType = UNSET

    def draft(self) -> RemarkDraft:
        """In core words."""
        return RemarkDraft(reason=self.reason, comment=self.comment or None, at=instant(self.at))


class DeviceBody(Heard):
    """A machine: an opaque GUID, perhaps with a name."""

    guid: Name
    name: Name | UnsetType = UNSET

    def draft(self) -> DeviceDraft:
        """In core words."""
        return DeviceDraft(guid=self.guid, name=self.name or None)


Activities = Annotated[list[ActivityBody], Meta(min_length=1, max_length=BATCH_LENGTH)]
Remarks = Annotated[list[RemarkBody], Meta(min_length=1, max_length=BATCH_LENGTH)]


class OpenBody(Heard, kw_only=True):
    """Whose session: `login` or `userId`. With activities, remarks and `endedAt` it is a whole session at once."""

    login: Name | UnsetType = UNSET
    user_id: Number | UnsetType = UNSET
    module: Name | UnsetType = UNSET
    device: DeviceBody | UnsetType = UNSET
    started_at: Moment | UnsetType = UNSET
    ended_at: Moment | UnsetType = UNSET
    closing: Literal["ended", "idle"] | UnsetType = UNSET
    activities: Annotated[list[ActivityBody], Meta(max_length=BATCH_LENGTH)] = []
    remarks: Annotated[list[RemarkBody], Meta(max_length=BATCH_LENGTH)] = []

    def intent(self, scope: Scope, key: Key | None) -> Open:
        """In core words. Raises: Invalid, Missing."""
        if self.login is UNSET and self.user_id is UNSET:
            raise Missing("login")
        if self.login is not UNSET and self.user_id is not UNSET:
            raise Invalid("user_id", "must not stand beside login")
        return self._intent(scope, PersonDraft(id=self.user_id or None, login=self.login or None), None, key)

    def _intent(self, scope: Scope, person: PersonDraft, number: int | None, key: Key | None) -> Open:
        if self.closing is not UNSET and self.ended_at is UNSET:
            raise Invalid("closing", "must not stand without endedAt")
        return Open(
            scope=scope,
            person=person,
            device=self.device.draft() if self.device else None,
            module=self.module or None,
            started_at=instant(self.started_at),
            ended_at=instant(self.ended_at),
            closing=Closing(self.closing) if self.closing else Closing.ENDED,
            activities=tuple([activity.draft() for activity in self.activities]),
            remarks=tuple([remark.draft() for remark in self.remarks]),
            id=number,
            key=key,
        )


class ImportLine(OpenBody, kw_only=True):
    """A session as in open; and its number and its user's, as an export tells them, with a key of its own."""

    id: Number | UnsetType = UNSET
    key: Annotated[str, Meta(description="1 to 255 visible characters")] | UnsetType = UNSET
    kind: Literal["work"] | UnsetType = UNSET
    activities: Annotated[list[ActivityBody], Meta(max_length=WHOLE_LENGTH)] = []
    remarks: Annotated[list[RemarkBody], Meta(max_length=WHOLE_LENGTH)] = []

    def line_intent(self, scope: Scope, key: Key | None, *, keep: bool) -> Open:
        """In core words; numbers are looked at only to be kept. Raises: Invalid, Missing."""
        if keep and self.id is UNSET:
            raise Missing("id")
        if self.login is UNSET and self.user_id is UNSET:
            raise Missing("login")
        numbered = keep or self.login is UNSET
        person = PersonDraft(id=(self.user_id or None) if numbered else None, login=self.login or None)
        return self._intent(scope, person, (self.id or None) if keep else None, key)


class EndBody(Heard):
    """When it ended (absent: now), and why somebody was there."""

    at: Moment | UnsetType = UNSET
    remarks: Annotated[list[RemarkBody], Meta(max_length=BATCH_LENGTH)] = []


class HeartbeatBody(Heard):
    """Nothing needs to be said."""


class ActivityTold(Told):
    """`seq` numbers the activities of a session in the order in which they came."""

    seq: int
    at: Time
    entity_type: str
    entity_id: str
    name: str
    note: str | UnsetType = UNSET


class RemarkTold(Told):
    """Why, and when it was said."""

    reason: str
    at: Time
    comment: str | UnsetType = UNSET


class DeviceTold(Told):
    """A machine."""

    guid: str
    name: str | UnsetType = UNSET


class SessionTold(Told, kw_only=True):
    """A session. `seenAt` is its latest sign of life of any sort; `closing` tells who ended it: somebody, or idleness.

    `activities` stands here only if asked for, and then with the first 100 of `activityCount`.
    """

    id: int
    organisation: int
    kind: str
    user_id: int | UnsetType = UNSET
    login: str | UnsetType = UNSET
    device: DeviceTold | UnsetType = UNSET
    module: str | UnsetType = UNSET
    status: Literal["active", "ended"]
    started_at: Time
    ended_at: Time | UnsetType = UNSET
    closing: Literal["ended", "idle"] | UnsetType = UNSET
    updated_at: Time
    seen_at: Time
    first_activity_at: Time | UnsetType = UNSET
    last_activity_at: Time | UnsetType = UNSET
    activity_count: int
    remarks: list[RemarkTold]
    activities: list[ActivityTold] | UnsetType = UNSET


class RecordedTold(Told):
    """The activities that were recorded, in the order handed in."""

    items: list[ActivityTold]
    updated_at: Time


class RemarksTold(Told):
    """All remarks of the session, oldest first."""

    items: list[RemarkTold]
    updated_at: Time


class HeartbeatTold(Told):
    """The session lives."""

    id: int
    updated_at: Time


class EndedTold(Told):
    """The session is over."""

    id: int
    status: Literal["ended"]
    ended_at: Time
    updated_at: Time
    remarks: list[RemarkTold]


def instant(moment: datetime | UnsetType) -> Instant | None:
    """A time in core words."""
    return None if moment is UNSET else from_datetime(moment)


def _time(at: Instant | None) -> str | UnsetType:
    return UNSET if at is None else to_microseconds(at)


def activities_told(activities: Sequence[Activity]) -> list[ActivityTold]:
    """Activities in the dialect's words."""
    return [
        ActivityTold(
            seq=a.seq,
            at=to_microseconds(a.at),
            entity_type=a.entity_type,
            entity_id=a.entity_id,
            name=a.name,
            note=UNSET if a.note is None else a.note,
        )
        for a in activities
    ]


def remarks_told(remarks: Sequence[Remark]) -> list[RemarkTold]:
    """Remarks in the dialect's words."""
    return [
        RemarkTold(reason=r.reason, at=to_microseconds(r.at), comment=UNSET if r.comment is None else r.comment)
        for r in remarks
    ]


def session_told(session: Session, *, activities: bool = False) -> SessionTold:
    """A session in the dialect's words."""
    person, device = session.person, session.device
    return SessionTold(
        id=session.id,
        organisation=session.organisation,
        kind=session.kind.value,
        user_id=person.id if person else UNSET,
        login=person.login if person else UNSET,
        device=DeviceTold(guid=device.guid, name=device.name or UNSET) if device else UNSET,
        module=session.module or UNSET,
        status="active" if session.ended_at is None else "ended",
        started_at=to_microseconds(session.started_at),
        ended_at=_time(session.ended_at),
        closing=session.closing.value if session.closing else UNSET,
        updated_at=to_microseconds(session.updated_at),
        seen_at=to_microseconds(session.seen_at),
        first_activity_at=_time(session.first_at),
        last_activity_at=_time(session.last_at),
        activity_count=session.activity_count,
        remarks=remarks_told(session.remarks),
        activities=activities_told(session.activities) if activities else UNSET,
    )


def recorded_told(told: Recorded) -> RecordedTold:
    """What was recorded."""
    return RecordedTold(items=activities_told(told.activities), updated_at=to_microseconds(told.updated_at))


def ended_told(number: int, told: Finished) -> EndedTold:
    """A session as it ended."""
    return EndedTold(
        id=number,
        status="ended",
        ended_at=to_microseconds(told.ended_at),
        updated_at=to_microseconds(told.updated_at),
        remarks=remarks_told(told.remarks),
    )

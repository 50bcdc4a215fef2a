"""The nouns: a session, the activities inside it, and the rules on their values.

Three kinds of type stand beside each other: a *draft* is what somebody hands in, a *noun* is what is kept, and what
is told is a dialect's own. Times are `Instant`: integer microseconds since the epoch, UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sojourn.core.errors import Invalid, Missing

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

EARLIEST: Instant = 0
LATEST: Instant = 253_402_300_799_999_999
"""The last microsecond of the year 9999: what every wire format can spell."""

NAME_LENGTH = 255
NOTE_LENGTH = 4_000
BATCH_LENGTH = 1_000
"""How many activities, or remarks, one call may bring (our decision)."""

WHOLE_LENGTH = 20_000
"""How many activities, or remarks, a session may bring that is handed in whole (our decision)."""

INT32 = 2**31 - 1
"""People and their sessions are numbered so that the `ekran` dialect can tell them as int32."""

FIRST_VISIT = 2**40
"""Visits are numbered from here on, so that they use up none of the int32 numbers."""


class Kind(StrEnum):
    """What a session is of: a person at work, or a browser on a site."""

    WORK = "work"
    VISIT = "visit"


class Closing(StrEnum):
    """Who ended a session: somebody, or the server because nothing happened any more."""

    ENDED = "ended"
    IDLE = "idle"


def name_of(field: str, value: str | None) -> str:
    """A mandatory name, trimmed: 1 to 255 characters."""
    if value is None:
        raise Missing(field)
    trimmed = value.strip()
    if not trimmed:
        raise Invalid(field, "must not be empty")
    return _text(field, trimmed, NAME_LENGTH)


def note_of(field: str, value: str | None) -> str | None:
    """An optional text of up to 4,000 characters; blank is absent."""
    if value is None or not (trimmed := value.strip()):
        return None
    return _text(field, trimmed, NOTE_LENGTH)


def instant_of(field: str, value: Instant) -> Instant:
    """A time that every wire format can spell: 1970 to 9999."""
    if not EARLIEST <= value <= LATEST:
        raise Invalid(field, "must be a time between the years 1970 and 9999")
    return value


def _is_kept_as_it_is(value: str | None, length: int) -> bool:
    """Whether there is nothing to trim and nothing to refuse: what nearly every text is like, told quickly."""
    return (
        value is not None
        and 0 < len(value) <= length
        and value == value.strip()
        and "\0" not in value
        and (value.isascii() or is_unicode(value))
    )


def is_unicode(value: str) -> bool:
    """Whether it can be written in UTF-8: half a surrogate pair cannot, as an argument of a command may hold it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(field: str, value: str, length: int) -> str:
    if len(value) > length:
        raise Invalid(field, f"must not be longer than {length} characters")
    return storable(field, value)


def storable(field: str, value: str) -> str:
    """A text that both databases can keep."""
    if "\0" in value:
        raise Invalid(field, "must not contain the character U+0000")
    if not is_unicode(value):
        raise Invalid(field, "must be Unicode text")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDraft:
    """An activity handed in. `at` absent: the moment it is recorded."""

    entity_type: str
    entity_id: str
    name: str
    note: str | None = None
    at: Instant | None = None

    def checked(self, field: str) -> "ActivityDraft":
        """The same with its texts trimmed; `field` is the path that an error names."""
        if (
            _is_kept_as_it_is(self.entity_type, NAME_LENGTH)
            and _is_kept_as_it_is(self.entity_id, NAME_LENGTH)
            and _is_kept_as_it_is(self.name, NAME_LENGTH)
            and (self.note is None or _is_kept_as_it_is(self.note, NOTE_LENGTH))
            and (self.at is None or EARLIEST <= self.at <= LATEST)
        ):
            return self
        return ActivityDraft(
            entity_type=name_of(f"{field}.entity_type", self.entity_type),
            entity_id=name_of(f"{field}.entity_id", self.entity_id),
            name=name_of(f"{field}.name", self.name),
            note=note_of(f"{field}.note", self.note),
            at=None if self.at is None else instant_of(f"{field}.at", self.at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkDraft:
    """Why somebody was in the session: a reason from a pick list, and a comment. `at` absent: when it is written."""

    reason: str
    comment: str | None = None
    at: Instant | None = None

    def checked(self, field: str) -> "RemarkDraft":
        """The same with its texts trimmed; `field` is the path that an error names."""
        return RemarkDraft(
            reason=name_of(f"{field}.reason", self.reason),
            comment=note_of(f"{field}.comment", self.comment),
            at=None if self.at is None else instant_of(f"{field}.at", self.at),
        )


def checked_activities(
    drafts: Sequence[ActivityDraft], least: int = 1, most: int = BATCH_LENGTH
) -> tuple[ActivityDraft, ...]:
    """All of a batch, or the first rule that one of them breaks."""
    _bounded("activities", len(drafts), least, most)
    return tuple([draft.checked(f"activities[{i}]") for i, draft in enumerate(drafts)])


def checked_remarks(drafts: Sequence[RemarkDraft], least: int = 1, most: int = BATCH_LENGTH) -> tuple[RemarkDraft, ...]:
    """All of a batch, or the first rule that one of them breaks."""
    _bounded("remarks", len(drafts), least, most)
    return tuple([draft.checked(f"remarks[{i}]") for i, draft in enumerate(drafts)])


def _bounded(field: str, count: int, least: int, most: int) -> None:
    if count < least:
        raise Invalid(field, "must not be empty")
    if count > most:
        raise Invalid(field, f"must not hold more than {most} items")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    """Who a session is of: a number, or a login name that gets one on first sight; or both, to keep them together."""

    id: int | None = None
    login: str | None = None

    def checked(self) -> "PersonDraft":
        """A number from 1 to 2^31 - 1, or a name of 1 to 255 characters that is not a number."""
        if self.id is None:
            login = name_of("login", self.login)
            if login.isdecimal():
                return PersonDraft(id=int(login)).checked()
            return PersonDraft(login=login)
        if not 1 <= self.id <= INT32:
            raise Invalid("user_id", f"must be a number from 1 to {INT32}")
        if self.login is None or self.login.strip() == str(self.id):
            return PersonDraft(id=self.id)
        login = name_of("login", self.login)
        if login.isdecimal():
            raise Invalid("login", "must not be the number of somebody else")
        return PersonDraft(id=self.id, login=login)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDraft:
    """Where a session is: an opaque GUID and, perhaps, a name."""

    guid: str
    name: str | None = None

    def checked(self) -> "DeviceDraft":
        """The same with its texts trimmed."""
        return DeviceDraft(
            guid=name_of("device.guid", self.guid),
            name=None if self.name is None else name_of("device.name", self.name),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something a person did, to whose data, and when. `seq` numbers them within the session."""

    seq: int
    at: Instant
    entity_type: str
    entity_id: str
    name: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A reason, perhaps with a comment, and when it was given."""

    reason: str
    comment: str | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose sessions are recorded. People are numbered in each organisation."""

    id: int
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A machine. Its GUID is opaque: never assume a form."""

    guid: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of one person, from when to when, and what is known of it.

    `first_at` and `last_at` are the times of its first and last activity, `seen_at` the latest sign of life of any
    sort, `updated_at` when the row last changed.
    """

    organisation: int
    id: int
    kind: Kind
    person: Person | None
    device: Device | None
    module: str | None
    started_at: Instant
    ended_at: Instant | None
    closing: Closing | None
    updated_at: Instant
    first_at: Instant | None
    last_at: Instant | None
    seen_at: Instant
    activity_count: int
    remarks: tuple[Remark, ...] = ()
    activities: tuple[Activity, ...] = ()

"""How an export is spelled: sessions or activities, as NDJSON or CSV.

A session's line is what the import takes, so that what one store tells another can keep.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from sojourn.api.native_v1.wire import DeviceTold, RemarkTold, Time, Told, remarks_told
from sojourn.core.model import Activity, Kind, Session
from sojourn.web.times import to_microseconds

_ENCODE = msgspec.json.Encoder()
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d ().,/-]*\Z)")

Parts = Iterable[Sequence[Activity]]
"""A session's activities in order of time, some at a time."""


class ActivityLine(Told):
    """Something that was done, as an import takes it."""

    at: Time
    entity_type: str
    entity_id: str
    name: str
    note: str | UnsetType = UNSET


class SessionLine(Told, kw_only=True):
    """A session, as an import takes it. Its activities come last."""

    id: int
    user_id: int | UnsetType = UNSET
    login: str | UnsetType = UNSET
    module: str | UnsetType = UNSET
    device: DeviceTold | UnsetType = UNSET
    kind: Literal["visit"] | UnsetType = UNSET
    started_at: Time
    ended_at: Time | UnsetType = UNSET
    closing: str | UnsetType = UNSET
    remarks: list[RemarkTold]
    activities: list[ActivityLine]


class FlatActivity(Told, kw_only=True):
    """Something that was done, with whose session it was in."""

    session: int
    user_id: int | UnsetType = UNSET
    login: str | UnsetType = UNSET
    device: str | UnsetType = UNSET
    module: str | UnsetType = UNSET
    seq: int
    at: Time
    entity_type: str
    entity_id: str
    name: str
    note: str | UnsetType = UNSET


def session_line(session: Session, parts: Parts) -> Iterator[bytes]:
    """A session as a line of NDJSON, in pieces: however much was done in it, only a part is held."""
    device = session.device
    line = SessionLine(
        id=session.id,
        user_id=session.person.id if session.person else UNSET,
        login=session.person.login if session.person else UNSET,
        module=session.module or UNSET,
        device=DeviceTold(guid=device.guid, name=device.name or UNSET) if device else UNSET,
        kind="visit" if session.kind is Kind.VISIT else UNSET,
        started_at=to_microseconds(session.started_at),
        ended_at=UNSET if session.ended_at is None else to_microseconds(session.ended_at),
        closing=session.closing.value if session.closing else UNSET,
        remarks=remarks_told(session.remarks),
        activities=[],
    )
    yield _ENCODE.encode(line)[:-2]
    comma = b""
    for part in parts:
        if part:
            yield comma + _ENCODE.encode([_activity_line(activity) for activity in part])[1:-1]
            comma = b","
    yield b"]}\n"


def _activity_line(a: Activity) -> ActivityLine:
    return ActivityLine(
        at=to_microseconds(a.at),
        entity_type=a.entity_type,
        entity_id=a.entity_id,
        name=a.name,
        note=UNSET if a.note is None else a.note,
    )


def activity_lines(session: Session, activities: Sequence[Activity]) -> bytes:
    """Activities as lines of NDJSON."""
    return _ENCODE.encode_lines([
        FlatActivity(
            session=session.id,
            user_id=session.person.id if session.person else UNSET,
            login=session.person.login if session.person else UNSET,
            device=session.device.guid if session.device else UNSET,
            module=session.module or UNSET,
            seq=a.seq,
            at=to_microseconds(a.at),
            entity_type=a.entity_type,
            entity_id=a.entity_id,
            name=a.name,
            note=UNSET if a.note is None else a.note,
        )
        for a in activities
    ])  # fmt: skip


SESSION_COLUMNS = (
    "id", "userId", "login", "device", "deviceName", "module", "startedAt", "endedAt", "closing", "updatedAt",
    "firstActivityAt", "lastActivityAt", "activityCount", "reasons", "comments",
)  # fmt: skip
ACTIVITY_COLUMNS = (
    "session", "userId", "login", "device", "module", "seq", "at", "entityType", "entityId", "name", "note",
)  # fmt: skip


def session_row(session: Session) -> list[Any]:
    """A session as a row of CSV, without its activities. Several reasons stand in one cell, a line each."""
    times = (session.updated_at, session.first_at, session.last_at)
    return [
        session.id,
        *_whose(session),
        session.device.name if session.device else None,
        session.module,
        to_microseconds(session.started_at),
        None if session.ended_at is None else to_microseconds(session.ended_at),
        session.closing.value if session.closing else None,
        *[None if at is None else to_microseconds(at) for at in times],
        session.activity_count,
        "\n".join(remark.reason for remark in session.remarks),
        "\n".join(remark.comment for remark in session.remarks if remark.comment),
    ]


def activity_rows(session: Session, activities: Sequence[Activity]) -> list[list[Any]]:
    """Activities as rows of CSV."""
    whose = [session.id, *_whose(session), session.module]
    return [[*whose, a.seq, to_microseconds(a.at), a.entity_type, a.entity_id, a.name, a.note] for a in activities]


def _whose(session: Session) -> list[Any]:
    person, device = session.person, session.device
    return [person.id if person else None, person.login if person else None, device.guid if device else None]


def csv_text(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV (RFC 4180, UTF-8). What is absent is empty.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, because who recorded it need not be
    who opens it; a telephone number does not.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguarded(text: str) -> str:
    """A text as it was before it was kept from being run as a formula."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text

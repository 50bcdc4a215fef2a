"""What this dialect says and hears. Field names are the seed's, or ours where it is silent (our decision)."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from sojourn.core.errors import Invalid
from sojourn.core.journal import ActiveHour
from sojourn.core.model import MINUTE, Instant
from sojourn.core.presence import Stay, Window, idle_time, last_seen, midnight, timespan
from sojourn.web.times import parse_bound, to_milliseconds

MOST_SESSIONS = 1_000

Moment = Annotated[
    str,
    Meta(
        description="`2021-04-01`, `2021-04-01T12:00` or `2021-04-01T12:00:00`; also with a fraction and an offset;"
        " UTC if none is told (our decision)",
        examples=["2021-04-01T12:00"],
    ),
]
Time = Annotated[str, Meta(examples=["2000-01-23T04:56:07.000+00:00"])]
Span = Annotated[str, Meta(description="a .NET TimeSpan", examples=["20:20:40.0020000"])]


class WindowQuery(Struct, rename="camel"):
    """A closed range of time, open where nothing is given."""

    start: Moment | None = None
    end: Moment | None = None

    def window(self) -> Window:
        """In core words. Raises: Invalid."""
        return Window(start=_moment("start", self.start), end=_moment("end", self.end))


class PageQuery(WindowQuery, rename="camel"):
    """A page of the sessions in a window."""

    session_count: Annotated[int, Meta(ge=0, le=MOST_SESSIONS)] = MOST_SESSIONS
    page_index: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class PageBody(Struct, rename="camel"):
    """The same in a body; what a body tells wins over the query string (our decision)."""

    start: Moment | UnsetType | None = UNSET
    end: Moment | UnsetType | None = UNSET
    session_count: Annotated[int, Meta(ge=0, le=MOST_SESSIONS)] | UnsetType = UNSET
    page_index: Annotated[int, Meta(ge=0, le=2**31 - 1)] | UnsetType = UNSET


class SessionTold(Struct, rename="camel", gc=False):
    """Somebody was there. `logoutDate` is null while the session runs and no end is given (our decision)."""

    client_guid: str
    logout_date: Time | None
    login_date: Time
    session_id: int
    user_id: int


class MeasuredSession(Struct, rename="camel"):
    """The same with how long, and how much of it without activity."""

    client_guid: str
    duration: Span
    idle_time: Span
    login_date: Time
    logout_date: Time | None
    productivity_time: Span
    session_id: int
    user_id: int


class PageAnswer(Struct, rename="camel"):
    """A page of sessions."""

    sessions: list[MeasuredSession]


class ActiveHourTold(Struct, rename="camel"):
    """Active minutes of one user in one hour of one day, on the organisation's clock."""

    date: Annotated[str, Meta(description="the day's midnight", examples=["2021-09-03T00:00:00+05:00"])]
    total_minutes: float
    user_name: str
    time_of_day: Annotated[int, Meta(ge=0, le=23, description="the hour")]


def _moment(name: str, text: str | None) -> Instant | None:
    if text is None:
        return None
    if not text.strip():
        raise Invalid(name, "must not be empty")
    return parse_bound(name, text)


def sessions_told(stays: Iterable[Stay]) -> list[SessionTold]:
    """Stays in the dialect's words. All at once, because a stream may be of millions."""
    return [
        SessionTold(guid, None if logout is None else to_milliseconds(logout), to_milliseconds(login), number, person)
        for _, number, person, guid, login, logout in stays
    ]


def measured(stay: Stay, times: Sequence[Instant]) -> MeasuredSession:
    """A stay with its durations; one that runs on is measured up to its last activity (our decision)."""
    *_, login, _ = stay
    duration, idle = last_seen(stay, times) - login, idle_time(times)
    (told,) = sessions_told([stay])
    return MeasuredSession(
        client_guid=told.client_guid,
        duration=timespan(duration),
        idle_time=timespan(idle),
        login_date=told.login_date,
        logout_date=told.logout_date,
        productivity_time=timespan(duration - idle),
        session_id=told.session_id,
        user_id=told.user_id,
    )


def active_hour_told(active: ActiveHour) -> ActiveHourTold:
    """An hour in the dialect's words."""
    return ActiveHourTold(
        date=midnight(active.hour).isoformat(),
        total_minutes=active.microseconds / MINUTE,
        user_name=active.login,
        time_of_day=active.hour.hour,
    )

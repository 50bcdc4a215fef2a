"""Times as people write them in an address or a form: on the clock of their own zone where they tell no offset."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sojourn.core.errors import Invalid
from sojourn.core.model import MINUTE, SECOND, Instant, instant_of
from sojourn.web.times import from_datetime, parse, to_microseconds

_LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_date(text: str) -> bool:
    """Whether it is a day, without a time."""
    return _DATE.fullmatch(text) is not None


def is_local(text: str) -> bool:
    """Whether it is a time that means another moment in another zone."""
    found = _LOCAL.fullmatch(text)
    return found is not None and found[2] is not None


def moment_of(field: str, text: str, zone: ZoneInfo, *, last: bool = False) -> Instant:
    """`2026-09-03`, `2026-09-03T12:12` in the reader's zone, or a time with its own offset.

    A day is its first moment, or with `last` its last one; so is a minute. Raises: Invalid.
    """
    found = _LOCAL.fullmatch(text)
    if found is None:
        return parse(field, text)
    try:
        day, clock = date.fromisoformat(found[1]), time.fromisoformat(found[2] or "00:00")
        begin = _instant(datetime.combine(day, clock, zone))
        if not last:
            return instant_of(field, begin)
        if found[2] is None:
            return instant_of(field, _instant(datetime.combine(day + timedelta(days=1), time(), zone)) - 1)
    except (ValueError, OverflowError) as error:
        raise Invalid(field, "must be a day and a time that exist") from error
    return instant_of(field, begin + (MINUTE if len(found[2]) == len("12:12") else SECOND) - 1)


def _instant(local: datetime) -> Instant:
    return from_datetime(local)


def day_of(at: Instant, zone: ZoneInfo) -> date:
    """The day of a moment in a zone."""
    return datetime.fromtimestamp(at // SECOND, zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The first and the last moment of a day in a zone."""
    text = day.isoformat()
    return moment_of("day", text, zone), moment_of("day", text, zone, last=True)


def spelled(at: Instant, zone: ZoneInfo) -> str:
    """`2026-09-03T12:12+02:00`, as an address tells a moment to every reader alike; seconds where there are some."""
    local = datetime.fromtimestamp(at // SECOND, zone)
    if at % SECOND:
        return to_microseconds(at)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def for_input(at: Instant, zone: ZoneInfo) -> str:
    """The same as a field of a form takes it: without the offset."""
    local = datetime.fromtimestamp(at // SECOND, zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")

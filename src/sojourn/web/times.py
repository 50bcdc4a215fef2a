"""Times as text: what each wire spells, and what people write.

Every function speaks of `Instant`: integer microseconds since the epoch, UTC.
"""

import re
from datetime import UTC, datetime, timedelta

from sojourn.core.errors import Invalid
from sojourn.core.model import DAY, EARLIEST, LATEST, SECOND, Instant, instant_of

MOST_DAYS = 4_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>\d{2}:\d{2})(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<offset>[Zz]|[+ -]\d{2}:?\d{2})?)?",  # in a query string that was not quoted, a plus arrives as a space
    re.ASCII,
)


class _Days(dict[int, str]):
    """The text of a day, by its number since the epoch; made once, as long as not too many have been asked for."""

    def __missing__(self, day: int) -> str:
        if len(self) >= MOST_DAYS:
            self.clear()
        text = self[day] = (_EPOCH + timedelta(days=day)).date().isoformat()
        return text


_DAYS = _Days()
_MINUTES = [f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
_SECONDS = [f"{second:02d}" for second in range(60)]
_THOUSANDTHS = [f".{thousandth:03d}" for thousandth in range(1000)]


def _second(seconds: int) -> str:
    day, second = divmod(seconds, 86_400)
    return f"{_DAYS[day]}{_MINUTES[second // 60]}{_SECONDS[second % 60]}"


def to_seconds(at: Instant) -> str:
    """`2023-07-13T09:47:03Z`: cut to the second."""
    return f"{_second(at // SECOND)}Z"


def to_microseconds(at: Instant) -> str:
    """`2026-11-20T15:04:05.123456Z`."""
    seconds, rest = divmod(at, SECOND)
    return f"{_second(seconds)}.{rest:06d}Z"


def to_spaced(at: Instant) -> str:
    """`2017-03-26 11:58:46`: UTC, cut to the second."""
    return _second(at // SECOND).replace("T", " ")


def to_milliseconds(at: Instant) -> str:
    """`2000-01-23T04:56:07.000+00:00`: cut to the millisecond."""
    # By hand: an answer of a million sessions spells two million of them.
    minute = at // 60_000_000
    ms = (at - minute * 60_000_000) // 1000
    return f"{_DAYS[minute // 1440]}{_MINUTES[minute % 1440]}{_SECONDS[ms // 1000]}{_THOUSANDTHS[ms % 1000]}+00:00"


def from_datetime(moment: datetime) -> Instant:
    """A moment that knows its offset."""
    return (moment - _EPOCH) // _MICROSECOND


def parse(field: str, text: str, *, end_of_day: bool = False) -> Instant:
    """A date, or a date and a time: `2023-07-13`, `2023-07-13 09:47:03`, `2023-07-13T09:47:03.5+02:00`.

    Without an offset it is UTC. A bare date is the day's first moment, or its last one with `end_of_day`. A fraction
    finer than a microsecond is cut. Raises: Invalid.
    """
    return instant_of(field, _read(field, text, end_of_day))


def parse_bound(field: str, text: str) -> Instant:
    """The same for one end of a range, which may lie in any year: nothing was before 1970, nothing is after 9999."""
    return min(max(_read(field, text, end_of_day=False), EARLIEST - 1), LATEST)


def _read(field: str, text: str, end_of_day: bool) -> int:
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise Invalid(field, "must be a time such as 2023-07-13T09:47:03Z")
    offset = (found["offset"] or "Z").upper().replace(" ", "+")
    clock = f"{found['time'] or '00:00'}:{found['seconds'] or '00'}"
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{clock}{offset}")
    except ValueError as error:
        raise Invalid(field, f"must be a time that exists: {error}") from error
    at = from_datetime(moment) + int((found["fraction"] or "0").ljust(6, "0")[:6])
    if found["time"] is None and end_of_day:
        at += DAY - 1
    return at

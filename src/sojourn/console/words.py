"""What people read: times in their own zone with UTC on hover, lengths, counts.

Filters of the templates, which know the reader's zone by the page's own `zone` and `now`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sojourn.core.access import Level, Resource
from sojourn.core.model import DAY, MINUTE, SECOND, Instant
from sojourn.web.times import to_microseconds, to_spaced

HOUR = 60 * MINUTE
_MILLISECOND = 1_000


def local(at: Instant, zone: ZoneInfo) -> datetime:
    """A moment on the clock of a zone."""
    return datetime.fromtimestamp(at // SECOND, zone).replace(microsecond=at % SECOND)


def date_words(moment: date) -> str:
    """`3 September 2026`."""
    return f"{moment.day} {moment:%B %Y}"


def timed(at: Instant, text: str) -> Markup:
    """A text about a moment, as `<time>`: the moment itself for programs, UTC on hover."""
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(to_microseconds(at), to_spaced(at), text)


@pass_context
def moment(context: Context, at: Instant | None, absent: str = "–") -> Markup:
    """`3 Sep 2026, 12:12`: date and time, to the minute."""
    if at is None:
        return Markup.escape(absent)
    shown = local(at, context["zone"])
    return timed(at, f"{shown.day} {shown:%b %Y, %H:%M}")


@pass_context
def day(context: Context, at: Instant) -> Markup:
    """`Thursday, 3 September 2026`."""
    shown = local(at, context["zone"])
    return timed(at, f"{shown:%A}, {date_words(shown)}")


@pass_context
def clock(context: Context, at: Instant | None, absent: str = "–") -> Markup:
    """`12:12:05`: the time of day, to the second."""
    if at is None:
        return Markup.escape(absent)
    return timed(at, f"{local(at, context['zone']):%H:%M:%S}")


@pass_context
def stamp(context: Context, at: Instant) -> Markup:
    """`3 Sep, 12:12:05`: the same with its day."""
    shown = local(at, context["zone"])
    return timed(at, f"{shown.day} {shown:%b, %H:%M:%S}")


@pass_context
def ago(context: Context, at: Instant | None, absent: str = "never") -> Markup:
    """`5 minutes ago`, `in 3 days`; after a month, the date."""
    if at is None:
        return Markup.escape(absent)
    apart = context["now"] - at
    if abs(apart) < 45 * SECOND:
        return timed(at, "just now")
    if abs(apart) > 30 * DAY:
        shown = local(at, context["zone"])
        return timed(at, f"{shown.day} {shown:%b %Y}")
    words = about(abs(apart))
    return timed(at, f"{words} ago" if apart > 0 else f"in {words}")


def about(microseconds: int) -> str:
    """`5 minutes`, `2 hours`, `3 days`: the nearest of the largest unit."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if microseconds >= unit * 0.9:
            return count(max(1, round(microseconds / unit)), name)
    return count(max(1, round(microseconds / SECOND)), "second")


def duration(microseconds: int | None, absent: str = "–") -> str:
    """`3 h 12 min`, `4 min 5 s`, `12 s`, `3.2 s`, `120 ms`: how long something was, in two units at most."""
    if microseconds is None:
        return absent
    if 0 < microseconds < SECOND:
        return f"{microseconds / _MILLISECOND:.0f} ms"
    if 0 < microseconds < 10 * SECOND:
        return f"{microseconds / SECOND:.1f} s"
    for large, name, small, lesser in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", SECOND, "s")):
        if microseconds >= large:
            rest = microseconds % large // small
            return f"{microseconds // large} {name}" + (f" {rest} {lesser}" if rest else "")
    return f"{microseconds // SECOND} s"


def number(value: int) -> str:
    """`12 345`, with thin spaces that do not break."""
    return f"{value:,}".replace(",", "\u202f")


def count(value: int, one: str, many: str = "") -> str:
    """`1 session`, `12 sessions`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def spelled_zone(zone: ZoneInfo, at: Instant) -> str:
    """`Europe/Ljubljana (UTC+1)`."""
    offset = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone).utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds()) // 60
    if zone.key == "UTC":
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "–" if minutes < 0 else "+"
    return f"{zone.key.replace('_', ' ')} (UTC{sign}{hours}{f':{rest:02d}' if rest else ''})"


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chromium"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac", "macOS"))


def browser_of(agent: str) -> str:
    """`Firefox on Linux`: what a browser says of itself, in as many words as help to know it again."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in (*_SYSTEMS, ("Linux", "Linux")) if mark in agent), "")
    return " on ".join(part for part in (browser or "A browser", system) if part)


def rights(levels: Mapping[Resource, Level]) -> str:
    """What an access group allows: `May read and record activity sessions; may read login sessions.`."""
    write = {
        Resource.ACTIVITY_SESSIONS: "read and record activity sessions",
        Resource.LOGIN_SESSIONS: "read and record login sessions",
        Resource.ENDPOINT_SESSIONS: "read and deliver endpoint sessions",
        Resource.ADMINISTRATION: "administer the organisation: who may enter, and how",
    }
    read = {resource: f"read {resource.value.lower()}" for resource in Resource}
    read[Resource.ADMINISTRATION] = "see who may enter, and how"
    told = []
    for resource in Resource:
        level = levels.get(resource, Level.NONE)
        if level is not Level.NONE:
            told.append("may " + (write if level is Level.WRITE else read)[resource])
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else "May do nothing here."


FILTERS = {
    "rights": rights,
    "moment": moment,
    "day": day,
    "clock": clock,
    "stamp": stamp,
    "ago": ago,
    "duration": duration,
    "number": number,
    "count": count,
    "about": about,
    "date_words": date_words,
}

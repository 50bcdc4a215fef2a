"""Which time is asked for, and where a page begins: pure rules, without a request.

Times are `Instant`s; the wire spells them to the second, so a bound that was told to the second covers all of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sojourn.core.errors import Invalid
from sojourn.core.model import FIRST_VISIT, LATEST, MINUTE, SECOND, Instant
from sojourn.core.query import Place
from sojourn.core.visit import round_of
from sojourn.web.times import parse

LAST_ROUND = 5 * MINUTE
"""What "the last round" covers, up to the newest visit (our decision)."""

MOST_PAGES = 1_000
"""As far as `page=N` goes: it is passed over row by row (our decision)."""

_WINDOW = re.compile(r"([0-9]{1,12})([smhdw]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LOST_PLUS = re.compile(r" (\d{2}:?\d{2})$")
_AGENT_TOKEN = re.compile(r"(\d{1,12})\.(\d{1,9})")
_TOKEN = re.compile(r"(\d{1,12})\.(\d{1,8})\.(\d{1,15})\.(\d{1,6})\.(\d{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A closed range; `told` when somebody asked for it, so that the answer tells it back."""

    first: Instant
    last: Instant
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a page begins: after a visit, then after `skip` rows of the next one; `current` numbers the page."""

    place: Place | None = None
    skip: int = 0
    current: int = 1

    def token(self) -> str:
        """`round.microseconds.number.skip.current`: finer than a round (our decision)."""
        place = self.place or Place(0, FIRST_VISIT)
        start = round_of(place.at)
        return f"{start}.{place.at - start * SECOND}.{place.id - FIRST_VISIT}.{self.skip}.{self.current}"


def read_range(parameters: Mapping[str, str], now: Instant) -> Range | None:
    """The range that is asked for; None where none is. Raises: Invalid, naming the parameter."""
    window, first, last = (parameters.get(name, "").strip() for name in ("window", "from", "to"))
    if window:
        if first or last:
            raise Invalid("window", "must not be given together with from or to")
        return _back(window, now)
    if not first:
        if last:
            raise Invalid("to", "must not be given without from")
        return None
    begin, end = _bound("from", first), now if not last else whole_second(_bound("to", last))
    if end < begin:
        raise Invalid("to", "must not be before from")
    return Range(first=begin, last=end)


def _back(window: str, now: Instant) -> Range:
    found = _WINDOW.fullmatch(window)
    if found is None:
        raise Invalid("window", "must be a number with s, m, h, d or w behind it, such as 12h")
    length = int(found[1]) * _UNITS[found[2]] * SECOND
    first = max(0, now - length)
    return Range(first=first - first % SECOND, last=whole_second(now))


def _bound(name: str, text: str) -> Instant:
    """A time; a `+` of its offset may have arrived as a space (real clients)."""
    return parse(name, _LOST_PLUS.sub(r"+\1", text) if len(text) > len("2024-01-01 00:00") else text)


def whole_second(at: Instant) -> Instant:
    """The last moment of a second that was told without a fraction."""
    return min(at - at % SECOND + SECOND - 1, LATEST) if at % SECOND == 0 else at


def last_round(newest: Instant) -> Range:
    """The newest five minutes up to the newest visit."""
    return Range(first=max(0, newest - LAST_ROUND + 1), last=newest, told=False)


def read_mark(parameters: Mapping[str, str]) -> Mark | None:
    """Where the page begins that a `next` link asks for. Raises: Invalid."""
    text = parameters.get("lastRoundId", "").strip()
    if not text:
        return None
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise Invalid("lastRoundId", "must be taken from a next link as it is")
    start, rest, number, skip, current = (int(part) for part in found.groups())
    place = Place(start * SECOND + rest, FIRST_VISIT + number)
    return Mark(place=place, skip=skip, current=current)


def read_last_agent(parameters: Mapping[str, str]) -> tuple[int | None, int]:
    """After which agent a page begins, and its number. Raises: Invalid."""
    text = parameters.get("lastAgent", "").strip()
    if not text:
        return None, 1
    found = _AGENT_TOKEN.fullmatch(text)
    if found is None:
        raise Invalid("lastAgent", "must be taken from a next link as it is")
    return int(found[1]), int(found[2])


def read_page_number(parameters: Mapping[str, str]) -> int:
    """The page that `page=N` asks for, from 1. Raises: Invalid."""
    text = parameters.get("page", "").strip() or "1"
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:10]) <= MOST_PAGES:
        raise Invalid("page", f"must be a number from 1 to {MOST_PAGES}; follow the next links for more")
    return int(text)

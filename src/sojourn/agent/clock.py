"""Time on a machine whose clock may jump: what is said in it, and what is waited by."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""


def now() -> int:
    """Tell the time: microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


def elapsed() -> float:
    """Tell seconds from some start: unmoved by a clock that is set, counting while suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def text_of(instant: int) -> str:
    """Spell an instant as RFC 3339 in UTC with microseconds: `2026-11-20T15:04:05.123456Z`."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}Z"


def instant_of(text: str) -> int | None:
    """Read an ISO 8601 date and time; without an offset it is UTC, outside 1970–9999 it is None."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        instant = (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
    return instant if 0 <= instant <= LATEST else None


@dataclass(slots=True, kw_only=True)
class JumpWatch:
    """Notices a wall clock that was set: it moved otherwise than the time that passed."""

    tolerance: float = 5.0
    wall: Callable[[], int] = now
    passed: Callable[[], float] = elapsed
    _offset: float | None = None

    def jump(self) -> int:
        """Tell by how many microseconds the clock was set since the last call; 0 for not at all."""
        offset = self.wall() / SECOND - self.passed()
        before, self._offset = self._offset, offset
        if before is None or abs(offset - before) <= self.tolerance:
            return 0
        return round((offset - before) * SECOND)

"""A year of a company, as lines that `sojourn import` takes: the same for the same sessions and the same seed.

Some thousand people work from Monday to Friday, less over lunch, hardly at night, on weekends and on holidays. A few of
them are very busy, a few sessions are very long, and there is one customer whom everybody looks at. The lines come in
the order of the sessions' starts, a day at a time, so that ten million need no more memory than a day of them.

`python -m benchmarks.company --sessions 1000000` writes them to standard output.
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

import click
import msgspec

from sojourn.core.model import DAY, MINUTE, SECOND, Instant
from sojourn.web.times import to_microseconds

YEAR = 2025
FIRST_DAY = date(YEAR, 1, 1)
DAYS = 365
BEGIN: Instant = int(datetime(YEAR, 1, 1, tzinfo=UTC).timestamp()) * SECOND
END: Instant = BEGIN + DAYS * DAY

WATCHED = date(YEAR, 3, 11)
"""A Tuesday, on which nothing special happens."""

HOLIDAYS = frozenset(
    {(1, 1), (4, 18), (4, 21), (5, 1), (5, 29), (6, 9), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
)
ON_WEEKENDS, ON_HOLIDAYS = 0.06, 0.03
"""How much is done then, of what is done on a working day."""

PEOPLE = 3_000
BUSY = 5
BY_THE_BUSY = 0.08
"""How much of everything is done by the few who are very busy."""

DEVICES = 4_000
SESSIONS_A_CUSTOMER = 20
EVERYBODYS = "90000000"
BY_EVERYBODY = 0.03
"""How many of the sessions look at the one customer whom everybody looks at."""

LONG = 20_000
"""One session of so many takes days or weeks, and at least three do."""

AGE = 2_000
"""So many sessions ago, on average, a ticket or a purchase that is looked at was made."""

MODULES = ("CARE_DESK", "MEMBER_CARE", "LOYALTY", "STORE_CARE", "BILLING", "RETURNS", "FRAUD", "REPORTS", "ADMIN")
_OF_MODULES = tuple(accumulate((30, 20, 15, 10, 8, 7, 5, 4, 1)))

_DOINGS = (
    ("CUSTOMER", "CustomerSearched", 30), ("CUSTOMER", "CustomerProfileViewed", 25), ("CUSTOMER", "EmailChanged", 4),
    ("CUSTOMER", "MobileNumberChanged", 3), ("TRANSACTION", "TransactionViewed", 14), ("COUPON", "CouponIssued", 4),
    ("TRANSACTION", "TransactionReturned", 4), ("COUPON", "CouponReactivated", 1), ("POINTS", "PointsAdjusted", 4),
    ("MEMBERSHIP", "TierUpgraded", 1), ("TICKET", "TicketOpened", 5), ("TICKET", "TicketClosed", 5),
)  # fmt: skip
_OF_DOINGS = tuple(accumulate(weight for _, _, weight in _DOINGS))

_REASONS = (
    "Customer call", "Customer wrote", "Refund", "Complaint", "Audit", "Data request", "Card lost", "Late delivery",
    "Store asked", "Training", "Fraud alert", "Wrong address",
)  # fmt: skip
WITH_A_REASON, WITH_A_COMMENT, WITH_A_NOTE = 0.7, 0.2, 0.25

# How many activities a session has, in a thousand sessions: five on average.
_ACTIVITIES = (
    (1, 80),
    (2, 120),
    (3, 170),
    (4, 170),
    (5, 140),
    (6, 100),
    (7, 80),
    (8, 50),
    (10, 40),
    (14, 30),
    (20, 20),
)
_COUNTS = tuple(count for count, _ in _ACTIVITIES)
_OF_COUNTS = tuple(accumulate(weight for _, weight in _ACTIVITIES))

# How much begins in each half hour of a day.
_HALF_HOURS = (*[0.02] * 12, 0.05, 0.1, 0.4, 1.5, 4, 5, 6, 6, 6, 6, 6, 5, 2, 2, 4, 6, 6, 6, 6, 5, 4, 3, 2, 1,
               0.5, 0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05, *[0.02] * 4)  # fmt: skip
_OF_HALF_HOURS = tuple(accumulate(_HALF_HOURS))

WORDS = 20_000
_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "tu", "kel", "ran", "ven", "mor", "lis", "ton")


def vocabulary() -> list[str]:
    """Plain words, the commonest first."""
    words = []
    for number in range(WORDS):
        left, word = number + len(_SYLLABLES), ""
        while left:
            left, last = divmod(left, len(_SYLLABLES))
            word += _SYLLABLES[last]
        words.append(word)
    return words


def person(number: int) -> str:
    """The login of one of the people; the busy ones come first."""
    return f"user{number:04d}"


def customer(number: int) -> str:
    """The number of one of the customers; 0 is the one whom everybody looks at."""
    return str(int(EVERYBODYS) + number)


def share(day: date) -> float:
    """How much is done on a day, of what is done on a working day."""
    if (day.month, day.day) in HOLIDAYS:
        return ON_HOLIDAYS
    return ON_WEEKENDS if day.weekday() > 4 else 1.0


@dataclass(slots=True, kw_only=True)
class Company:
    """A year of so many sessions."""

    sessions: int
    seed: int = 2026
    _begun: int = 0
    _draw: Random = field(init=False)
    _words: Sequence[str] = field(init=False)
    _of_words: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        self._draw = Random(self.seed)
        self._words = vocabulary()
        self._of_words = tuple(accumulate(1 / (rank + 2.7) for rank in range(WORDS)))

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return max(50, self.sessions // SESSIONS_A_CUSTOMER)

    def by_day(self) -> list[int]:
        """How many sessions begin on each day of the year: all of them together, to the last one."""
        sums = list(accumulate(share(FIRST_DAY + timedelta(days=number)) for number in range(DAYS)))
        ends = [round(self.sessions * part / sums[-1]) for part in sums]
        return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]

    def lines(self) -> Iterator[bytes]:
        """Every session as a line, in order of their starts; some hundred lines at a time."""
        long_ones = self._long_ones()
        for day, count in enumerate(self.by_day()):
            part: list[str] = []
            for at in self._starts(BEGIN + day * DAY, count):
                part.append(self._session(at, self._begun in long_ones))
                self._begun += 1
                if len(part) == 500:
                    yield "".join(part).encode()
                    part.clear()
            if part:
                yield "".join(part).encode()

    def _long_ones(self) -> set[int]:
        wanted = min(self.sessions, max(3, self.sessions // LONG))
        return set(self._draw.sample(range(self.sessions), wanted))

    def _starts(self, midnight: Instant, count: int) -> list[Instant]:
        draw = self._draw.random
        halves = self._draw.choices(range(48), cum_weights=_OF_HALF_HOURS, k=count)
        return sorted(midnight + half * 30 * MINUTE + int(draw() * 30 * MINUTE) for half in halves)

    def _session(self, at: Instant, is_long: bool) -> str:
        draw = self._draw.random
        end = at + (int((1 + 20 * draw()) * DAY) if is_long else self._length())
        until = min(end, END - 1)
        who = int(draw() * BUSY) if draw() < BY_THE_BUSY else BUSY + int(draw() * (PEOPLE - BUSY))
        # Everybody has a machine, and now and then sits at another one.
        device = who if draw() < 0.9 else int(draw() * DEVICES)
        module = self._draw.choices(MODULES, cum_weights=_OF_MODULES)[0]
        ended = f',"endedAt":"{to_microseconds(end)}"' if end < END else ""
        return (
            f'{{"login":"{person(who)}","device":{{"guid":"device-{device:04d}"}},"module":"{module}",'
            f'"startedAt":"{to_microseconds(at)}"{ended},"activities":[{self._activities(at, until)}]'
            f"{self._remarks(until)}}}\n"
        )

    def _length(self) -> int:
        return int(math.exp(self._draw.gauss(0, 0.9)) * 8 * MINUTE) + SECOND

    def _activities(self, at: Instant, until: Instant) -> str:
        draw = self._draw.random
        count = self._draw.choices(_COUNTS, cum_weights=_OF_COUNTS)[0]
        some = self._draw.choices(_DOINGS, cum_weights=_OF_DOINGS, k=count)
        who = 0 if draw() < BY_EVERYBODY else 1 + int(draw() ** 2 * (self.customers - 1))
        moments = sorted([at + int(draw() * (until - at)) for _ in some])
        return ",".join(
            [self._activity(kind, name, who, moment) for (kind, name, _), moment in zip(some, moments, strict=True)]
        )

    def _activity(self, kind: str, name: str, who: int, at: Instant) -> str:
        # A customer may come back after a year; tickets and purchases are looked at in the days after they were made.
        thing = customer(who) if kind == "CUSTOMER" else f"{kind[:2]}{self._recent()}"
        note = f',"note":"{self._text()}"' if self._draw.random() < WITH_A_NOTE else ""
        return f'{{"entityType":"{kind}","entityId":"{thing}","name":"{name}","at":"{to_microseconds(at)}"{note}}}'

    def _recent(self) -> int:
        return max(1, self._begun - int(self._draw.expovariate(1 / AGE)))

    def _remarks(self, at: Instant) -> str:
        draw = self._draw.random
        if draw() >= WITH_A_REASON:
            return ""
        reason = _REASONS[int(draw() ** 2 * len(_REASONS))]
        comment = f',"comment":"{self._text()}"' if draw() < WITH_A_COMMENT else ""
        return f',"remarks":[{{"reason":"{reason}","at":"{to_microseconds(at)}"{comment}}}]'

    def _text(self) -> str:
        return " ".join(self._draw.choices(self._words, cum_weights=self._of_words, k=2 + int(self._draw.random() * 6)))


def is_on(line: Mapping[str, Any], day: date) -> bool:
    """Whether a session, as a line of JSON, was going on at some moment of a day."""
    begun = line["startedAt"][:10] <= day.isoformat()
    return begun and ("endedAt" not in line or line["endedAt"][:10] >= day.isoformat())


def of_day(company: Company, day: date) -> Iterator[bytes]:
    """The lines of what was going on on one day."""
    tomorrow = f'"startedAt":"{day + timedelta(days=1)}'.encode()
    for lines in company.lines():
        some = [line for line in lines.splitlines(keepends=True) if is_on(msgspec.json.decode(line), day)]
        yield b"".join(some)
        if tomorrow in lines:
            return


@click.command()
@click.option("--sessions", default=10_000, show_default=True, type=click.IntRange(1), help="Of the year.")
@click.option("--seed", default=2026, show_default=True, type=int, help="The same seed makes the same year.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only what was going on on that day.")
def main(sessions: int, seed: int, day: datetime | None) -> None:
    """Write a year of a company as NDJSON, which `sojourn import -` takes."""
    company = Company(sessions=sessions, seed=seed)
    for lines in company.lines() if day is None else of_day(company, day.date()):
        sys.stdout.buffer.write(lines)


if __name__ == "__main__":
    main()

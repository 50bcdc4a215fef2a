"""Which days the picture shows."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.console.asked import asked
from sojourn.console.days import MOST_BARS, SPANS, USUAL, Days, days_of
from sojourn.core.model import DAY, LATEST
from sojourn.web.times import parse
from tests.console.pictures.svg import drawn

VIENNA = ZoneInfo("Europe/Vienna")
NOW = parse("now", "2026-09-30T23:30:00Z")
TODAY = date(2026, 10, 1)


def days(**given: str) -> Days:
    return days_of(given, asked(given, VIENNA).filter, VIENNA, NOW)


def test_they_end_today_on_the_readers_clock() -> None:
    shown = days()
    assert (shown.last, shown.length, shown.step, shown.chosen) == (TODAY, USUAL, 1, None)


def test_what_is_asked_for_lies_in_the_picture() -> None:
    assert days(**{"from": "2026-09-20", "to": "2026-09-21"}).last == TODAY
    long_ago = days(**{"from": "2020-03-03", "to": "2020-03-04"})
    assert long_ago.chosen == (date(2020, 3, 3), date(2020, 3, 4))
    assert long_ago.first < date(2020, 3, 3) < date(2020, 3, 4) < long_ago.last


def test_the_length_and_the_last_day_can_be_told() -> None:
    shown = days(days="728", until_day="2026-01-31")
    assert (shown.last, shown.length) == (date(2026, 1, 31), 728)
    assert shown.step == 7
    assert days(days="x", until_day="2026-02-30").last == TODAY
    assert days(days="14", until_day="2026-01-31").shifted(-1) == "2026-01-17"


@pytest.mark.parametrize("told", ["0001-01-01", "1970-01-01", "9999-12-31"])
@pytest.mark.parametrize("length", SPANS)
def test_the_ends_of_time_are_no_trouble(told: str, length: str) -> None:
    shown = days(until_day=told, days=length)
    first, last = shown.bounds
    assert 0 <= first < last <= LATEST
    drawn(shown.drawn({}, lambda **_: "?"))


@settings(max_examples=30)
@given(st.dates(date(1970, 1, 1), date(9999, 12, 31)), st.sampled_from(list(SPANS)), st.integers(0, LATEST - 2 * DAY))
def test_every_day_stands_in_one_bar(last: date, length: str, now: int) -> None:
    shown = days_of({"until_day": last.isoformat(), "days": length}, None, VIENNA, now)
    counts = {shown.first + timedelta(i): i for i in range(shown.length)}
    hrefs: list[dict[str, str]] = []

    def go(**new: str) -> str:
        hrefs.append(new)
        return "?"

    root = drawn(shown.drawn(counts, go))
    assert len(list(root.iter("a"))) == len(hrefs) <= MOST_BARS
    assert (hrefs[0]["from"], hrefs[-1]["to"]) == (shown.first.isoformat(), shown.last.isoformat())
    told = [link.get("aria-label", "").rpartition(": ")[2] for link in root.iter("a")]
    assert sum(int(text.rpartition(" ")[0].replace("\u202f", "")) for text in told) == sum(counts.values())

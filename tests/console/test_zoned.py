"""Times as people write them."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.console import zoned
from sojourn.core.errors import Invalid
from sojourn.core.model import DAY, LATEST, SECOND
from sojourn.web.times import to_microseconds

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-09-03", "2026-09-02T22:00:00.000000Z", "2026-09-03T21:59:59.999999Z"),
        ("2026-10-25", "2026-10-24T22:00:00.000000Z", "2026-10-25T22:59:59.999999Z"),  # a day of 25 hours
        ("2026-09-03T12:12", "2026-09-03T10:12:00.000000Z", "2026-09-03T10:12:59.999999Z"),
        ("2026-09-03 12:12:05", "2026-09-03T10:12:05.000000Z", "2026-09-03T10:12:05.999999Z"),
        ("2026-09-03T12:12Z", "2026-09-03T12:12:00.000000Z", "2026-09-03T12:12:00.000000Z"),
        ("2026-09-03T12:12:05.5+05:30", "2026-09-03T06:42:05.500000Z", "2026-09-03T06:42:05.500000Z"),
    ],
)
def test_a_time_without_an_offset_is_on_the_readers_clock(text: str, first: str, last: str) -> None:
    assert to_microseconds(zoned.moment_of("from", text, VIENNA)) == first
    assert to_microseconds(zoned.moment_of("to", text, VIENNA, last=True)) == last


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30T10:00", "2026-09-03T25:00", "yesterday", "", "9999-12-31"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        zoned.moment_of("to", text, ZoneInfo("America/New_York"), last=True)
    assert refused.value.field == "to"


@given(at=st.integers(DAY, LATEST - 2 * DAY), zone=st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kathmandu"]))
def test_what_an_address_tells_is_the_same_moment_for_every_reader(at: int, zone: str) -> None:
    assert zoned.moment_of("at", zoned.spelled(at, ZoneInfo(zone)), VIENNA) == at
    second = at // SECOND * SECOND
    assert zoned.moment_of("at", zoned.spelled(second, ZoneInfo(zone)), VIENNA) == second


def test_a_day_has_its_bounds_in_the_zone() -> None:
    first, last = zoned.day_bounds(date(2026, 3, 29), VIENNA)
    assert last - first == 23 * 3600 * SECOND - 1
    assert zoned.day_of(first, VIENNA) == zoned.day_of(last, VIENNA) == date(2026, 3, 29)

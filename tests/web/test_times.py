"""Times as text, there and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.errors import Invalid
from sojourn.core.model import DAY, EARLIEST, LATEST, SECOND
from sojourn.web.times import (
    MOST_DAYS,
    from_datetime,
    parse,
    to_microseconds,
    to_milliseconds,
    to_seconds,
    to_spaced,
)

instants = st.integers(EARLIEST, LATEST)
moments = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 (hypothesis asks for such)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(instants)
def test_what_is_told_with_microseconds_is_understood_again(at: int) -> None:
    assert parse("at", to_microseconds(at)) == at


@given(instants)
def test_what_is_told_cut_is_cut_downwards(at: int) -> None:
    assert parse("at", to_seconds(at)) == at // SECOND * SECOND
    assert parse("at", to_milliseconds(at)) == at // 1000 * 1000
    assert parse("at", to_spaced(at)) == at // SECOND * SECOND


@given(st.lists(instants, min_size=2))
def test_texts_sort_as_times_do(some: list[int]) -> None:
    assert [parse("at", text) for text in sorted(map(to_microseconds, some))] == sorted(some)


@given(moments, offsets)
def test_any_offset_is_understood(moment: datetime, offset: timezone) -> None:
    aware = moment.replace(tzinfo=offset)
    assert parse("at", aware.isoformat()) == from_datetime(aware)
    assert parse("at", aware.isoformat().replace("T", " ")) == from_datetime(aware)


@given(st.dates(datetime(1970, 1, 1).date(), datetime(9999, 12, 31).date()))  # noqa: DTZ001
def test_a_date_is_its_first_moment_or_its_last(day: object) -> None:
    first, last = parse("day", str(day)), parse("day", str(day), end_of_day=True)
    assert to_microseconds(first) == f"{day}T00:00:00.000000Z"
    assert to_microseconds(last) == f"{day}T23:59:59.999999Z"
    assert last - first == DAY - 1


def understood_or_refused(text: str) -> bool:
    try:
        at = parse("field", text, end_of_day=True)
    except Invalid as refused:
        return refused.field == "field" and refused.reason.startswith("must be a time")
    return EARLIEST <= at <= LATEST


@given(
    st.text() | st.from_regex(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", fullmatch=True)
)
def test_any_text_is_understood_or_refused(text: str) -> None:
    assert understood_or_refused(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2021-04-01", "2021-04-01T00:00:00.000000Z"),
        ("2021-04-01T12:00", "2021-04-01T12:00:00.000000Z"),
        ("2021-04-01 12:00", "2021-04-01T12:00:00.000000Z"),
        ("2021-04-01T12:00:07", "2021-04-01T12:00:07.000000Z"),
        ("2021-04-01T12:00:07.5", "2021-04-01T12:00:07.500000Z"),
        ("2021-04-01T12:00:07,25", "2021-04-01T12:00:07.250000Z"),
        ("2021-04-01T12:00:07.123456789", "2021-04-01T12:00:07.123456Z"),
        ("2021-04-01T12:00:07z", "2021-04-01T12:00:07.000000Z"),
        ("2021-04-01T12:00:07+0230", "2021-04-01T09:30:07.000000Z"),
        ("2021-04-01T12:00-05:00", "2021-04-01T17:00:00.000000Z"),
        ("  2021-04-01\n", "2021-04-01T00:00:00.000000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000000Z"),
        ("1969-12-31T23:00:00-01:00", "1970-01-01T00:00:00.000000Z"),
    ],
)
def test_people_write_times_in_many_ways(text: str, told: str) -> None:
    assert to_microseconds(parse("at", text)) == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2021",
        "2021-04",
        "2021-4-1",
        "01.04.2021",
        "20210401",
        "2021-04-01T",
        "2021-04-01T12",
        "2021-04-01T1:00",
        "2021-04-01T12:00:07.",
        "2021-04-01T12:00:07.1234567890",
        "2021-04-01Z",
        "2021-04-01T12:00 UTC",
        "2021-04-01T12:00:07+2",
        "\uff12021-04-01",
        "2021-04-01T12:00:07.٣",
        "1617278400",
        "2021-W13-4",
        "2021-02-29",
        "2021-13-01",
        "2021-00-01",
        "2021-04-31",
        "0000-01-01",
        "2021-04-01T24:00",
        "2021-04-01T12:60",
        "2016-12-31T23:59:60Z",
        "2021-04-01T12:00:00+25:00",
        "1969-12-31",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse("startDate", text)
    assert refused.value.field == "startDate"


def test_a_moment_that_knows_its_offset_is_an_instant() -> None:
    assert from_datetime(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == SECOND + 5


def test_days_are_remembered_up_to_a_bound() -> None:
    for day in range(MOST_DAYS + 2):
        assert to_seconds(day * DAY) == f"{(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()}T00:00:00Z"

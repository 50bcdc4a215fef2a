"""Round times on an axis."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.axis import MOST_MARKS, Axis
from sojourn.core.model import DAY, LATEST, MINUTE, SECOND, Instant

VIENNA = ZoneInfo("Europe/Vienna")


def on(text: str) -> Instant:
    """A moment on the clock of Vienna."""
    return int(datetime.fromisoformat(text).replace(tzinfo=VIENNA).timestamp()) * SECOND


def axis(first: str, last: str) -> Axis:
    return Axis(first=on(first), last=on(last), zone=VIENNA)


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2026-09-03T08:03", "2026-09-03T12:10", "08:30 09:00 09:30 10:00 10:30 11:00 11:30 12:00"),
        ("2026-09-03T00:00", "2026-09-04T00:00", "3_Sep 03:00 06:00 09:00 12:00 15:00 18:00 21:00 4_Sep"),
        ("2026-09-03T22:10", "2026-09-04T02:00", "22:30 23:00 23:30 4_Sep 00:30 01:00 01:30 02:00"),
        ("2026-09-01T00:00", "2026-09-30T00:00", "7_Sep 14_Sep 21_Sep 28_Sep"),
        ("2026-09-03T10:00:00", "2026-09-03T10:00:20", "10:00:00 10:00:05 10:00:10 10:00:15 10:00:20"),
        ("2025-10-01T00:00", "2026-09-30T00:00", "Oct_2025 Jan_2026 Apr_2026 Jul_2026"),
    ],
)
def test_marks_fall_on_round_times_of_the_zone(first: str, last: str, labels: str) -> None:
    assert [mark.label.replace(" ", "_") for mark in axis(first, last).marks()] == labels.split()


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_they_stay_round_when_the_clock_is_changed(day: str) -> None:
    labels = [mark.label for mark in axis(f"{day}T00:00", f"{day}T23:59").marks()]
    assert set(labels[1:]) == {"03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"}


def test_a_moment_outside_stands_at_the_edge() -> None:
    a = axis("2026-09-03T10:00", "2026-09-03T11:00")
    assert [a.at(on(f"2026-09-03T{clock}")) for clock in ("09:00", "10:15", "12:00")] == [0, 25, 100]


moments = st.integers(0, LATEST)
lengths = st.one_of(st.integers(0, 20 * SECOND), st.integers(0, 3 * DAY), st.integers(0, 3_000 * DAY))


@given(first=moments, length=lengths, zone=st.sampled_from(["UTC", "Europe/Vienna", "Asia/Kathmandu", "Pacific/Apia"]))
def test_marks_are_few_in_order_and_inside(first: Instant, length: int, zone: str) -> None:
    made = Axis(first=first, last=min(LATEST, first + length), zone=ZoneInfo(zone))
    places = [mark.place for mark in made.marks()]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)
    assert len(places) <= MOST_MARKS + 2


def test_an_axis_of_no_length_has_a_place_for_everything() -> None:
    at = datetime(2026, 9, 3, tzinfo=UTC)
    made = Axis(first=int(at.timestamp()) * SECOND, last=int(at.timestamp()) * SECOND, zone=VIENNA)
    assert made.at(made.first + MINUTE) == 0

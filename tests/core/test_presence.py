"""Who was there when: the pure rules."""

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.errors import Invalid
from sojourn.core.model import DAY, LATEST, MINUTE, SECOND, Instant
from sojourn.core.presence import (
    IDLE_GAP,
    Stay,
    Window,
    active_stretches,
    by_hour,
    clip,
    idle_gaps,
    idle_time,
    last_seen,
    midnight,
    reaches_out,
    timespan,
    united,
)
from tests import clipping
from tests.clipping import SELECTED, Case, instant, perhaps

HOUR = 60 * MINUTE


def stay(login: Instant, logout: Instant | None) -> Stay:
    return (login, 1, 1, "guid", login, logout)


class TestWindow:
    def test_it_must_not_end_before_it_starts(self) -> None:
        with pytest.raises(Invalid, match=r"^end must not be before start$"):
            Window(start=2, end=1)

    def test_it_may_be_one_moment(self) -> None:
        assert Window(start=2, end=2) == Window(start=2, end=2)

    @pytest.mark.parametrize(
        ("window", "inside"),
        [
            (Window(), [0, 1, 2, 3, 4]),
            (Window(start=1), [1, 2, 3, 4]),
            (Window(end=3), [0, 1, 2, 3]),
            (Window(start=1, end=3), [1, 2, 3]),
            (Window(start=2, end=2), [2]),
        ],
        ids=["open", "start", "end", "both", "one moment"],
    )
    def test_its_bounds_are_inside(self, window: Window, inside: list[int]) -> None:
        assert [at for at in range(5) if at in window] == inside


class TestClip:
    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in SELECTED.items()])
    def test_it_follows_the_notes(self, case: Case) -> None:
        began, ended = case.session
        times = [instant(at) for at in case.did]
        login, logout = case.told
        expected = (instant(login), perhaps(logout))
        assert clip(instant(began), perhaps(ended), times, clipping.window(case)) == expected
        assert clip(instant(began), perhaps(ended), reversed(times), clipping.window(case)) == expected

    @pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in SELECTED.items()])
    def test_only_what_reaches_out_is_cut(self, case: Case) -> None:
        began, ended = instant(case.session[0]), perhaps(case.session[1])
        window = clipping.window(case)
        if not reaches_out(began, ended, window):
            assert case.told == case.session
        else:
            assert began not in window or ended is None or ended not in window

    @given(
        began=st.integers(0, 50),
        length=st.none() | st.integers(0, 50),
        times=st.lists(st.integers(0, 50)),
        bounds=st.tuples(st.none() | st.integers(0, 100), st.none() | st.integers(0, 100)),
    )
    def test_what_is_told_lies_inside_the_window_and_the_session(
        self, began: int, length: int | None, times: list[int], bounds: tuple[int | None, int | None]
    ) -> None:
        start, end = bounds if None in bounds else sorted(bound for bound in bounds if bound is not None)
        window = Window(start=start, end=end)
        ended = None if length is None else began + length
        did = [began + at for at in times if length is None or at <= length]
        there = (end is None or began <= end) and (start is None or ended is None or ended >= start)
        if not there:
            return
        login, logout = clip(began, ended, did, window)
        assert login in window
        assert login >= began
        if logout is None:
            assert ended is None
            assert end is None
        else:
            assert logout in window
            assert login <= logout
            assert ended is None or logout <= ended


class TestIdleTime:
    @pytest.mark.parametrize(
        ("minutes", "idle"),
        [
            ([], 0),
            ([0], 0),
            ([0, 15], 0),
            ([0, 16], 16),
            ([0, 10, 20, 30], 0),
            ([0, 10, 30, 40, 70], 20 + 30),
            ([0, 0, 60 * 24], 60 * 24),
        ],
        ids=str,
    )
    def test_it_is_the_sum_of_the_gaps_that_are_longer_than_the_limit(self, minutes: list[int], idle: int) -> None:
        assert idle_time([minute * MINUTE for minute in minutes]) == idle * MINUTE

    def test_a_gap_must_be_longer_than_the_limit_by_a_microsecond(self) -> None:
        assert idle_time([0, IDLE_GAP]) == 0
        assert idle_time([0, IDLE_GAP + 1]) == IDLE_GAP + 1

    def test_another_limit_finds_other_gaps(self) -> None:
        assert list(idle_gaps([0, 5, 6, 20], limit=4)) == [(0, 5), (6, 20)]
        assert idle_time([0, 5, 6, 20], limit=5) == 14


class TestActiveStretches:
    @pytest.mark.parametrize(
        ("logout", "times", "stretches"),
        [
            (100, [], [(0, 100)]),
            (100, [50], [(0, 100)]),
            (100, [10, 90], [(0, 10), (90, 100)]),
            (100, [10, 20, 50, 60], [(0, 20), (50, 100)]),
            (100, [0, 90], [(90, 100)]),
            (100, [0, 100], []),
            (100, [10, 100], [(0, 10)]),
            (0, [], []),
            (None, [], []),
            (None, [10], [(0, 10)]),
            (None, [10, 50, 55], [(0, 10), (50, 55)]),
        ],
        ids=str,
    )
    def test_they_are_what_idle_gaps_leave(
        self, logout: int | None, times: list[int], stretches: list[tuple[int, int]]
    ) -> None:
        assert list(active_stretches(stay(0, logout), times, limit=25)) == stretches

    @given(
        ended=st.booleans(),
        ats=st.lists(st.integers(0, 200)).map(sorted),
        more=st.integers(0, 50),
        limit=st.integers(0, 60),
    )
    def test_with_the_idle_time_they_make_up_the_duration(
        self, ended: bool, ats: list[int], more: int, limit: int
    ) -> None:
        one = stay(0, (ats[-1] if ats else 0) + more if ended else None)
        active = sum(end - begin for begin, end in active_stretches(one, ats, limit))
        assert active + idle_time(ats, limit) == last_seen(one, ats)


class TestLastSeen:
    def test_it_is_the_logout(self) -> None:
        assert last_seen(stay(10, 50), [20, 30]) == 50

    def test_of_one_that_runs_on_it_is_the_last_activity_or_the_login(self) -> None:
        assert last_seen(stay(10, None), [20, 30]) == 30
        assert last_seen(stay(10, None), []) == 10


class TestUnited:
    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair)))))
    def test_each_moment_counts_once(self, stretches: list[tuple[int, int]]) -> None:
        whole = list(united(stretches))
        moments = [at for begin, end in whole for at in range(begin, end)]
        assert moments == sorted({at for begin, end in stretches for at in range(begin, end)})
        assert all(before[1] < after[0] for before, after in pairwise(whole))


def instant_of(text: str) -> Instant:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def hours(begin: str, end: str, zone: str) -> list[tuple[str, float]]:
    """The hours of a stretch with the minutes spent in each."""
    some = by_hour(instant_of(begin), instant_of(end), ZoneInfo(zone))
    return [(hour.isoformat(), microseconds / MINUTE) for hour, microseconds in some]


class TestByHour:
    def test_a_stretch_is_split_at_the_hours(self) -> None:
        assert hours("2021-09-03T13:30:00Z", "2021-09-03T15:15:30Z", "UTC") == [
            ("2021-09-03T13:00:00+00:00", 30),
            ("2021-09-03T14:00:00+00:00", 60),
            ("2021-09-03T15:00:00+00:00", 15.5),
        ]

    def test_a_stretch_may_lie_just_on_the_hours(self) -> None:
        assert hours("2021-09-03T13:00:00Z", "2021-09-03T14:00:00Z", "UTC") == [("2021-09-03T13:00:00+00:00", 60)]
        assert hours("2021-09-03T13:00:00Z", "2021-09-03T13:00:00Z", "UTC") == []

    @pytest.mark.parametrize(
        ("zone", "first"),
        [
            ("Asia/Karachi", "2021-09-03T18:00:00+05:00"),
            ("Asia/Kolkata", "2021-09-03T18:00:00+05:30"),
            ("Asia/Kathmandu", "2021-09-03T19:00:00+05:45"),
            ("America/St_Johns", "2021-09-03T10:00:00-02:30"),
            ("Pacific/Auckland", "2021-09-04T01:00:00+12:00"),
            ("America/Los_Angeles", "2021-09-03T06:00:00-07:00"),
        ],
    )
    def test_they_are_hours_of_the_zones_clock(self, zone: str, first: str) -> None:
        assert hours("2021-09-03T13:20:00Z", "2021-09-03T13:25:00Z", zone)[0] == (first, 5)

    def test_hours_of_a_half_hour_offset_begin_at_half_past(self) -> None:
        assert hours("2021-09-03T13:00:00Z", "2021-09-03T14:00:00Z", "Asia/Kolkata") == [
            ("2021-09-03T18:00:00+05:30", 30),
            ("2021-09-03T19:00:00+05:30", 30),
        ]

    def test_an_hour_that_is_left_out_is_not_told(self) -> None:
        assert hours("2021-03-28T00:30:00Z", "2021-03-28T01:30:00Z", "Europe/Berlin") == [
            ("2021-03-28T01:00:00+01:00", 30),
            ("2021-03-28T03:00:00+02:00", 30),
        ]

    def test_an_hour_that_comes_twice_is_told_twice(self) -> None:
        assert hours("2021-10-30T23:30:00Z", "2021-10-31T02:30:00Z", "Europe/Berlin") == [
            ("2021-10-31T01:00:00+02:00", 30),
            ("2021-10-31T02:00:00+02:00", 60),
            ("2021-10-31T02:00:00+01:00", 60),
            ("2021-10-31T03:00:00+01:00", 30),
        ]

    def test_a_shift_by_half_an_hour_is_followed(self) -> None:
        assert hours("2021-04-03T14:30:00Z", "2021-04-03T16:00:00Z", "Australia/Lord_Howe") == [
            ("2021-04-04T01:00:00+11:00", 30),
            ("2021-04-04T01:00:00+11:00", 30),
            ("2021-04-04T02:00:00+10:30", 30),
        ]

    @given(
        st.integers(0, 4_000 * DAY),
        st.integers(0, 3 * DAY),
        st.sampled_from(["UTC", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
    )
    def test_no_microsecond_is_lost_or_told_twice(self, begin: int, length: int, zone: str) -> None:
        begin += instant_of("2015-01-01T00:00:00Z")
        told = list(by_hour(begin, begin + length, ZoneInfo(zone)))
        assert sum(microseconds for _, microseconds in told) == length
        assert all(0 < microseconds <= HOUR for _, microseconds in told)
        assert all((hour.minute, hour.second, hour.microsecond) == (0, 0, 0) for hour, _ in told)


class TestMidnight:
    @pytest.mark.parametrize(
        ("zone", "hour", "told"),
        [
            ("Asia/Karachi", "2021-09-03T13:20:00Z", "2021-09-03T00:00:00+05:00"),
            ("UTC", "2021-09-03T13:20:00Z", "2021-09-03T00:00:00+00:00"),
            ("Europe/Berlin", "2021-03-28T12:00:00Z", "2021-03-28T00:00:00+01:00"),
            ("Europe/Berlin", "2021-10-31T12:00:00Z", "2021-10-31T00:00:00+02:00"),
            ("Pacific/Auckland", "2021-09-03T13:20:00Z", "2021-09-04T00:00:00+12:00"),
        ],
        ids=["Karachi", "UTC", "spring", "autumn", "the next day"],
    )
    def test_it_has_the_offset_that_held_then(self, zone: str, hour: str, told: str) -> None:
        local = datetime.fromisoformat(hour).astimezone(ZoneInfo(zone))
        assert midnight(local).isoformat() == told
        assert midnight(local).date() == date.fromisoformat(told[:10])


class TestTimespan:
    @pytest.mark.parametrize(
        ("microseconds", "told"),
        [
            (0, "00:00:00"),
            (1, "00:00:00.0000010"),
            (1_000, "00:00:00.0010000"),
            (999_999, "00:00:00.9999990"),
            (SECOND, "00:00:01"),
            (MINUTE, "00:01:00"),
            (HOUR, "01:00:00"),
            (20 * HOUR + 20 * MINUTE + 40 * SECOND + 2_000, "20:20:40.0020000"),
            (DAY - 1, "23:59:59.9999990"),
            (DAY, "1.00:00:00"),
            (DAY + 1, "1.00:00:00.0000010"),
            (40 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND, "40.03:04:05"),
            (1_000 * DAY, "1000.00:00:00"),
            (LATEST, "2932896.23:59:59.9999990"),
        ],
        ids=str,
    )
    def test_it_is_spelled_as_dotnet_spells_it(self, microseconds: int, told: str) -> None:
        assert timespan(microseconds) == told

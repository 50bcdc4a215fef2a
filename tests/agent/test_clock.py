import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.clock import LATEST, JumpWatch, instant_of, now, text_of


@given(st.integers(0, LATEST))
def test_an_instant_survives_its_own_spelling(instant: int) -> None:
    text = text_of(instant)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    assert instant_of(text) == instant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1970-01-01 00:00:01", 1_000_000),
        (" 1970-01-01T00:00:01.5Z ", 1_500_000),
    ],
)
def test_it_reads_what_others_write(text: str, told: int) -> None:
    assert instant_of(text) == told


@pytest.mark.parametrize(
    "text", ["", "yesterday", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_what_is_no_time_between_1970_and_9999_is_none(text: str) -> None:
    assert instant_of(text) is None


def test_now_is_in_microseconds() -> None:
    assert len(str(now())) == 16


def test_a_clock_that_runs_does_not_jump() -> None:
    wall, passed = iter([1_000_000, 61_000_000, 121_500_000]), iter([5.0, 65.0, 125.0])
    watch = JumpWatch(wall=lambda: next(wall), passed=lambda: next(passed))
    assert [watch.jump() for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("set_by", [3_600_000_000, -3_600_000_000, 50 * 365 * 86_400_000_000])
def test_a_clock_that_was_set_jumped_by_so_much_and_once(set_by: int) -> None:
    start = 1_800_000_000_000_000
    wall, passed = iter([start, start + 60_000_000 + set_by, start + 120_000_000 + set_by]), iter([5.0, 65.0, 125.0])
    watch = JumpWatch(wall=lambda: next(wall), passed=lambda: next(passed))
    assert [watch.jump() for _ in range(3)] == [0, set_by, 0]

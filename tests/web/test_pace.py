"""How quickly is written, as it is learnt from what was."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sojourn.web.pace import Pace


def test_nothing_is_known_at_first() -> None:
    pace = Pace()
    assert (pace.within(1), pace.seconds(1_000)) == (math.inf, 0)


def test_what_took_all_that_waited_tells_nothing_at_first() -> None:
    pace = Pace()
    pace.learn(1, 0.5, full=False)
    assert pace.within(1) == math.inf


def test_a_full_piece_of_work_tells_how_quick_it_is() -> None:
    pace = Pace()
    pace.learn(100, 2, full=True)
    assert (pace.within(3), pace.seconds(25)) == (150, 0.5)


def test_the_latest_counts_for_half() -> None:
    pace = Pace()
    pace.learn(100, 1, full=True)
    pace.learn(300, 1, full=True)
    assert pace.within(1) == 200
    pace.learn(100, 1, full=True)
    assert pace.within(1) == 150


def test_what_was_not_full_tells_how_quick_it_is_at_least() -> None:
    pace = Pace()
    pace.learn(100, 1, full=True)
    pace.learn(1, 1, full=False)
    assert pace.within(1) == 100
    pace.learn(200, 1, full=False)
    assert pace.within(1) == 150


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 1_000), st.booleans())))
def test_whatever_it_learns_it_tells_times_that_are_none_below_nothing(
    learnt: list[tuple[int, float, bool]],
) -> None:
    pace = Pace()
    for weight, seconds, full in learnt:
        pace.learn(weight, seconds, full=full)
    assert pace.within(1) > 0
    assert 0 <= pace.seconds(1_000) < math.inf

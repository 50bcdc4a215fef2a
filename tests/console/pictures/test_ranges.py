from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.load import load_bar, page_bar
from sojourn.console.pictures.ranges import delay_range, scale_of
from sojourn.core.measurement import Statistics
from sojourn.core.way import Delays
from tests.console.pictures.drawing import check, elements

samples = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=200)


@given(samples, samples)
def test_ranges_share_a_scale_that_holds_them_all(some: list[float], others: list[float]) -> None:
    both = [Delays.of(some), Delays.of(others)]
    scale = scale_of([*both, None])
    for one in both:
        check(delay_range(one, scale), height=26)


def test_a_range_says_in_words_what_it_shows() -> None:
    (root, *_) = elements(delay_range(Delays.of([10.0, 30.0]), scale_of([])))
    assert root.get("aria-label") == "from 10 to 30 ms, 20 ms on average"


@given(samples)
def test_a_load_stays_within_its_bar(some: list[float]) -> None:
    check(load_bar(Statistics.of(some), 1e6, "memory"), height=26)


@given(st.none() | st.floats(0, 1e8), st.floats(0, 1e8))
def test_a_page_that_took_for_ever_fills_its_bar(content: float | None, load: float) -> None:
    check(page_bar(content, load, "a page"), height=16)

"""How long a session was, by powers of two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.model import DAY, LATEST
from sojourn.core.span import reach, span_class


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4), (2**36 - 1, 36), (2**36, 37), (DAY, 37), (LATEST, 58)],
)
def test_a_length_falls_under_the_next_power_of_two(length: int, expected: int) -> None:
    assert span_class(1_000, 1_000 + length) == expected


@given(st.integers(0, LATEST), st.integers(0, LATEST))
def test_a_session_is_shorter_than_its_class_reaches_and_not_shorter_than_half_of_it(begin: int, length: int) -> None:
    span = span_class(begin, begin + length)
    assert length < reach(span)
    assert span == 0 or length >= reach(span - 1)

"""Pauses between what was done."""

import pytest

from sojourn.core.touch import Beat, pauses


def beat(count: int, first: int, last: int) -> Beat:
    return Beat(count=count, first_at=first, last_at=last)


@pytest.mark.parametrize(
    ("beats", "expected"),
    [
        ([], []),
        ([beat(1, 0, 0)], []),
        ([beat(1, 0, 0), beat(1, 10, 10)], []),  # just as long is none
        ([beat(1, 0, 0), beat(1, 11, 11)], [(0, 11)]),
        ([beat(3, 0, 50), beat(2, 55, 70), beat(1, 100, 100)], [(55, 70), (70, 100)]),
        ([beat(2, 0, 20)], [(0, 20)]),
        ([beat(3, 0, 20)], []),  # what is within a beat is known of two only
    ],
)
def test_a_pause_is_longer_than_the_limit(beats: list[Beat], expected: list[tuple[int, int]]) -> None:
    assert list(pauses(beats, limit=10)) == expected

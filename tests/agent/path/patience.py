"""Patience with a busy machine, which makes any measured time too long, now and then."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TRIES = 6


def shortest(measure: Callable[[], T], time_of: Callable[[T], float], limit: float) -> T:
    """The first of a few measurements whose time stays under `limit`, else the shortest.

    A probe that counts wrongly is wrong every time; a machine that was busy is not.
    """
    results: list[T] = []
    for _ in range(_TRIES):
        results.append(measure())
        if time_of(results[-1]) < limit:
            break
    return min(results, key=time_of)

"""Who keeps house: one at a time, and another when that one is gone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sojourn.core.house import LEASE, House
from sojourn.services import Services
from tests.companies import opened
from tests.stage import Clock

Enter = Callable[[], House]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def cores(database_url: str) -> Iterator[list[Services]]:
    """Two processes' views of one database."""
    with ExitStack() as stack:
        yield [stack.enter_context(opened(database_url)) for _ in range(2)]


@pytest.fixture
def houses(cores: list[Services], clock: Clock, done: list[str]) -> list[House]:
    """What keeps house in each of them."""

    def chores(name: str) -> list[Callable[[], object]]:
        return [lambda: done.append(f"{name} closes"), lambda: done.append(f"{name} forgets")]

    return [House(core.upkeep, clock, chores(name)) for core, name in zip(cores, "ab", strict=True)]


def test_one_of_two_keeps_house(houses: list[House], clock: Clock, done: list[str]) -> None:
    for _ in range(20):
        assert [house.keep() for house in houses] == [True, False]
        clock.advance(15)
    assert done == ["a closes", "a forgets"] * 20


def test_the_other_takes_over_at_once_when_one_leaves(houses: list[House], done: list[str]) -> None:
    first, second = houses
    first.keep()
    first.leave()
    assert second.keep()
    assert not first.keep()
    assert done == ["a closes", "a forgets", "b closes", "b forgets"]


def test_the_other_takes_over_when_nothing_is_heard_for_as_long_as_a_lease(houses: list[House], clock: Clock) -> None:
    first, second = houses
    first.keep()
    clock.now += LEASE - 1
    assert not second.keep()
    clock.now += 1
    assert second.keep()
    assert not first.keep(), "who was silent for so long must ask again"


def test_who_leaves_without_the_duty_takes_it_from_nobody(houses: list[House]) -> None:
    first, second = houses
    first.keep()
    assert not second.keep()
    second.leave()
    assert not second.keep()
    assert first.keep()


def test_a_duty_that_is_lost_between_two_chores_is_not_gone_on_with(
    cores: list[Services], clock: Clock, done: list[str]
) -> None:
    other = House(cores[1].upkeep, clock, [lambda: done.append("other")])

    def slow() -> None:
        clock.now += LEASE
        assert other.keep()

    house = House(cores[0].upkeep, clock, [slow, lambda: done.append("mine")])
    assert not house.keep()
    assert done == ["other"]


def test_the_lease_is_written_anew_only_when_half_of_it_is_over(
    cores: list[Services], houses: list[House], clock: Clock
) -> None:
    def until() -> int:
        with cores[0].engine.read() as transaction:
            ((until,),) = transaction.run("SELECT until FROM lease")
            return int(until)

    houses[0].keep()
    first = until()
    clock.now += LEASE // 2 - 1
    houses[0].keep()
    assert until() == first
    clock.now += 2
    houses[0].keep()
    assert until() == clock.now + LEASE

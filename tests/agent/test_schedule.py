import pytest

from sojourn.agent.schedule import SOON, Round, Schedule


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


FAST = Round(urls=("http://fast.example/",), interval=60)
SLOW = Round(urls=("http://slow.example/",), interval=600)


def test_every_site_has_its_first_visit_soon() -> None:
    passed = Time()
    schedule = Schedule([FAST, SLOW], passed, chance=lambda: 0.5)
    assert schedule.wait() == SOON / 2
    assert schedule.take() is None
    passed.now += SOON
    assert {schedule.take(), schedule.take()} == {FAST, SLOW}
    assert schedule.take() is None


def test_visits_come_every_interval() -> None:
    passed, visits = Time(), []
    schedule = Schedule([FAST, SLOW], passed, chance=lambda: 0.5)
    for _ in range(1200):
        if (each := schedule.take()) is not None:
            visits.append(each)
        passed.now += 1
    assert visits.count(FAST) == 20
    assert visits.count(SLOW) == 2


@pytest.mark.parametrize("chance", [0.0, 0.999])
def test_chance_moves_a_visit_but_a_little(chance: float) -> None:
    passed = Time()
    schedule = Schedule([FAST], passed, chance=lambda: chance)
    passed.now += SOON
    schedule.take()
    wait = schedule.wait()
    assert wait is not None
    assert 60 * 0.95 - SOON <= wait <= 60 * 1.05


def test_what_was_missed_is_not_made_up_for() -> None:
    passed = Time()
    schedule = Schedule([FAST], passed, chance=lambda: 0.5)
    passed.now += 100_000
    assert schedule.take() == FAST
    assert schedule.take() is None
    assert schedule.wait() == 60


def test_without_sites_nothing_is_ever_due() -> None:
    schedule = Schedule([])
    assert schedule.wait() is None
    assert schedule.take() is None

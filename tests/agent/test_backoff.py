import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=2, longest=60, chance=lambda: 1.0)
    assert [backoff.failed() for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]


def test_a_success_begins_anew() -> None:
    backoff = Backoff(first=2, longest=60, chance=lambda: 1.0)
    for _ in range(5):
        backoff.failed()
    backoff.succeeded()
    assert backoff.failed() == 2


def test_it_waits_at_least_as_long_as_the_server_asked_for() -> None:
    assert Backoff(first=1, longest=60, chance=lambda: 0.0).failed(at_least=30) == 30


@given(chance=st.floats(0, 1, exclude_max=True), failures=st.integers(0, 10_000))
def test_chance_never_makes_it_less_than_half_nor_more_than_the_longest(chance: float, failures: int) -> None:
    backoff = Backoff(first=2, longest=900, chance=lambda: chance, failures=failures)
    wait = backoff.failed()
    assert min(900.0, 2 * 2.0 ** min(failures, 30)) / 2 <= wait <= 900


def test_two_agents_that_failed_together_do_not_come_back_together() -> None:
    waits = {Backoff().failed() for _ in range(50)}
    assert len(waits) > 40


def test_a_wait_asked_for_is_spread_too() -> None:
    backoff = Backoff(first=1, longest=60, chance=lambda: 0.5)
    assert backoff.failed(at_least=100) == pytest.approx(125)

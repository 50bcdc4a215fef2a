import asyncio
from collections.abc import Iterator

import psutil
import pytest

from sojourn.agent.probes.system import Load, load_now, system_metrics, utilization
from sojourn.core.measurement import Statistics, SystemMetrics


def at(busy: float, idle: float, used: int = 0) -> Load:
    return Load(busy=busy, idle=idle, memory_used=used, memory_total=100)


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        (at(10, 90), at(11, 93), 0.25),
        (at(10, 90), at(12, 90), 1.0),
        (at(10, 90), at(10, 92), 0.0),
        (at(10, 90), at(10, 90), 0.0),
        (at(10, 90), at(11, 89.9), 1.0),  # idle time steps back when a processor sleeps
        (at(10, 90), at(9.9, 91), 0.0),
    ],
)
def test_utilization_is_the_busy_share_of_the_time_between(before: Load, after: Load, share: float) -> None:
    assert utilization(before, after) == share


async def no_time(seconds: float) -> None:
    assert 0 <= seconds <= 10


def test_ten_intervals_have_eleven_edges() -> None:
    loads: Iterator[Load] = (at(busy=number**2, idle=100 * number - number**2, used=number) for number in range(99))
    told = asyncio.run(system_metrics(load=lambda: next(loads), sleep=no_time))
    shares = [((number + 1) ** 2 - number**2) / 100 for number in range(10)]
    assert told.cpu_utilization == Statistics.of(shares)
    assert told.physical_memory_used_bytes == Statistics.of([float(number) for number in range(11)])
    assert told.physical_memory_total_bytes == 100
    assert (told.cpu_utilization.count, told.physical_memory_used_bytes.count) == (10, 11)


def test_it_watches_for_as_long_as_asked() -> None:
    told = asyncio.run(system_metrics(intervals=3, length=0.05))
    assert told.start_time_ms is not None
    assert told.end_time_ms is not None
    assert 150 <= told.end_time_ms - told.start_time_ms < 10_000


def test_a_machine_that_does_not_tell_is_an_error() -> None:
    def load() -> Load:
        raise PermissionError(13, "Permission denied")

    assert asyncio.run(system_metrics(load=load)) == SystemMetrics(error="Permission denied")


def test_this_machines_load_is_plausible() -> None:
    load = load_now()
    memory = psutil.virtual_memory()
    assert load.memory_total == memory.total
    assert 0 < load.memory_used < load.memory_total
    assert load.idle > 0
    assert load.busy > 0

"""System metrics: the load of processors and memory while a visit goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise

import psutil

from sojourn.core.measurement import Statistics, SystemMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One instant: processor seconds since the start of the machine, bytes of memory."""

    busy: float
    idle: float
    memory_used: int
    memory_total: int


def load_now() -> Load:
    """The machine's load. Used memory is what no program could get without swapping."""
    cpu = psutil.cpu_times()
    memory = psutil.virtual_memory()
    idle = cpu.idle + cpu.iowait
    # Time given to guests is in `user` and `nice` already, steal is not ours to use: not idle.
    busy = cpu.user + cpu.nice + cpu.system + cpu.irq + cpu.softirq + cpu.steal
    return Load(
        busy=busy,
        idle=idle,
        memory_used=memory.total - memory.available,
        memory_total=memory.total,
    )


async def system_metrics(
    *,
    intervals: int = 10,
    length: float = 1.0,
    load: Callable[[], Load] = load_now,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> SystemMetrics:
    """Watch for `intervals` times `length` seconds: a load per interval, memory at each edge."""
    started, start = time.time(), time.monotonic()
    try:
        loads = [load()]
        for number in range(1, intervals + 1):
            await sleep(max(0.0, start + number * length - time.monotonic()))
            loads.append(load())
    except OSError as error:
        return SystemMetrics(error=error.strerror or str(error))
    return SystemMetrics(
        start_time_ms=round(started * 1000),
        end_time_ms=round((started + time.monotonic() - start) * 1000),
        cpu_utilization=Statistics.of([utilization(before, after) for before, after in pairwise(loads)]),
        physical_memory_used_bytes=Statistics.of([float(each.memory_used) for each in loads]),
        physical_memory_total_bytes=loads[-1].memory_total,
    )


def utilization(before: Load, after: Load) -> float:
    """The busy share, in [0, 1], of the time between two instants.

    The kernel's counters may step back a little when a processor sleeps: that is no time.
    """
    busy = max(0.0, after.busy - before.busy)
    idle = max(0.0, after.idle - before.idle)
    return busy / (busy + idle) if busy + idle else 0.0

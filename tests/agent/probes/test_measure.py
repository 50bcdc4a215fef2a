"""The report when there is nothing to measure; the rest is in tests/agent/path, on a real way."""

import asyncio
from contextlib import suppress

import pytest

from sojourn.agent.probes import measure as module
from sojourn.agent.probes.measure import measure
from sojourn.agent.probes.target import Target, UnknownHost
from sojourn.core.measurement import Connect, Ping, SystemMetrics, Traceroute
from sojourn.core.report import NetworkReport

METRICS = SystemMetrics(error="not watched here")
UNKNOWN = "nosuch.example: Name or service not known"


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch the machine for no time, and know no host."""

    async def system_metrics() -> SystemMetrics:
        return METRICS

    async def find_target(host: str, port: int) -> Target:
        raise UnknownHost(UNKNOWN)

    monkeypatch.setattr(module, "system_metrics", system_metrics)
    monkeypatch.setattr(module, "find_target", find_target)


def test_a_host_that_nobody_knows_fails_every_measurement_of_the_way() -> None:
    told = asyncio.run(measure("nosuch.example", 443))
    assert told == NetworkReport(
        system_metrics=METRICS,
        ping=Ping(error=UNKNOWN),
        traceroute=Traceroute(error=UNKNOWN),
        connect=Connect(error=UNKNOWN),
        errors=(
            "systemMetrics: not watched here",
            f"ping: {UNKNOWN}",
            f"traceroute: {UNKNOWN}",
            f"connect: {UNKNOWN}",
        ),
    )


def test_a_cancelled_measurement_cancels_every_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    async def system_metrics() -> SystemMetrics:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("metrics")
        return METRICS

    async def find_target(host: str, port: int) -> Target:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("target")
        raise UnknownHost(UNKNOWN)

    monkeypatch.setattr(module, "system_metrics", system_metrics)
    monkeypatch.setattr(module, "find_target", find_target)

    async def cancel() -> None:
        task = asyncio.create_task(measure("nosuch.example", 443))
        await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert sorted(ended) == ["metrics", "target"]

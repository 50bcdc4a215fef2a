"""All probes around one visit, at the same time, as one network report."""

from __future__ import annotations

import asyncio

from sojourn.agent.probes.autonomous import AsLookup
from sojourn.agent.probes.connect import connect
from sojourn.agent.probes.ping import ping
from sojourn.agent.probes.profile import network_profile
from sojourn.agent.probes.system import system_metrics
from sojourn.agent.probes.target import Target, UnknownHost, find_target
from sojourn.agent.probes.traceroute import traceroute
from sojourn.core.measurement import (
    Connect,
    NetworkProfile,
    Ping,
    SystemMetrics,
    Traceroute,
)
from sojourn.core.report import NetworkReport


async def measure(
    host: str,
    port: int,
    *,
    as_lookup: AsLookup | None = None,
    max_hops: int = 30,
) -> NetworkReport:
    """Measure the way to `host` (a name or an address) and this machine's load meanwhile.

    It takes as long as the system metrics, some ten seconds, or the traceroute if that is longer.
    """
    async with asyncio.TaskGroup() as group:
        metrics = group.create_task(system_metrics())
        try:
            target = await find_target(host, port)
        except UnknownHost as unknown:
            return _unknown(str(unknown), await metrics)
        profile = group.create_task(network_profile(target))
        # Alone, before the others send: this is the number that a person feels.
        connected = await connect(target)
        pinged = group.create_task(ping(target))
        traced = group.create_task(traceroute(target, as_lookup=as_lookup, max_hops=max_hops))
        gateway = group.create_task(_ping_gateway(await profile))
    return NetworkReport.of(
        network_profile=profile.result(),
        system_metrics=metrics.result(),
        gateway_ping=gateway.result(),
        ping=pinged.result(),
        traceroute=traced.result(),
        connect=connected,
    )


async def _ping_gateway(profile: NetworkProfile) -> Ping | None:
    """Ping the gateway, if there is one: a target on the own network has none."""
    return await ping(Target(address=profile.gateway, port=0)) if profile.gateway else None


def _unknown(error: str, metrics: SystemMetrics) -> NetworkReport:
    return NetworkReport.of(
        system_metrics=metrics,
        ping=Ping(error=error),
        traceroute=Traceroute(error=error),
        connect=Connect(error=error),
    )

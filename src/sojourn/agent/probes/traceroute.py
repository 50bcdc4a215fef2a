"""Traceroute: the hops to the target, with label stacks, without privileges.

TCP to the site's port first, because firewalls let that through; then UDP, then ICMP, until one
of them reaches the target. If none does, the one that came farthest is told.

Why: docs/decisions/0071-traceroute-without-privileges.md
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sojourn.agent.probes import step
from sojourn.agent.probes.autonomous import AsLookup
from sojourn.agent.probes.names import names_of
from sojourn.agent.probes.step import Answer, Step
from sojourn.agent.probes.target import Target
from sojourn.agent.probes.trail import Trail
from sojourn.core.measurement import Hop, Traceroute, is_public

NO_HOP = "No hop answered"
KINDS: dict[str, Step] = {"tcp": step.tcp, "udp": step.udp, "icmp": step.icmp}


async def traceroute(
    target: Target,
    *,
    as_lookup: AsLookup | None = None,
    max_hops: int = 30,
    wait: float = 1.0,
    within: float = 30.0,
    names_within: float = 2.0,
) -> Traceroute:
    """Find the hops; wait `wait` seconds for each packet's answer and `within` for everything.

    Names are looked up for `names_within` seconds more; `as_lookup` tells public addresses'
    autonomous systems.
    """
    trails: list[Trail] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            for kind, send in KINDS.items():
                trails.append(Trail(kind, target, max_hops))
                await trails[-1].walk(send, wait)
                if trails[-1].reached:
                    break
    best = max(trails, key=lambda trail: (trail.reached, len(trail.hops())))
    found = best.hops()
    if not found:
        return Traceroute(error=trails[0].failure or NO_HOP)
    names = await names_of([answers[0].address for answers in found.values()], names_within)
    return Traceroute(
        destination=target.address,
        hops=tuple(_hop(number, answers, names, as_lookup) for number, answers in found.items()),
        protocol=best.kind,
        reached=best.reached,
    )


def _hop(number: int, answers: list[Answer], names: dict[str, str], as_lookup: AsLookup | None) -> Hop:
    address = answers[0].address
    record = as_lookup(address) if as_lookup and is_public(address) else None
    return Hop(
        hop=number,
        ip_address=address,
        name=names.get(address, address),
        delay=round(min(answer.rtt for answer in answers)),
        asn=record.asn if record else None,
        prefix=record.prefix if record else None,
        mpls=next((answer.labels for answer in answers if answer.labels), None),
        samples=tuple(answer.rtt for answer in answers),
    )

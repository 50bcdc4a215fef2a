"""Ping: echo requests to the target or the gateway, by whatever means the system allows.

Why: docs/decisions/0072-the-ping-ladder.md
"""

from __future__ import annotations

import asyncio
import math
import re
import shutil

from sojourn.agent.probes.echo import EchoSocket
from sojourn.agent.probes.program import Reply, ask
from sojourn.agent.probes.readiness import until_ready
from sojourn.agent.probes.stopwatch import Stopwatch
from sojourn.agent.probes.target import Target
from sojourn.core.measurement import Ping

NOT_PERMITTED = (
    "Not permitted to send ICMP echo requests: give the agent CAP_NET_RAW (systemd:"
    " AmbientCapabilities=CAP_NET_RAW), or widen the sysctl net.ipv4.ping_group_range"
)
_ANSWERED = re.compile(r"seq=(\d+)\b.*\btime=([\d.]+) ?ms")


async def ping(target: Target, *, count: int = 10, interval: float = 0.2, wait: float = 1.0) -> Ping:
    """Send `count` requests, `interval` seconds apart, and wait `wait` seconds after the last.

    The ladder: an ICMP datagram socket, a raw socket, the `ping` program, an error with the fix.
    """
    try:
        with EchoSocket(target) as echo:
            return await _Round(echo, count).run(interval, wait)
    except PermissionError:
        return await _by_program(target, count, interval, wait)
    except OSError as error:
        return Ping(error=error.strerror or str(error))


class _Round:
    """One round of requests on one socket, and the answers that came."""

    def __init__(self, echo: EchoSocket, count: int) -> None:
        self._echo = echo
        self._count = count
        self._sent: dict[int, Stopwatch] = {}
        self._rtts: dict[int, float] = {}
        self._refusal: OSError | None = None

    async def run(self, interval: float, wait: float) -> Ping:
        try:
            async with asyncio.timeout((self._count - 1) * interval + wait):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send(interval))
                    group.create_task(self._collect())
        except TimeoutError:
            pass  # what has not come by now is lost
        if not self._sent and self._refusal is not None:
            raise self._refusal
        return Ping.of(self._count, [self._rtts[number] for number in sorted(self._rtts)])

    async def _send(self, interval: float) -> None:
        for number in range(1, self._count + 1):
            watch = Stopwatch()
            try:
                self._echo.send(number)
                self._sent[number] = watch
            except OSError as error:  # no route for the moment, or a full queue: lost
                self._refusal = error
            await asyncio.sleep(interval if number < self._count else 0)

    async def _collect(self) -> None:
        while len(self._rtts) < self._count:
            await until_ready(self._echo.socket)
            self._take()

    def _take(self) -> None:
        """Take the replies that wait; a second reply to one request does not count."""
        try:
            while echo := self._echo.read():
                if echo.number in self._sent:
                    self._rtts.setdefault(echo.number, self._sent[echo.number].rtt(echo.arrived))
        except OSError:
            pass  # a router said that it cannot deliver: the request is lost


async def _by_program(target: Target, count: int, interval: float, wait: float) -> Ping:
    program = shutil.which("ping") or "/usr/bin/ping"
    sending = (program, "-n", "-c", str(count), "-i", str(interval))
    waiting = ("-W", str(math.ceil(wait)))
    reply = await ask(*sending, *waiting, target.address, within=count * interval + wait + 5)
    return Ping(error=NOT_PERMITTED) if reply is None else read_program(reply, count)


def read_program(reply: Reply, count: int) -> Ping:
    """What the `ping` program (iputils or busybox) measured; its own complaint if it could not."""
    rtts: dict[int, float] = {}
    for number, milliseconds in _ANSWERED.findall(reply.out):
        rtts.setdefault(int(number), float(milliseconds))
    complaint = reply.err.strip()
    if not rtts and ("permitted" in complaint or "denied" in complaint):
        return Ping(error=NOT_PERMITTED)
    if rtts or reply.status in (0, 1):  # 1: it sent, and nobody answered
        return Ping.of(count, [rtts[number] for number in sorted(rtts)])
    return Ping(error=complaint.rpartition(": ")[2] or NOT_PERMITTED)

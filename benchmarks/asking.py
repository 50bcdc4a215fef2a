"""Callers that ask servers in turns, each on a connection of its own, and how long they waited."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from benchmarks.hosting import Host, Refused
from benchmarks.traffic import Call

WARM_UP = 3
SILENT_SECONDS = 3.0
"""How long a connection may be silent; a server hangs up after five seconds."""

LEAST = 3
"""Rounds that are run however long they take."""

Key = TypeVar("Key")


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long answers took, in milliseconds; `first` is the median of those before, when little was in memory yet."""

    calls: int
    first: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float], before: Sequence[float]) -> "Times":
        """Percentiles of what was measured."""
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        first = statistics.median(before) * 1e3
        return cls(calls=len(seconds), first=first, p50=cuts[49] * 1e3, p95=cuts[94] * 1e3, p99=cuts[98] * 1e3)


class Caller:
    """One connection to a server. A context manager."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._connection = HTTPConnection("127.0.0.1", host.port, timeout=600)
        self._answered = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, call: Call) -> bytes:
        """The body of an answer. Raises: OSError, Refused."""
        headers = {"Authorization": self._host.authorization}
        if call.body:
            headers["Content-Type"] = "application/json"
        self._renew()
        self._connection.request(call.method, call.path, call.body or None, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        self._answered = time.monotonic()
        if answer.status not in (200, 201, 204):
            raise Refused(f"{self._host.name} answers {answer.status} to {call.method} {call.path}: {body[:500]!r}")
        return body

    def _renew(self) -> None:
        """A server hangs up on whoever is silent for a while; others may have taken their turns so long."""
        if time.monotonic() - self._answered > SILENT_SECONDS:
            self._connection.close()

    def drain(self, call: Call) -> int:
        """Read a long answer to its end and throw it away; its bytes. Raises: OSError, Refused."""
        self._renew()
        self._connection.request(call.method, call.path, None, {"Authorization": self._host.authorization})
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise Refused(f"{self._host.name} answers {answer.status} to {call.path}: {answer.read()[:500]!r}")
        size = 0
        while piece := answer.read(2**18):
            size += len(piece)
        return size


def in_turns(
    works: Mapping[Key, Callable[[int], object]], rounds: int, seconds: float, first: int = WARM_UP
) -> dict[Key, Times]:
    """Do each in every round, so that what slows the machine down slows all; each is told the number of the round.

    Ends after so many rounds, or after so many seconds, but not before a few rounds. So many first ones stand apart: by
    then what they ask for has been read once, and its median tells what that took.
    """
    before = _rounds(works, first, seconds, 1)
    taken = _rounds(works, rounds, seconds, LEAST)
    return {key: Times.of(some, before[key]) for key, some in taken.items()}


def _rounds(
    works: Mapping[Key, Callable[[int], object]], rounds: int, seconds: float, least: int
) -> dict[Key, list[float]]:
    """How many seconds each took in each round."""
    taken: dict[Key, list[float]] = {key: [] for key in works}
    end = time.perf_counter() + seconds
    for number in range(rounds):
        if number >= least and time.perf_counter() > end:
            break
        for key, work in works.items():
            began = time.perf_counter()
            work(number)
            taken[key].append(time.perf_counter() - began)
    return taken

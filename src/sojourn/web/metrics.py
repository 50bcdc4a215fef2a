"""What is measured, in Prometheus' words, at `/metrics`: of the process, or of all workers together.

Workers measure into files that each maps into its memory, and a scrape adds them up. A file goes by its worker's
number: who takes the place of one that died goes on counting where that one was, so that no counter ever goes back.
"""

import os
from collections.abc import Callable
from http import HTTPMethod
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import Response

from sojourn.core.custodian import Swept

_METHODS = frozenset(HTTPMethod)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def share_measures(folder: Path, worker: int) -> None:
    """Let the meters that this process makes from now on be added to those of the other workers in that folder."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # the library reads it when a meter is made
    values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call]


def forget_worker(folder: Path, worker: int) -> None:
    """Let what a worker that has ended told of itself be no more, but what it counted."""
    mark_process_dead(worker, str(folder))  # type: ignore[no-untyped-call]


class Metrics:
    """The meters of one process. `shared`: the folder of `share_measures`, where there is one."""

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        self._length: Callable[[], int] = int
        self._wait: Callable[[], float] = float
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "sojourn_requests", "Requests answered", ["operation", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "sojourn_request_seconds",
            "Time to answer a request",
            ["operation"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._meters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._batches = Histogram(
            "sojourn_commit_batch_size", "Writes in one transaction", buckets=_BATCHES, registry=self.registry
        )
        self._commits = Histogram(
            "sojourn_commit_seconds", "Time of one transaction", buckets=_SECONDS, registry=self.registry
        )
        self._queue = Gauge(
            "sojourn_write_queue_length",
            "Rows that wait to be written",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._queue_seconds = Gauge(
            "sojourn_write_queue_seconds",
            "Time that writing what waits is expected to take",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        workers = Gauge("sojourn_workers", "Processes that serve", registry=self.registry, multiprocess_mode="livesum")
        workers.set(1)
        self._uncounted = Counter(
            "sojourn_limits_unshared",
            "Requests that were counted by one process alone because Redis could not be reached",
            registry=self.registry,
        )
        self._closed = Counter("sojourn_sessions_closed_idle", "Sessions closed for idleness", registry=self.registry)

        self._deleted = Counter(
            "sojourn_sessions_deleted", "Sessions deleted by age or by an erasure", registry=self.registry
        )
        self._longest = Gauge(
            "sojourn_deletion_seconds",
            "Longest transaction of the last sweep that deleted",
            registry=self.registry,
            multiprocess_mode="mostrecent",  # of the worker that keeps house
        )

    def watch_queue(self, length: Callable[[], int], wait: Callable[[], float]) -> None:
        """Where it is read how long the write queue is, in rows and in seconds."""
        self._length = length
        self._wait = wait

    def sample(self) -> None:
        """Look at what is not told by itself: before each scrape, and now and then where another may be asked."""
        self._queue.set(self._length())
        self._queue_seconds.set(self._wait())

    def uncounted(self) -> None:
        """A request was counted by this process alone, though others should have known."""
        self._uncounted.inc()

    def request(self, operation: str, method: str, status: int, seconds: float) -> None:
        """A request was answered. A method that is none of HTTP's is `other`: nobody makes meters of their own."""
        key = (operation, method if method in _METHODS else "other", status)
        meters = self._meters.get(key)
        if meters is None:
            meters = self._meters[key] = (self._requests.labels(*key), self._seconds.labels(operation))
        meters[0].inc()
        meters[1].observe(seconds)

    def commit(self, count: int, seconds: float) -> None:
        """A transaction was written."""
        self._batches.observe(count)
        self._commits.observe(seconds)

    def closed(self, count: int) -> None:
        """Sessions were closed for idleness."""
        self._closed.inc(count)

    def swept(self, swept: Swept) -> None:
        """What had had its time, or was to be erased, was deleted."""
        self._deleted.inc(swept.deleted.sessions)
        if swept.pieces:
            self._longest.set(swept.longest)

    def collected(self) -> CollectorRegistry:
        """What was measured up to now, by all workers together."""
        self.sample()
        if self._shared is None:
            return self.registry
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._shared))  # type: ignore[no-untyped-call]
        return together

    async def show(self, request: Request) -> Response:
        """All of it."""
        return Response(generate_latest(self.collected()), media_type=CONTENT_TYPE_LATEST)

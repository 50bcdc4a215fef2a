"""What is measured of the process, in Prometheus' words, at `/metrics`."""

from collections.abc import Callable
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

_METHODS = frozenset(HTTPMethod)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


class Metrics:
    """The meters of one process."""

    def __init__(self) -> None:
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
        self._queue = Gauge("sojourn_write_queue_length", "Rows that wait to be written", registry=self.registry)
        self._closed = Counter("sojourn_sessions_closed_idle", "Sessions closed for idleness", registry=self.registry)

    def watch_queue(self, length: Callable[[], int]) -> None:
        """Where the length of the write queue is read."""
        self._queue.set_function(length)

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

    async def show(self, request: Request) -> Response:
        """All of it."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

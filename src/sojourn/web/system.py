"""How the server is doing, for those who administer: what waits, how long commits take, what is kept."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

from sojourn.core.access import Caller
from sojourn.core.model import Instant
from sojourn.core.query import SessionFilter, SessionQuery, Status
from sojourn.core.upkeep import Deed, UpkeepStore
from sojourn.web.backend import Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What was measured since the server started, of all its processes.

    Times are in seconds: of a bucketed measure the upper end of the bucket, None before the first, or where it is
    beyond all buckets.
    """

    queue: int
    requests: int
    failures: int
    commits: int
    rows: int
    commit_median: float | None
    commit_p99: float | None
    answer_median: float | None
    answer_p99: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the server is doing; `sessions` and `running` are those of the caller's organisation."""

    version: str
    queue_capacity: int
    load: Load
    size: int
    sessions: int
    running: int
    last_backup: Instant | None


class System:
    """Looks at the server."""

    def __init__(
        self, backend: Backend, upkeep: UpkeepStore, measured: Callable[[], CollectorRegistry], version: str
    ) -> None:
        self._backend = backend
        self._upkeep = upkeep
        self._measured = measured
        self._version = version

    async def condition(self, caller: Caller) -> Condition:
        """How it is doing. Raises: AccessChanged; Unavailable."""
        return await self._backend.read(caller, self._look, caller)

    def _look(self, caller: Caller) -> Condition:
        return Condition(
            version=self._version,
            queue_capacity=self._backend.writes.capacity,
            load=load(self._measured()),
            size=self._upkeep.size(),
            sessions=self._count(caller, None),
            running=self._count(caller, Status.ACTIVE),
            last_backup=self._upkeep.last(Deed.BACKUP),
        )

    def _count(self, caller: Caller, status: Status | None) -> int:
        query = SessionQuery(scope=caller.scope, filter=SessionFilter(status=status), limit=1, total=True)
        return self._backend.journal.page(query).total or 0


def load(registry: CollectorRegistry) -> Load:
    """What the meters say."""
    samples = [sample for metric in registry.collect() for sample in metric.samples]

    def total(name: str, *, failed: bool = False) -> int:
        return int(
            sum(s.value for s in samples if s.name == name and (not failed or s.labels["status"].startswith("5")))
        )

    def quantile(name: str, share: float) -> float | None:
        return quantile_of([s for s in samples if s.name == f"{name}_bucket"], share)

    return Load(
        queue=total("sojourn_write_queue_length"),
        requests=total("sojourn_requests_total"),
        failures=total("sojourn_requests_total", failed=True),
        commits=total("sojourn_commit_seconds_count"),
        rows=total("sojourn_commit_batch_size_sum"),
        commit_median=quantile("sojourn_commit_seconds", 0.5),
        commit_p99=quantile("sojourn_commit_seconds", 0.99),
        answer_median=quantile("sojourn_request_seconds", 0.5),
        answer_p99=quantile("sojourn_request_seconds", 0.99),
    )


def quantile_of(buckets: Sequence[Sample], share: float) -> float | None:
    """Below which bound that share of a histogram lies, over all its labels; None where there is no telling."""
    counts: dict[float, float] = {}
    for sample in buckets:
        bound = float(sample.labels["le"])
        counts[bound] = counts.get(bound, 0) + sample.value
    bounds = sorted(counts)
    reached = [counts[bound] for bound in bounds]
    if not reached or not reached[-1]:
        return None
    found = bounds[bisect_left(reached, share * reached[-1])]
    return found if found != float("inf") else None

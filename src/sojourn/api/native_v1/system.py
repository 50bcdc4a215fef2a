"""How the server is doing."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.api.native_v1.sessions import TAG
from sojourn.core.access import Level, Resource
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.system import Condition, System
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer


class QueueTold(wire.Told):
    """Rows that wait to be written, and how many may: beyond that, requests are told to come back."""

    waiting: int
    capacity: int


class TimesTold(wire.Told):
    """Below which time half, and 99 of a hundred, lie, in seconds; absent where there is no telling."""

    median: float | UnsetType = UNSET
    p99: float | UnsetType = UNSET


class SystemTold(wire.Told):
    """How the server is doing: since it was started, and with all its processes.

    `bytes` is what the database takes on its disk. `sessions` and `running` count those of the organisation.
    """

    version: str
    queue: QueueTold
    requests: int
    failures: int
    commits: int
    writes: int
    commit_seconds: TimesTold
    answer_seconds: TimesTold
    bytes: int
    sessions: int
    running: int
    last_backup_at: wire.Time | UnsetType = UNSET


class Systems:
    """The resource "Administration", as far as it is about the server."""

    def __init__(self, backend: Backend, system: System) -> None:
        self._backend = backend
        self._system = system

    async def get(self, request: Request) -> Response:
        """How the server is doing."""
        caller = await self._backend.gate.enter(request, Resource.ADMINISTRATION, Level.READ)
        search.parameters(request, search.NoQuery)
        return answer(system_told(await self._system.condition(caller)))


def system_told(condition: Condition) -> SystemTold:
    """In the dialect's words."""
    load = condition.load
    return SystemTold(
        version=condition.version,
        queue=QueueTold(waiting=load.queue, capacity=condition.queue_capacity),
        requests=load.requests,
        failures=load.failures,
        commits=load.commits,
        writes=load.rows,
        commit_seconds=_times(load.commit_median, load.commit_p99),
        answer_seconds=_times(load.answer_median, load.answer_p99),
        bytes=condition.size,
        sessions=condition.sessions,
        running=condition.running,
        last_backup_at=UNSET if condition.last_backup is None else to_microseconds(condition.last_backup),
    )


def _times(median: float | None, p99: float | None) -> TimesTold:
    return TimesTold(median=UNSET if median is None else median, p99=UNSET if p99 is None else p99)


def operations(backend: Backend, system: System) -> Sequence[Operation]:
    """The operation on the server itself."""
    return [
        Operation(
            id="get-system",
            method="GET",
            path="/api/v1/system",
            summary="How the server is doing: what waits, how long commits take, what is kept, the last backup",
            handle=Systems(backend, system).get,
            tag=TAG,
            answer=SystemTold,
            example=examples.SYSTEM,
        )
    ]

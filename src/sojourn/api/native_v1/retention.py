"""How long sessions are kept."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import search, wire
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Forbidden
from sojourn.core.retention import LEAST, MOST, Retention, Sort
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.wire import answer, decode, expect_json, read_body

TAG = "native_v1"
RETENTION = "/api/v1/organisation/retention"

Seconds = Annotated[int, Meta(ge=LEAST, le=MOST, description="from the session's end; absent: for ever")]

EXAMPLE = {"work": 94_608_000, "login": 31_536_000, "visit": 7_776_000}


class RetentionBody(wire.Heard):
    """For how many seconds after its end a session is kept, by sort; what is absent is kept for ever."""

    work: Seconds | UnsetType = UNSET
    login: Seconds | UnsetType = UNSET
    visit: Seconds | UnsetType = UNSET


class RetentionTold(wire.Told):
    """The same."""

    work: int | UnsetType = UNSET
    login: int | UnsetType = UNSET
    visit: int | UnsetType = UNSET


class RetentionRules:
    """The resource "Administration": how long an organisation keeps what."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def get(self, request: Request) -> Response:
        """How long what is kept."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        kept = await self._backend.read(caller, self._backend.custodian.retention, caller.scope.organisation)
        return answer(_told(kept))

    async def put(self, request: Request) -> Response:
        """From now on."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), RetentionBody)
        given = {sort: getattr(wanted, sort.value) for sort in Sort}
        retention = Retention(seconds={sort: seconds for sort, seconds in given.items() if seconds is not UNSET})
        organisation = caller.scope.organisation
        return answer(
            _told(await self._backend.read(caller, self._backend.custodian.set_retention, organisation, retention))
        )


async def administrator(backend: Backend, request: Request, level: Level) -> Caller:
    """A caller who administers, and sees everybody. Raises: Forbidden."""
    caller = await backend.gate.enter(request, Resource.ADMINISTRATION, level)
    try:
        caller.scope.require_everybody()
    except Forbidden:  # unless it has meanwhile been widened
        await backend.run(backend.gate.check, caller)
        raise
    return caller


def _told(retention: Retention) -> RetentionTold:
    return RetentionTold(**{sort.value: seconds for sort, seconds in retention.seconds.items()})


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on how long sessions are kept."""
    rules = RetentionRules(backend)
    return [
        Operation(
            id="get-retention",
            method="GET",
            path=RETENTION,
            summary="How long sessions are kept",
            handle=rules.get,
            tag=TAG,
            answer=RetentionTold,
            example=EXAMPLE,
        ),
        Operation(
            id="set-retention",
            method="PUT",
            path=RETENTION,
            summary="Keep sessions for so long after their end; what is not named, for ever",
            description="Running sessions, and what is on legal hold, are never deleted by age.",
            handle=rules.put,
            tag=TAG,
            body=RetentionBody,
            answer=RetentionTold,
            faults=(413, 415),
            example_body=EXAMPLE,
            example=EXAMPLE,
        ),
    ]

"""Is it alive, is it ready, and how is it doing: for those who run it. Needs no credentials."""

from collections.abc import Sequence

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.backend import Backend
from sojourn.web.operation import Handle, Operation
from sojourn.web.wire import answer

TAG = "operation"


class Health(Struct):
    """All is well."""

    status: str = "ok"


def operations(backend: Backend, metrics: Handle) -> Sequence[Operation]:
    """`/healthz` answers while the process does; `/readyz` while the database does too."""

    async def healthy(_request: Request) -> Response:
        return answer(Health())

    async def ready(_request: Request) -> Response:
        await backend.run(backend.gate.epoch)
        return answer(Health())

    return [
        Operation(
            id="health",
            method="GET",
            path="/healthz",
            summary="Whether the process answers",
            handle=healthy,
            tag=TAG,
            answer=Health,
            public=True,
        ),
        Operation(
            id="readiness",
            method="GET",
            path="/readyz",
            summary="Whether the database answers too",
            handle=ready,
            tag=TAG,
            answer=Health,
            faults=(503,),
            public=True,
        ),
        Operation(
            id="metrics",
            method="GET",
            path="/metrics",
            summary="What is measured of the process, in Prometheus' words",
            handle=metrics,
            tag=TAG,
            media_type="text/plain",
            public=True,
        ),
    ]

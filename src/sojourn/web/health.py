"""What the server tells of itself: is it alive, is it ready, how is it doing, what can it be asked."""

from collections.abc import Sequence

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.backend import Backend
from sojourn.web.errors import PROBLEM, Problem, problem
from sojourn.web.openapi import Chapter
from sojourn.web.operation import Handle, Operation
from sojourn.web.wire import answer

TAG = "server"


class Health(Struct):
    """All is well."""

    status: str = "ok"


def chapter(backend: Backend, metrics: Handle, others: Sequence[Operation]) -> Chapter:
    """What the server tells of itself: `/healthz` while the process answers, `/readyz` while the database does too."""

    async def healthy(_request: Request) -> Response:
        return answer(Health())

    async def ready(_request: Request) -> Response:
        await backend.run(backend.gate.epoch)
        return answer(Health())

    operations = [
        Operation(
            id="health",
            method="GET",
            path="/healthz",
            summary="Whether the process answers",
            handle=healthy,
            tag=TAG,
            answer=Health,
            public=True,
            example={"status": "ok"},
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
            example={"status": "ok"},
        ),
        Operation(
            id="metrics",
            method="GET",
            path="/metrics",
            summary="What is measured of the process, in Prometheus' words",
            handle=metrics,
            tag=TAG,
            answer=str,
            media_type="text/plain",
            public=True,
        ),
        *others,
    ]
    return Chapter(
        tag=TAG,
        text="What the server tells of itself, to whoever can reach it.",
        operations=operations,
        spell=lambda _request, fault: problem(fault),
        problem=Problem,
        problem_type=PROBLEM,
    )

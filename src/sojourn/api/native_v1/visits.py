"""Visits: deliver, find, read, delete; and their HARs."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import search, visit_search, visit_wire
from sojourn.api.native_v1 import visit_examples as examples
from sojourn.api.native_v1.deliveries import (
    VISITS_BYTES,
    Sender,
    Visits,
    VisitVerdict,
    VisitVerdicts,
    hear,
    verdict_told,
)
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.intent import Delete, Deleted, Delivered
from sojourn.core.origin import Atlas
from sojourn.web.backend import Backend, idempotency_key
from sojourn.web.operation import Also, Operation
from sojourn.web.peer import peer_address
from sojourn.web.wire import answer, expect_json, read_body

TAG = "native_v1"
VISITS = "/api/v1/visits"
VISIT = "/api/v1/visits/{userSessionId}"


class EndpointSessions:
    """The resource "Endpoint Sessions": visits."""

    def __init__(self, backend: Backend, atlas: Atlas) -> None:
        self._backend = backend
        self._atlas = atlas

    async def deliver(self, request: Request) -> Response:
        """Deliver one visit, or a list of them."""
        caller = await self._enter(request, Level.WRITE)
        self._backend.expect_room()
        expect_json(request)
        body = await read_body(request, VISITS_BYTES)
        sender = Sender(
            scope=caller.scope,
            address=peer_address(request),
            now=self._backend.clock(),
            key=idempotency_key(request, caller, body),
        )
        heard = await self._backend.run(hear, body, sender, self._atlas)
        if not heard.many:
            told = await self._backend.write(caller, heard.intents()[0], Delivered)
            return answer(verdict_told(told), 201, {"Location": f"{VISITS}/{told.user_session_id}"})
        written = await self._backend.write_all(caller, heard.intents())
        return answer(VisitVerdicts(items=[verdict_told(verdict) for verdict in heard.verdicts(written)]))

    async def search(self, request: Request) -> Response:
        """Find visits."""
        caller = await self._enter(request, Level.READ)
        query, question = visit_search.visit_query(caller.scope, visit_search.asked(request))
        page = await self._backend.read(caller, self._backend.journal.visits, query)
        return answer(visit_search.visit_list(question, page))

    async def get(self, request: Request) -> Response:
        """One visit, whole."""
        caller = await self._enter(request, Level.READ)
        search.parameters(request, search.NoQuery)
        visit = await self._backend.read(caller, self._backend.journal.visit, caller.scope, _id(request))
        return answer(visit_wire.visit_told(visit))

    async def har(self, request: Request) -> Response:
        """The HAR of a visit."""
        caller = await self._enter(request, Level.READ)
        search.parameters(request, search.NoQuery)
        text = await self._backend.read(caller, self._backend.journal.har, caller.scope, _id(request))
        return Response(text, media_type="application/json")

    async def delete(self, request: Request) -> Response:
        """Delete a visit: nothing of it is left."""
        caller = await self._enter(request, Level.WRITE)
        caller.require(Resource.ADMINISTRATION, Level.WRITE)
        self._backend.expect_room()
        key = idempotency_key(request, caller, await read_body(request))
        number = await self._backend.read(caller, self._backend.journal.visit_number, caller.scope, _id(request))
        await self._backend.write(caller, Delete(scope=caller.scope, session_id=number, key=key), Deleted)
        return Response(status_code=204)

    async def _enter(self, request: Request, level: Level) -> Caller:
        return await self._backend.gate.enter(request, Resource.ENDPOINT_SESSIONS, level)


class Har(Struct):
    """A HAR 1.2 document, as it was delivered."""

    log: dict[str, Any]


def _id(request: Request) -> str:
    text: str = request.path_params["userSessionId"]
    return text


def operations(backend: Backend, atlas: Atlas) -> Sequence[Operation]:
    """All operations on visits."""
    visits = EndpointSessions(backend, atlas)
    return [
        Operation(
            id="deliver-visits",
            method="POST",
            path=VISITS,
            summary="Deliver visits: one, or a list of up to 1,000",
            description="A list is answered with 200 and a verdict for each visit, in order: one that is refused does"
            " not keep the others from being stored. A single one is answered with 201, or with its problem. With an"
            " `Idempotency-Key`, each visit of a list has a key of its own, made of that and its place.",
            handle=visits.deliver,
            tag=TAG,
            body=visit_wire.VisitBody | Visits,
            answer=VisitVerdict,
            status=201,
            also=[Also(status=200, answer=VisitVerdicts, example={"items": [examples.DELIVERED, examples.REFUSED]})],
            faults=(413, 415, 422),
            takes_key=True,
            example_body=[examples.VISIT],
            example=examples.DELIVERED,
            headers={"Location": "The path of the visit, where one came alone."},
        ),
        Operation(
            id="find-visits",
            method="GET",
            path=VISITS,
            summary="Find visits",
            handle=visits.search,
            tag=TAG,
            query=visit_search.VisitsQuery,
            answer=visit_search.VisitList,
            example={"items": [examples.VISIT_LISTED], "next": "AAZ1h0mZ5AAAAQAAAAAAAIpVJmHqTCmp"},
        ),
        Operation(
            id="get-visit",
            method="GET",
            path=VISIT,
            summary="One visit with all that was measured",
            handle=visits.get,
            tag=TAG,
            query=search.NoQuery,
            answer=visit_wire.VisitTold,
            example={
                **examples.VISIT_LISTED,
                **{name: examples.VISIT[name] for name in ("browser", "pages", "network", "trigger")},
            },
            faults=(404,),
        ),
        Operation(
            id="delete-visit",
            method="DELETE",
            path=VISIT,
            summary="Delete a visit: nothing of it is left",
            handle=visits.delete,
            tag=TAG,
            status=204,
            faults=(404, 409, 413, 422),
            takes_key=True,
            description="Needs Write access to Administration too. What is on legal hold is not deleted: 409.",
        ),
        Operation(
            id="get-visit-har",
            method="GET",
            path=f"{VISIT}/har",
            summary="The HAR of a visit",
            handle=visits.har,
            tag=TAG,
            query=search.NoQuery,
            answer=Har,
            example=examples.HAR,
            faults=(404,),
        ),
    ]

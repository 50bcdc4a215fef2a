"""Legal hold: sessions and people that nothing deletes."""

from collections.abc import Sequence
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.api.native_v1.sessions import MOST_DIGITS
from sojourn.core.access import Caller, Level
from sojourn.core.errors import Unknown
from sojourn.core.hold import Hold, Holdable
from sojourn.web.backend import Backend
from sojourn.web.operation import Also, Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

HOLDS = "/api/v1/holds"
HELD = "/api/v1/holds/{noun}/{number}"

EXAMPLE_BODY = {"why": "Case 12-345, asked for by the legal department"}
EXAMPLE = {
    "noun": "session",
    "number": 1,
    **EXAMPLE_BODY,
    "heldBy": "nina@example.org",
    "at": "2026-11-20T15:04:05.123456Z",
}


class HoldBody(wire.Heard):
    """Why it is held."""

    why: wire.Note


class HoldTold(wire.Told):
    """What is held, `session` or `person`, with its number; why, by whom, and since when."""

    noun: str
    number: int
    why: str
    held_by: str
    at: wire.Time


class HoldList(wire.Told):
    """All of them, oldest first."""

    items: list[HoldTold]


class Holds:
    """The resource "Administration": what is on legal hold."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def list(self, request: Request) -> Response:
        """All holds."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        holds = await self._backend.read(caller, self._backend.custodian.holds, caller.scope.organisation)
        return answer(HoldList(items=[_told(hold) for hold in holds]))

    async def put(self, request: Request) -> Response:
        """Hold a session or a person."""
        caller, noun, number = await self._which(request)
        expect_json(request)
        wanted = decode(await read_body(request), HoldBody)
        hold, new = await self._backend.read(
            caller,
            self._backend.custodian.hold,
            caller.scope.organisation,
            noun,
            number,
            why=wanted.why,
            by=caller.email,
        )
        return answer(_told(hold), 201 if new else 200)

    async def delete(self, request: Request) -> Response:
        """Let it go."""
        caller, noun, number = await self._which(request)
        await self._backend.read(caller, self._backend.custodian.release, caller.scope.organisation, noun, number)
        return Response(status_code=204)

    async def _which(self, request: Request) -> tuple[Caller, Holdable, int]:
        """Who asks, and what is spoken of. Raises: Forbidden, Unknown."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        noun, number = request.path_params["noun"], request.path_params["number"]
        if noun not in set(Holdable) or not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
            raise Unknown("legal hold on", f"{noun} {number}")
        return caller, Holdable(noun), int(number)


def _told(hold: Hold) -> HoldTold:
    return HoldTold(
        noun=hold.noun.value,
        number=hold.number,
        why=hold.why,
        held_by=hold.held_by,
        at=to_microseconds(hold.at),
    )


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on legal holds."""
    holds = Holds(backend)
    which: dict[str, Any] = {"noun": Literal["session", "person"], "number": int}
    return [
        Operation(
            id="list-holds",
            method="GET",
            path=HOLDS,
            summary="What is on legal hold, oldest first",
            handle=holds.list,
            tag=TAG,
            answer=HoldList,
            example={"items": [EXAMPLE]},
        ),
        Operation(
            id="hold",
            method="PUT",
            path=HELD,
            parts=which,
            summary="Hold a session, or all sessions of a person: nothing deletes them",
            description="Answers 201 to what was not held, and 200 to what was, which stays as it is.",
            handle=holds.put,
            tag=TAG,
            body=HoldBody,
            answer=HoldTold,
            also=[Also(status=201, answer=HoldTold, example=EXAMPLE)],
            faults=(404, 413, 415),
            example_body=EXAMPLE_BODY,
            example=EXAMPLE,
        ),
        Operation(
            id="drop-hold",
            method="DELETE",
            path=HELD,
            parts=which,
            summary="Let a session or a person go",
            handle=holds.delete,
            tag=TAG,
            status=204,
            faults=(404,),
        ),
    ]

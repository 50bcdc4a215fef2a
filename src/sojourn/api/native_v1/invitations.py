"""Invitations: links by which members choose a password for the console."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import administration_examples as examples
from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.core.access import Level
from sojourn.core.administration import Administration
from sojourn.core.registry import address
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

INVITATIONS = "/api/v1/invitations"


class InvitationBody(wire.Heard):
    """Who is invited."""

    email: Annotated[wire.Name, Meta(description="the address of a member")]


class InvitationTold(wire.Told):
    """A link for one person: whoever opens it first chooses the password. This is the only time that it is told."""

    email: str
    link: str
    expires_at: wire.Time


class Invitations:
    """The resource "Administration": links for members."""

    def __init__(self, backend: Backend, rules: Administration) -> None:
        self._backend = backend
        self._rules = rules

    async def add(self, request: Request) -> Response:
        """Make a link; it is told once."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), InvitationBody)
        invited = await self._backend.read(caller, self._rules.invite, caller.scope, wanted.email)
        origin = self._backend.public_url or str(request.base_url).rstrip("/")
        told = InvitationTold(
            email=address(wanted.email),
            link=f"{origin}/invitation?link={invited.secret}",
            expires_at=to_microseconds(invited.expires_at),
        )
        return answer(told, 201, {"Cache-Control": "no-store"})


def operations(backend: Backend, rules: Administration) -> Sequence[Operation]:
    """All operations on invitations."""
    invitations = Invitations(backend, rules)
    return [
        Operation(
            id="invite-member",
            method="POST",
            path=INVITATIONS,
            summary="Make a link by which a member chooses a password, once",
            description="It opens the console, for this organisation, and takes the place of the one that was made"
            " before for the same member.",
            handle=invitations.add,
            tag=TAG,
            query=search.NoQuery,
            body=InvitationBody,
            answer=InvitationTold,
            status=201,
            headers={"Cache-Control": "`no-store`: a link is not kept on the way."},
            example_body=examples.INVITATION_BODY,
            example=examples.INVITATION,
        ),
    ]

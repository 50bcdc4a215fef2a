"""The caller's organisations, and the settings of the one that they work in."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import administration_examples as examples
from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.core.access import Caller, Level, Organisation, Resource
from sojourn.core.administration import Administration
from sojourn.core.registry import MOST_IDLE, MOST_REQUESTS
from sojourn.web.access import presented
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

ORGANISATION = "/api/v1/organisation"
ORGANISATIONS = "/api/v1/organisations"


class OrganisationBody(wire.Heard):
    """What is to change; what is absent stays."""

    name: wire.Name | UnsetType = UNSET
    idle_limit: Annotated[int, Meta(ge=0, le=MOST_IDLE, description="seconds, 0 = never")] | UnsetType = UNSET
    rate_limit: Annotated[int, Meta(ge=1, le=MOST_REQUESTS, description="requests a minute")] | UnsetType = UNSET
    time_zone: Annotated[wire.Name, Meta(description="a name of the IANA time zone database")] | UnsetType = UNSET


class OrganisationTold(wire.Told):
    """The caller's organisation. `idleLimit` is in seconds, 0 = never; `rateLimit` in requests a minute."""

    id: int
    name: str
    idle_limit: int
    rate_limit: int
    time_zone: str
    created_at: wire.Time


class OpenedTold(wire.Told):
    """An organisation that the caller's token opens, and through which access group. `default`: where none is named."""

    id: int
    name: str
    group: str
    default: bool


class OpenedList(wire.Told):
    """All of them, by number."""

    items: list[OpenedTold]


class OrganisationSettings:
    """The caller's organisations."""

    def __init__(self, backend: Backend, rules: Administration) -> None:
        self._backend = backend
        self._rules = rules

    async def list(self, request: Request) -> Response:
        """Those that the caller's token opens."""
        caller = await self._backend.gate.admit(request, presented(request), None)
        search.parameters(request, search.NoQuery)
        return answer(await self._backend.read(caller, self._opened, caller))

    async def get(self, request: Request) -> Response:
        """The one that the caller works in."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        search.parameters(request, search.NoQuery)
        told = await self._backend.read(caller, self._backend.registry.organisation, caller.scope.organisation)
        return answer(_told(told))

    async def change(self, request: Request) -> Response:
        """Change its settings."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), OrganisationBody)
        changed = await self._backend.read(
            caller,
            self._rules.change_organisation,
            caller.scope,
            name=wanted.name or None,
            idle_limit=None if wanted.idle_limit is UNSET else wanted.idle_limit,
            rate_limit=wanted.rate_limit or None,
            time_zone=wanted.time_zone or None,
        )
        return answer(_told(changed))

    def _opened(self, caller: Caller) -> OpenedList:
        names = {organisation.id: organisation.name for organisation in self._backend.registry.organisations()}
        return OpenedList(
            items=[
                OpenedTold(id=m.organisation, name=names[m.organisation], group=m.group, default=m.is_default)
                for m in sorted(caller.memberships, key=lambda membership: membership.organisation)
            ]
        )


def _told(organisation: Organisation) -> OrganisationTold:
    return OrganisationTold(
        id=organisation.id,
        name=organisation.name,
        idle_limit=organisation.idle_limit,
        rate_limit=organisation.rate_limit,
        time_zone=organisation.time_zone,
        created_at=to_microseconds(organisation.created_at),
    )


def operations(backend: Backend, rules: Administration) -> Sequence[Operation]:
    """All operations on organisations."""
    settings = OrganisationSettings(backend, rules)
    return [
        Operation(
            id="list-organisations",
            method="GET",
            path=ORGANISATIONS,
            summary="The organisations that the caller's token opens",
            description="What `X-Organisation` may name. Whoever has a token may ask.",
            handle=settings.list,
            tag=TAG,
            query=search.NoQuery,
            answer=OpenedList,
            example=examples.ORGANISATIONS,
        ),
        Operation(
            id="get-organisation",
            method="GET",
            path=ORGANISATION,
            summary="The caller's organisation",
            handle=settings.get,
            tag=TAG,
            answer=OrganisationTold,
            example=examples.ORGANISATION,
        ),
        Operation(
            id="change-organisation",
            method="PATCH",
            path=ORGANISATION,
            summary="Change the settings of the caller's organisation",
            handle=settings.change,
            tag=TAG,
            query=search.NoQuery,
            body=OrganisationBody,
            answer=OrganisationTold,
            faults=(409,),
            example_body=examples.CHANGES,
            example=examples.CHANGED,
        ),
    ]

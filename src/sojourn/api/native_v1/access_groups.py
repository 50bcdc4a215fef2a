"""Access groups: what their members may read and write."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import administration_examples as examples
from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.core.access import AccessGroup, Level, Resource, Scope
from sojourn.core.administration import Administration
from sojourn.web.backend import Backend
from sojourn.web.operation import Also, Operation
from sojourn.web.wire import answer, decode, expect_json, read_body

GROUPS = "/api/v1/access-groups"
GROUP = "/api/v1/access-groups/{name:path}"

LevelName = Annotated[Literal["none", "read", "write"], Meta(description="write includes read")]


class AccessBody(wire.Heard):
    """How far each resource is open; what is not named is closed."""

    activity_sessions: LevelName = "none"
    login_sessions: LevelName = "none"
    endpoint_sessions: LevelName = "none"
    administration: LevelName = "none"

    def levels(self) -> dict[Resource, Level]:
        """In core words."""
        return {resource: Level[getattr(self, resource.name.lower()).upper()] for resource in Resource}


class AccessTold(wire.Told):
    """How far each resource is open."""

    activity_sessions: LevelName
    login_sessions: LevelName
    endpoint_sessions: LevelName
    administration: LevelName


class GroupBody(wire.Heard):
    """What it opens: all of it, each time."""

    access: AccessBody


class GroupTold(wire.Told):
    """An access group."""

    name: str
    access: AccessTold


class GroupList(wire.Told):
    """All of them, by name."""

    items: list[GroupTold]


class AccessGroups:
    """The resource "Administration": the access groups of an organisation."""

    def __init__(self, backend: Backend, rules: Administration) -> None:
        self._backend = backend
        self._rules = rules

    async def list(self, request: Request) -> Response:
        """All of them."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        groups = await self._backend.read(caller, self._rules.groups, caller.scope)
        return answer(GroupList(items=[_told(group) for group in groups]))

    async def get(self, request: Request) -> Response:
        """One of them."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        return answer(_told(await self._backend.read(caller, self._rules.group, caller.scope, _name(request))))

    async def put(self, request: Request) -> Response:
        """Make one, or change what it opens."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        levels = decode(await read_body(request), GroupBody).access.levels()
        group, new = await self._backend.read(caller, self._set, caller.scope, _name(request), levels)
        return answer(_told(group), 201 if new else 200)

    async def drop(self, request: Request) -> Response:
        """Drop one that nobody is in."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        await self._backend.read(caller, self._rules.drop_group, caller.scope, _name(request))
        return Response(status_code=204)

    def _set(self, scope: Scope, name: str, levels: Mapping[Resource, Level]) -> tuple[AccessGroup, bool]:
        known = {group.name for group in self._rules.groups(scope)}
        group = self._rules.set_group(scope, name, levels)
        return group, group.name not in known


def access_told(levels: Mapping[Resource, Level]) -> AccessTold:
    """How far each resource is open, in the dialect's words."""
    return AccessTold(**{r.name.lower(): levels.get(r, Level.NONE).name.lower() for r in Resource})  # type: ignore[arg-type]


def _told(group: AccessGroup) -> GroupTold:
    return GroupTold(name=group.name, access=access_told(group.levels))


def _name(request: Request) -> str:
    text: str = request.path_params["name"]
    return text


def operations(backend: Backend, rules: Administration) -> Sequence[Operation]:
    """All operations on access groups."""
    groups = AccessGroups(backend, rules)
    return [
        Operation(
            id="list-access-groups",
            method="GET",
            path=GROUPS,
            summary="What may be read and written by whom: the access groups, by name",
            handle=groups.list,
            tag=TAG,
            query=search.NoQuery,
            answer=GroupList,
            example=examples.GROUPS,
        ),
        Operation(
            id="get-access-group",
            method="GET",
            path=GROUP,
            summary="One access group",
            handle=groups.get,
            tag=TAG,
            query=search.NoQuery,
            answer=GroupTold,
            example=examples.GROUP,
            faults=(404,),
        ),
        Operation(
            id="set-access-group",
            method="PUT",
            path=GROUP,
            summary="Make an access group, or change what it opens",
            description="Answers 201 to one that was not known, and 200 to one that was. It counts from the next"
            " request of its members on. Refused where nobody would be left who may administer the organisation.",
            handle=groups.put,
            tag=TAG,
            query=search.NoQuery,
            body=GroupBody,
            answer=GroupTold,
            also=[Also(status=201, answer=GroupTold, example=examples.GROUP)],
            example_body=examples.GROUP_BODY,
            example=examples.GROUP,
        ),
        Operation(
            id="drop-access-group",
            method="DELETE",
            path=GROUP,
            summary="Drop an access group that nobody is in",
            handle=groups.drop,
            tag=TAG,
            query=search.NoQuery,
            status=204,
            faults=(404,),
        ),
    ]

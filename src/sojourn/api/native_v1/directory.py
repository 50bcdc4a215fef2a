"""Who and what sessions are of: people and devices."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search, wire
from sojourn.core.access import Level, Resource
from sojourn.core.errors import Unknown
from sojourn.core.model import INT32
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.wire import answer

TAG = "native_v1"


class PersonTold(wire.Told):
    """Somebody whose sessions are recorded."""

    user_id: int
    login: str


class PersonList(wire.Told):
    """A page of people, by number. `next` is the cursor of the next page."""

    items: list[PersonTold]
    next: str | UnsetType = UNSET


class DeviceList(wire.Told):
    """A page of devices, in the order in which they were first seen. `next` is the cursor of the next page."""

    items: list[wire.DeviceTold]
    next: str | UnsetType = UNSET


class Directory:
    """Who and what sessions are of."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def people(self, request: Request) -> Response:
        """Whose sessions are recorded."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        wanted = search.parameters(request, search.PageQuery)
        question = search.Question("people", caller.scope)
        after, limit = question.place(wanted.cursor), wanted.limit
        page = await self._backend.read(caller, self._backend.journal.people, caller.scope, after=after, limit=limit)
        items = [PersonTold(user_id=person.id, login=person.login) for person in page.people]
        return answer(PersonList(items=items, next=question.next(page.next)))

    async def person(self, request: Request) -> Response:
        """One of them."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        search.parameters(request, search.NoQuery)
        person = await self._backend.read(caller, self._backend.journal.person, caller.scope, _person(request))
        return answer(PersonTold(user_id=person.id, login=person.login))

    async def devices(self, request: Request) -> Response:
        """Where sessions are."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        wanted = search.parameters(request, search.PageQuery)
        question = search.Question("devices", caller.scope)
        after, limit = question.place(wanted.cursor), wanted.limit
        page = await self._backend.read(caller, self._backend.journal.devices, caller.scope, after=after, limit=limit)
        items = [wire.DeviceTold(guid=device.guid, name=device.name or UNSET) for device in page.devices]
        return answer(DeviceList(items=items, next=question.next(page.next)))

    async def device(self, request: Request) -> Response:
        """One of them."""
        caller = await self._backend.gate.enter(request, Resource.ACTIVITY_SESSIONS, Level.READ)
        search.parameters(request, search.NoQuery)
        guid: str = request.path_params["guid"]
        device = await self._backend.read(caller, self._backend.journal.device, caller.scope, guid)
        return answer(wire.DeviceTold(guid=device.guid, name=device.name or UNSET))


def _person(request: Request) -> int:
    """The number in the path. Raises: Unknown, where it is none that a person can have."""
    text = request.path_params["userId"]
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= len(str(INT32))):
        raise Unknown("person", text)
    return int(text)


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on who and what sessions are of."""
    directory = Directory(backend)
    return [
        Operation(
            id="list-people",
            method="GET",
            path="/api/v1/people",
            summary="Whose sessions are recorded",
            handle=directory.people,
            tag=TAG,
            query=search.PageQuery,
            answer=PersonList,
            example=examples.PEOPLE,
        ),
        Operation(
            id="get-person",
            method="GET",
            path="/api/v1/people/{userId}",
            summary="One of the people whose sessions are recorded",
            handle=directory.person,
            tag=TAG,
            answer=PersonTold,
            example=examples.PERSON,
            faults=(404,),
        ),
        Operation(
            id="list-devices",
            method="GET",
            path="/api/v1/devices",
            summary="Where sessions are",
            handle=directory.devices,
            tag=TAG,
            query=search.PageQuery,
            answer=DeviceList,
            example=examples.DEVICES,
        ),
        Operation(
            id="get-device",
            method="GET",
            path="/api/v1/devices/{guid}",
            summary="One device",
            handle=directory.device,
            tag=TAG,
            query=search.NoQuery,
            answer=wire.DeviceTold,
            example=examples.DEVICE,
            faults=(404,),
        ),
    ]

"""The devices: where sessions are, and when each last was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.agents import visits_of
from sojourn.console.desk import Desk
from sojourn.console.listing import size_of
from sojourn.console.page import Page
from sojourn.console.visit import agent_of
from sojourn.console.visits import ROW_WORDS, newest
from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.journal import Journal
from sojourn.core.model import Device, Session
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.web.cursor import seal, unseal

RECENT = 10
"""How many sessions and visits the page of one device shows."""

QUESTION = "console devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRows:
    """A page of devices, each with its newest session where it has one, and where the next page begins."""

    rows: tuple[tuple[Device, Session | None], ...]
    next: str


class Devices:
    """The devices."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request, caller: Caller) -> Response:
        """All of them, in the order in which they were first seen."""
        backend = self._desk.backend
        found = await backend.read(caller, _found, backend.journal, caller.scope, request.query_params)
        return self._desk.page(request, "devices.html", found=found, origin=self._desk.origin(request))

    async def one(self, request: Request, caller: Caller) -> Response:
        """One of them, with what was done on it and what was measured there."""
        backend, guid = self._desk.backend, request.path_params["guid"]
        measures = caller.levels.get(Resource.ENDPOINT_SESSIONS, Level.NONE) >= Level.READ
        values = await backend.read(caller, _seen, backend.journal, caller.scope, guid, measures)
        return self._desk.page(request, "device.html", measures=measures, RECENT=RECENT, **values, **ROW_WORDS)


def _found(journal: Journal, scope: Scope, given: Mapping[str, str]) -> DeviceRows:
    """A page. Raises: Invalid (cursor); Forbidden, in a scope that is narrowed to one person."""
    after = given.get("after", "")
    place = unseal(after, QUESTION, scope) if after else None
    page = journal.devices(scope, after=place, limit=size_of(given))
    newest_on = journal.latest_on(scope, [device.guid for device in page.devices])
    return DeviceRows(
        rows=tuple([(device, newest_on.get(device.guid)) for device in page.devices]),
        next="" if page.next is None else seal(page.next, QUESTION, scope),
    )


def _seen(journal: Journal, scope: Scope, guid: str, measures: bool) -> dict[str, Any]:
    """A device with its newest sessions, and with its agent and visits if those may be told. Raises: Unknown."""
    device = journal.device(scope, guid)
    query = SessionQuery(scope=scope, filter=SessionFilter(device=guid), limit=RECENT, total=True)
    return {
        "device": device,
        "sessions": journal.page(query),
        "agent": agent_of(journal, scope, guid) if measures else None,
        "visits": newest(journal, visits_of(scope, guid, RECENT)) if measures else (),
    }


def pages(desk: Desk) -> "list[Page]":
    """The list, and each of them."""
    devices = Devices(desk)
    resource = Resource.ACTIVITY_SESSIONS
    return [
        Page(method="GET", path="/devices", handle=devices.list, resource=resource),
        Page(method="GET", path="/devices/{guid:path}", handle=devices.one, resource=resource),
    ]

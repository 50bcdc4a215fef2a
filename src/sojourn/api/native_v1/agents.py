"""Agents: register and describe, find, forget."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import search
from sojourn.api.native_v1 import visit_examples as examples
from sojourn.api.native_v1.visit_wire import CoordinatesTold, coordinates_told
from sojourn.api.native_v1.wire import Heard, Name, Time, Told
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.agent import (
    LARGEST_MEMORY,
    MOST_ADDRESSES,
    MOST_BROWSERS,
    MOST_CLIENTS,
    Agent,
    AgentDraft,
    AgentPage,
    Client,
)
from sojourn.core.errors import Invalid
from sojourn.core.intent import Register, Registered, Unregister, Unregistered
from sojourn.core.origin import Atlas, source_of
from sojourn.core.query import Place
from sojourn.core.report import Browser
from sojourn.web.backend import Backend
from sojourn.web.operation import Also, Operation
from sojourn.web.peer import peer_address
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

TAG = "native_v1"
AGENTS = "/api/v1/agents"
AGENT = "/api/v1/agents/{agentId}"


class BrowserWords(Heard):
    """A browser that is watched."""

    name: Name
    version: Name | UnsetType = UNSET


class ClientWords(Heard):
    """Somebody who uses the machine."""

    user_name: Name
    browsers: Annotated[list[BrowserWords], Meta(max_length=MOST_BROWSERS)] = field(default_factory=list)


class AgentBody(Heard, kw_only=True):
    """What an agent tells of itself and its machine: all of it, each time. `name` is another word for `agentName`."""

    agent_id: Annotated[Name, Meta(description="that of the path")] | UnsetType = UNSET
    agent_name: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    computer_name: Name | UnsetType = UNSET
    platform: Name | UnsetType = UNSET
    os_version: Name | UnsetType = UNSET
    kernel_version: Name | UnsetType = UNSET
    manufacturer: Name | UnsetType = UNSET
    model: Name | UnsetType = UNSET
    total_memory: Annotated[int, Meta(ge=0, le=LARGEST_MEMORY, description="bytes")] | UnsetType = UNSET
    version: Name | UnsetType = UNSET
    addresses: Annotated[list[Name], Meta(max_length=MOST_ADDRESSES)] = field(default_factory=list)
    clients: Annotated[list[ClientWords], Meta(max_length=MOST_CLIENTS)] = field(default_factory=list)

    def draft(self, agent_id: str) -> AgentDraft:
        """In core words. Raises: Invalid."""
        if self.agent_id is not UNSET and self.agent_id != agent_id:
            raise Invalid("agent_id", "must be the one in the path")
        if self.agent_name is not UNSET and self.name is not UNSET:
            raise Invalid("name", "must not stand beside agentName")
        return AgentDraft(
            agent_id=agent_id,
            agent_name=self.agent_name or self.name or None,
            computer_name=self.computer_name or None,
            platform=self.platform or None,
            os_version=self.os_version or None,
            kernel_version=self.kernel_version or None,
            manufacturer=self.manufacturer or None,
            model=self.model or None,
            total_memory=None if self.total_memory is UNSET else self.total_memory,
            version=self.version or None,
            addresses=tuple(self.addresses),
            clients=tuple([_client(client) for client in self.clients]),
        )


class AgentTold(Told, kw_only=True):
    """An agent. `sourceAddr`, `orgName` and `coordinates` tell where it last came from; it came at `lastSeen`."""

    agent_id: str
    agent_name: str | UnsetType = UNSET
    computer_name: str | UnsetType = UNSET
    platform: str | UnsetType = UNSET
    os_version: str | UnsetType = UNSET
    kernel_version: str | UnsetType = UNSET
    manufacturer: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    total_memory: int | UnsetType = UNSET
    version: str | UnsetType = UNSET
    addresses: list[str]
    clients: list[ClientWords]
    source_addr: str | UnsetType = UNSET
    org_name: str | UnsetType = UNSET
    coordinates: CoordinatesTold | UnsetType = UNSET
    created_at: Time
    last_seen: Time


class AgentList(Told):
    """A page of agents in the order in which they were first seen. `next` is the cursor of the next page."""

    items: list[AgentTold]
    next: str | UnsetType = UNSET


class Agents:
    """The resource "Endpoint Sessions": the agents that deliver them."""

    def __init__(self, backend: Backend, atlas: Atlas) -> None:
        self._backend = backend
        self._atlas = atlas

    async def register(self, request: Request) -> Response:
        """Register, or describe anew."""
        caller = await self._enter(request, Level.WRITE)
        self._backend.expect_room()
        expect_json(request)
        draft = decode(await read_body(request), AgentBody).draft(_id(request))
        source = await self._backend.run(source_of, peer_address(request), self._atlas)
        intent = Register(scope=caller.scope, agent=draft, source=source)
        told = await self._backend.write(caller, intent, Registered)
        return answer(agent_told(told.agent), 201 if told.first else 200)

    async def list(self, request: Request) -> Response:
        """All agents."""
        caller = await self._enter(request, Level.READ)
        wanted = search.parameters(request, search.PageQuery)
        question = search.Question("agents", caller.scope)
        place = question.place(wanted.cursor)
        page = await self._backend.read(
            caller, self._backend.journal.agents, caller.scope, after=place.id if place else None, limit=wanted.limit
        )
        return answer(_agent_list(question, page))

    async def get(self, request: Request) -> Response:
        """One agent."""
        caller = await self._enter(request, Level.READ)
        search.parameters(request, search.NoQuery)
        return answer(
            agent_told(await self._backend.read(caller, self._backend.journal.agent, caller.scope, _id(request)))
        )

    async def forget(self, request: Request) -> Response:
        """Forget an agent; what it delivered stays."""
        caller = await self._enter(request, Level.WRITE)
        caller.require(Resource.ADMINISTRATION, Level.WRITE)
        await self._backend.write(caller, Unregister(scope=caller.scope, agent_id=_id(request)), Unregistered)
        return Response(status_code=204)

    async def _enter(self, request: Request, level: Level) -> Caller:
        return await self._backend.gate.enter(request, Resource.ENDPOINT_SESSIONS, level)


def agent_told(agent: Agent) -> AgentTold:
    """An agent in the dialect's words."""
    about, source = agent.about, agent.source
    return AgentTold(
        agent_id=about.agent_id,
        agent_name=about.agent_name or UNSET,
        computer_name=about.computer_name or UNSET,
        platform=about.platform or UNSET,
        os_version=about.os_version or UNSET,
        kernel_version=about.kernel_version or UNSET,
        manufacturer=about.manufacturer or UNSET,
        model=about.model or UNSET,
        total_memory=UNSET if about.total_memory is None else about.total_memory,
        version=about.version or UNSET,
        addresses=list(about.addresses),
        clients=[_client_told(client) for client in about.clients],
        source_addr=source.address or UNSET,
        org_name=source.org_name or UNSET,
        coordinates=coordinates_told(source.coordinates),
        created_at=to_microseconds(agent.created_at),
        last_seen=to_microseconds(agent.last_seen),
    )


def _agent_list(question: search.Question, page: AgentPage) -> AgentList:
    place = None if page.next is None else Place(0, page.next)
    return AgentList(items=[agent_told(agent) for agent in page.agents], next=question.next(place))


def _client(words: ClientWords) -> Client:
    browsers = [Browser(name=browser.name, version=browser.version or None) for browser in words.browsers]
    return Client(user_name=words.user_name, browsers=tuple(browsers))


def _client_told(client: Client) -> ClientWords:
    browsers = [BrowserWords(name=browser.name, version=browser.version or UNSET) for browser in client.browsers]
    return ClientWords(user_name=client.user_name, browsers=browsers)


def _id(request: Request) -> str:
    text: str = request.path_params["agentId"]
    return text


def operations(backend: Backend, atlas: Atlas) -> Sequence[Operation]:
    """All operations on agents."""
    agents = Agents(backend, atlas)
    return [
        Operation(
            id="register-agent",
            method="PUT",
            path=AGENT,
            summary="Register an agent, or describe it anew",
            description="Answers 201 to an agent that was not known, and 200 to one that was. What is not told any more"
            " is forgotten.",
            handle=agents.register,
            tag=TAG,
            body=AgentBody,
            answer=AgentTold,
            also=[Also(status=201, answer=AgentTold, example=examples.AGENT)],
            example_body=examples.AGENT_BODY,
            example=examples.AGENT,
        ),
        Operation(
            id="list-agents",
            method="GET",
            path=AGENTS,
            summary="All agents, in the order in which they were first seen",
            handle=agents.list,
            tag=TAG,
            query=search.PageQuery,
            answer=AgentList,
            example={"items": [examples.AGENT]},
        ),
        Operation(
            id="get-agent",
            method="GET",
            path=AGENT,
            summary="One agent",
            handle=agents.get,
            tag=TAG,
            query=search.NoQuery,
            answer=AgentTold,
            example=examples.AGENT,
            faults=(404,),
        ),
        Operation(
            id="forget-agent",
            method="DELETE",
            path=AGENT,
            summary="Forget an agent; what it delivered stays",
            handle=agents.forget,
            tag=TAG,
            status=204,
            faults=(404,),
            description="Needs Write access to Administration too.",
        ),
    ]

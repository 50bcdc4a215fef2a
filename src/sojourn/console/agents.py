"""The agents: which machines measure, when each was last heard of, and what it measured lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.desk import Desk
from sojourn.console.listing import size_of
from sojourn.console.page import Page
from sojourn.console.visits import ROW_WORDS, VisitRow, newest
from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.agent import Agent
from sojourn.core.journal import Journal
from sojourn.core.model import DAY, Instant
from sojourn.core.query import Order, Place
from sojourn.core.visit import Facet, VisitQuery
from sojourn.web.cursor import seal, unseal

LATELY = 200
"""How many of the newest visits of all the agents of a page are looked at for what each measured lately."""

RECENT = 20
"""How many visits the page of one agent shows."""

SILENT = DAY
"""After how long without a sign of life an agent is said to be silent."""

QUESTION = "console agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """An agent in the list, with its newest visit where that is one of the newest of all."""

    agent: Agent
    latest: VisitRow | None
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRows:
    """A page of agents, and where the next begins."""

    rows: tuple[AgentRow, ...]
    next: str


class Agents:
    """The agents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request, caller: Caller) -> Response:
        """All of them, in the order in which they were first seen."""
        backend = self._desk.backend
        found = await backend.read(
            caller, _found, backend.journal, caller.scope, request.query_params, self._desk.clock()
        )
        return self._desk.page(request, "agents.html", found=found, origin=self._desk.origin(request), **ROW_WORDS)

    async def one(self, request: Request, caller: Caller) -> Response:
        """One of them."""
        backend, agent_id = self._desk.backend, request.path_params["agentId"]
        agent = await backend.read(caller, backend.journal.agent, caller.scope, agent_id)
        visits = await backend.read(caller, newest, backend.journal, visits_of(caller.scope, agent_id, RECENT))
        silent = _is_silent(agent, self._desk.clock())
        values: dict[str, Any] = {"agent": agent, "visits": visits, "silent": silent, "RECENT": RECENT}
        opens = caller.levels.get(Resource.ACTIVITY_SESSIONS, Level.NONE) >= Level.READ
        return self._desk.page(
            request, "agent.html", sees_device=opens and not caller.scope.person, **values, **ROW_WORDS
        )


def _found(journal: Journal, scope: Scope, given: Mapping[str, str], now: Instant) -> AgentRows:
    """A page. Raises: Invalid (cursor)."""
    after = given.get("after", "")
    place = unseal(after, QUESTION, scope) if after else None
    page = journal.agents(scope, after=place.id if place else None, limit=size_of(given))
    latest = _latest(journal, scope, [agent.about.agent_id for agent in page.agents])
    rows = [
        AgentRow(agent=agent, latest=latest.get(agent.about.agent_id), silent=_is_silent(agent, now))
        for agent in page.agents
    ]
    following = "" if page.next is None else seal(Place(0, page.next), QUESTION, scope)
    return AgentRows(rows=tuple(rows), next=following)


def _latest(journal: Journal, scope: Scope, ids: "list[str]") -> dict[str, VisitRow]:
    """The newest visit of each agent, as far as it is among the newest of all of them."""
    if not ids:
        return {}
    query = VisitQuery(scope=scope, filters={Facet.AGENT_ID: tuple(ids)}, order=Order.NEWEST, limit=LATELY, whole=True)
    found: dict[str, VisitRow] = {}
    for kept in journal.visits(query).visits:
        if kept.agent_id not in found:
            found[kept.agent_id] = VisitRow.of(kept)
    return found


def visits_of(scope: Scope, agent_id: str, limit: int) -> VisitQuery:
    """The newest visits of one agent."""
    return VisitQuery(scope=scope, filters={Facet.AGENT_ID: (agent_id,)}, order=Order.NEWEST, limit=limit)


def _is_silent(agent: Agent, now: Instant) -> bool:
    return agent.last_seen < now - SILENT


def pages(desk: Desk) -> "list[Page]":
    """The list, and each of them."""
    agents = Agents(desk)
    resource = Resource.ENDPOINT_SESSIONS
    return [
        Page(method="GET", path="/agents", handle=agents.list, resource=resource),
        Page(method="GET", path="/agents/{agentId:path}", handle=agents.one, resource=resource),
    ]

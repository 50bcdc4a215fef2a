"""Agents: devices that describe themselves and deliver."""

from collections.abc import Iterable, Sequence

import msgspec

from sojourn.core.access import Scope
from sojourn.core.agent import Agent, AgentDraft, AgentPage
from sojourn.core.errors import Unknown
from sojourn.core.intent import Register, Registered, Unregister, Unregistered, Verdict
from sojourn.core.model import DeviceDraft, Instant
from sojourn.core.visit import Source
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.people import find_devices
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("agents")

_ENCODE = msgspec.json.Encoder()
_SOURCE = msgspec.json.Decoder(Source)
_ABOUT = msgspec.json.Decoder(AgentDraft)

Place = tuple[int, int]
"""An organisation and a device's number."""


def register_agents(
    transaction: Transaction, _tally: Tally, intents: Sequence[Register], now: Instant
) -> list[Verdict]:
    """Write them; a verdict for each, in order. Of one that comes twice the last word is kept."""
    drafts = [(i.scope.organisation, DeviceDraft(guid=i.agent.agent_id, name=i.agent.name)) for i in intents]
    devices = find_devices(transaction, drafts)
    places = [(draft[0], devices[draft][0]) for draft in drafts]
    last = dict(zip(places, intents, strict=True))
    known = {(o, device) for o, device in transaction.each(_SQL["known_agents"], sorted(last))}
    rows = [
        (*place, now, intent.agent.platform, _text(intent.source), _text(intent.agent))
        for place, intent in sorted(last.items(), key=lambda item: item[0])
    ]
    told = transaction.each(_SQL["register_agents"], rows)
    times = {(o, device): (created_at, last_seen) for o, device, created_at, last_seen in told}
    return [
        Registered(agent=_registered(place, last[place], *times[place]), first=place not in known) for place in places
    ]


def unregister_agents(
    transaction: Transaction, _tally: Tally, intents: Sequence[Unregister], _now: Instant
) -> list[Verdict]:
    """Forget them; a verdict for each, in order."""
    return [_unregister(transaction, intent) for intent in intents]


def see_agents(
    transaction: Transaction, seen: Iterable[tuple[Place, str, Source]], now: Instant
) -> dict[Place, str | None]:
    """They deliver: when and whence they were seen last, each with its id; the platforms that they have told."""
    last = {place: (agent_id, source) for place, agent_id, source in seen}
    rows = [
        (*place, now, None, _text(source), _text(AgentDraft(agent_id=agent_id)))
        for place, (agent_id, source) in sorted(last.items())
    ]
    return {(o, device): platform for o, device, platform in transaction.each(_SQL["see_agents"], rows)}


def read_agents(transaction: Transaction, scope: Scope, after: int | None, limit: int) -> AgentPage:
    """A page of agents."""
    if scope.person:  # agents are nobody's
        return AgentPage(agents=(), next=None)
    parameters = {"organisation": scope.organisation, "after": after or 0, "limit": limit + 1}
    rows = transaction.run(_SQL["agents"], parameters)
    agents = tuple([_agent(row) for row in rows[:limit]])
    return AgentPage(agents=agents, next=agents[-1].id if len(rows) > limit else None)


def read_agent(transaction: Transaction, scope: Scope, agent_id: str) -> Agent:
    """One agent. Raises: Unknown."""
    parameters = {"organisation": scope.organisation, "guid": agent_id}
    rows = [] if scope.person else transaction.run(_SQL["agent"], parameters)
    if not rows:
        raise Unknown("agent", agent_id)
    return _agent(rows[0])


def _unregister(transaction: Transaction, intent: Unregister) -> Verdict:
    parameters = {"organisation": intent.scope.organisation, "guid": intent.agent_id}
    gone = transaction.run(_SQL["delete_agent"], parameters)
    return Unregistered(agent_id=intent.agent_id) if gone else Unknown("agent", intent.agent_id)


def _registered(place: Place, intent: Register, created_at: Instant, last_seen: Instant) -> Agent:
    return Agent(
        organisation=place[0],
        id=place[1],
        about=intent.agent,
        source=intent.source,
        created_at=created_at,
        last_seen=last_seen,
    )


def _agent(row: Row) -> Agent:
    organisation, device, created_at, last_seen, source, document = row
    return Agent(
        organisation=organisation,
        id=device,
        about=_ABOUT.decode(document),
        source=_SOURCE.decode(source),
        created_at=created_at,
        last_seen=last_seen,
    )


def _text(noun: Source | AgentDraft) -> str:
    return _ENCODE.encode(noun).decode()

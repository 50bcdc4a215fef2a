"""Agents: registered, seen when they deliver, listed in the order of first sight, forgotten; on both engines."""

from dataclasses import replace

import pytest

from sojourn.core.access import Scope
from sojourn.core.agent import Agent, AgentDraft, Client
from sojourn.core.errors import Unknown
from sojourn.core.intent import Delivered, Register, Registered, Unregister, Unregistered
from sojourn.core.model import MINUTE
from sojourn.core.report import Browser
from sojourn.core.visit import Facet, Source, VisitQuery
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk
from tests.storage.tables import contents
from tests.storage.test_visits import SOURCE, deliver, delivery, visit

ABOUT = AgentDraft(
    agent_id="3fde6422-f119-40e1-ae32-d08a1243c038",
    agent_name="ada's laptop",
    computer_name="lovelace",
    platform="Linux",
    os_version="Debian GNU/Linux 12 (bookworm)",
    kernel_version="6.18.0",
    manufacturer="LENOVO",
    model="20XW",
    total_memory=17_069_891_584,
    version="0.1.0",
    addresses=("10.0.0.13", "fe80::1"),
    clients=(Client(user_name="ada", browsers=(Browser(name="Chromium", version="156"),)),),
)


def registering(desk: Desk, about: AgentDraft = ABOUT, source: Source = SOURCE) -> Register:
    return Register(scope=desk.scope, agent=about, source=source)


def register(desk: Desk, about: AgentDraft = ABOUT, source: Source = SOURCE) -> Registered:
    told = desk.one(registering(desk, about, source))
    assert isinstance(told, Registered)
    return told


def named(agent_id: str) -> AgentDraft:
    return AgentDraft(agent_id=agent_id)


class TestAgent:
    def test_what_it_told_comes_back(self, desk: Desk) -> None:
        told = register(desk)
        assert told.first
        assert told.agent == desk.store.agent(desk.scope, ABOUT.agent_id)
        assert told.agent == Agent(
            organisation=desk.scope.organisation,
            id=told.agent.id,
            about=ABOUT,
            source=SOURCE,
            created_at=NOON,
            last_seen=NOON,
        )

    def test_registered_again_it_tells_anew_and_is_as_old_as_it_was(self, desk: Desk) -> None:
        register(desk)
        desk.now += MINUTE
        changed = replace(ABOUT, version="0.2.0", model=None)
        told = register(desk, changed, Source(address="192.0.2.7"))
        assert not told.first
        found = desk.store.agent(desk.scope, ABOUT.agent_id)
        assert found == told.agent
        assert (found.about, found.source) == (changed, Source(address="192.0.2.7"))
        assert (found.created_at, found.last_seen) == (NOON, NOON + MINUTE)

    def test_a_clock_that_went_back_does_not_move_when_it_was_last_seen(self, desk: Desk) -> None:
        register(desk)
        desk.now -= MINUTE
        assert register(desk).agent.last_seen == NOON
        deliver(desk, visit(NOON - MINUTE, agent=ABOUT.agent_id))
        assert desk.store.agent(desk.scope, ABOUT.agent_id).last_seen == NOON

    def test_of_one_that_comes_twice_in_one_write_the_last_word_is_kept(self, desk: Desk) -> None:
        desk.write(registering(desk), registering(desk, replace(ABOUT, version="2")))
        assert desk.store.agent(desk.scope, ABOUT.agent_id).about.version == "2"

    def test_a_delivery_is_a_sign_of_life(self, desk: Desk) -> None:
        register(desk)
        desk.now += MINUTE
        elsewhere = Source(address="198.51.100.1")
        desk.one(replace(delivery(desk, visit(agent=ABOUT.agent_id)), source=elsewhere))
        found = desk.store.agent(desk.scope, ABOUT.agent_id)
        assert (found.last_seen, found.source, found.about) == (NOON + MINUTE, elsewhere, ABOUT)

    def test_one_that_never_registered_is_known_by_its_id_once_it_delivers(self, desk: Desk) -> None:
        deliver(desk, visit(agent="unheard-of"))
        found = desk.store.agent(desk.scope, "unheard-of")
        assert (found.about, found.source) == (named("unheard-of"), SOURCE)
        register(desk, replace(ABOUT, agent_id="unheard-of"))
        assert desk.store.agent(desk.scope, "unheard-of").about.model == "20XW"

    def test_it_is_a_device_with_its_name(self, desk: Desk) -> None:
        register(desk)
        number = deliver(desk, visit(agent=ABOUT.agent_id))
        device = desk.store.session(desk.scope, number, activities=False).device
        assert device is not None
        assert (device.guid, device.name) == (ABOUT.agent_id, "ada's laptop")

    def test_its_visits_are_found_by_the_platform_that_it_told(self, desk: Desk) -> None:
        register(desk)
        intent = delivery(desk, visit(agent=ABOUT.agent_id))
        desk.one(replace(intent, facets={k: v for k, v in intent.facets.items() if k is not Facet.PLATFORM}))
        for platform, count in (("Linux", 1), ("macOS", 0)):
            query = VisitQuery(scope=desk.scope, filters={Facet.PLATFORM: (platform,)})
            assert len(desk.store.visits(query).visits) == count

    def test_it_is_unknown_to_another_and_to_a_narrowed_caller(self, desk: Desk, neighbour: Desk) -> None:
        register(desk)
        for scope in (neighbour.scope, Scope(desk.scope.organisation, 1)):
            with pytest.raises(Unknown):
                desk.store.agent(scope, ABOUT.agent_id)

    def test_a_device_that_is_no_agent_is_none(self, desk: Desk) -> None:
        desk.open(device="workstation")
        with pytest.raises(Unknown):
            desk.store.agent(desk.scope, "workstation")

    def test_forgotten_it_leaves_its_device_and_its_visits_and_nothing_else(self, desk: Desk, engine: Engine) -> None:
        number = deliver(desk, visit(agent=ABOUT.agent_id))
        desk.one(Unregister(scope=desk.scope, agent_id=ABOUT.agent_id))
        before = contents(engine, "counter", "device")
        register(desk)
        forgotten = desk.one(Unregister(scope=desk.scope, agent_id=ABOUT.agent_id))
        assert forgotten == Unregistered(agent_id=ABOUT.agent_id)
        assert contents(engine, "counter", "device") == before
        assert contents(engine)["agent"] == []
        assert desk.store.visit(desk.scope, number).agent_id == ABOUT.agent_id

    def test_what_is_not_there_cannot_be_forgotten(self, desk: Desk, neighbour: Desk) -> None:
        register(desk)
        for scope, agent_id in ((desk.scope, "unheard-of"), (neighbour.scope, ABOUT.agent_id)):
            with pytest.raises(Unknown):
                desk.one(Unregister(scope=scope, agent_id=agent_id))
        assert desk.store.agent(desk.scope, ABOUT.agent_id).about == ABOUT


class TestAgents:
    def test_they_come_by_pages_in_the_order_of_first_sight(self, desk: Desk, neighbour: Desk) -> None:
        ids = [f"agent-{i}" for i in (7, 3, 9, 1, 5)]
        for agent_id in ids:
            register(desk, named(agent_id))
        register(neighbour, named("agent-0"))
        register(desk, named("agent-9"))
        found: list[str] = []
        page = desk.store.agents(desk.scope, after=None, limit=2)
        found += [agent.about.agent_id for agent in page.agents]
        while page.next is not None:
            page = desk.store.agents(desk.scope, after=page.next, limit=2)
            found += [agent.about.agent_id for agent in page.agents]
        assert found == ids

    def test_a_full_last_page_has_no_next(self, desk: Desk) -> None:
        for i in range(3):
            register(desk, named(f"agent-{i}"))
        assert desk.store.agents(desk.scope, after=None, limit=3).next is None

    def test_another_and_a_narrowed_caller_see_none(self, desk: Desk, neighbour: Desk) -> None:
        register(desk)
        for scope in (neighbour.scope, Scope(desk.scope.organisation, 1)):
            assert desk.store.agents(scope, after=None, limit=10).agents == ()

    def test_those_that_deliver_together_are_each_seen(self, desk: Desk) -> None:
        told = desk.write(*[delivery(desk, visit(agent=f"agent-{i % 3}")) for i in range(9)])
        assert all(isinstance(verdict, Delivered) for verdict in told)
        agents = desk.store.agents(desk.scope, after=None, limit=10).agents
        assert sorted(agent.about.agent_id for agent in agents) == ["agent-0", "agent-1", "agent-2"]

"""GET /v6/endpoint-agents and /v6/endpoint-agents/{id}."""

from sojourn.core.access import Scope
from sojourn.core.agent import AgentDraft, Client
from sojourn.core.intent import Register
from sojourn.core.report import Browser, Coordinates
from sojourn.core.visit import Source
from tests.api.endpoint_v6.agents import deliver, measured, seed
from tests.stage import ACME, Stage

AGENTS = "/v6/endpoint-agents"


def registered(stage: Stage, count: int = 1) -> None:
    place = Coordinates(latitude=46.0552778, longitude=14.5144444, location="Slovenia")
    stage.core.recorder.write([
        Register(
            scope=Scope(ACME),
            agent=AgentDraft(
                agent_id=f"agent-{i}",
                agent_name="ada's laptop",
                computer_name="LAPTOP-7",
                os_version="Debian 12",
                kernel_version="6.1",
                manufacturer="Maker",
                model="Model",
                total_memory=16 * 2**30,
                version="0.1.0",
                clients=(Client(user_name="ada", browsers=(Browser(name="Chromium", version="156"),)),),
            ),
            source=Source(address="84.255.241.1", coordinates=place),
        )
        for i in range(count)
    ])  # fmt: skip


def test_an_agent_is_told_as_it_told_of_itself(stage_on_each: Stage) -> None:
    registered(stage_on_each)
    document = stage_on_each.reader.get(f"{AGENTS}.json").json()
    assert document["pages"] == {"current": 1}
    assert document["endpointAgents"] == [
        {
            "agentId": "agent-0",
            "agentName": "ada's laptop",
            "computerName": "LAPTOP-7",
            "osVersion": "Debian 12",
            "kernelVersion": "6.1",
            "manufacturer": "Maker",
            "model": "Model",
            "totalMemory": "16384 MB",
            "lastSeen": "2026-11-23 12:04:05",
            "status": "enabled",
            "deleted": 0,
            "version": "0.1.0",
            "createdTime": "2026-11-23 12:04:05",
            "numberOfClients": 1,
            "publicIP": "84.255.241.1",
            "location": {"latitude": 46.0552778, "longitude": 14.5144444, "locationName": "Slovenia"},
            "clients": [{"userProfile": {"userName": "ada"}, "browsers": [{"name": "Chromium", "version": "156"}]}],
        }
    ]
    assert stage_on_each.reader.get(f"{AGENTS}/agent-0").json()["endpointAgents"] == document["endpointAgents"]


def test_one_that_only_delivered_is_known_too(stage: Stage) -> None:
    deliver(stage, measured())
    (agent,) = stage.reader.get(AGENTS).json()["endpointAgents"]
    assert agent["agentId"] == seed()["agentId"]
    assert "computerName" not in agent


def test_agents_come_by_the_thousand(stage: Stage) -> None:
    registered(stage, 1001)
    first = stage.reader.get(AGENTS).json()
    second = stage.reader.get(first["pages"]["next"]).json()
    assert [len(first["endpointAgents"]), len(second["endpointAgents"])] == [1000, 1]
    assert second["pages"] == {"current": 2}
    assert stage.reader.get(f"{AGENTS}?lastAgent=x").status_code == 400


def test_an_agent_is_for_those_who_may_see_it(stage: Stage) -> None:
    registered(stage)
    told = {
        name: stage.people[name].get(f"{AGENTS}/agent-0").status_code
        for name in ("reader", "stranger", "outsider", "nobody")
    }
    assert told == {"reader": 200, "stranger": 404, "outsider": 403, "nobody": 401}
    assert stage.stranger.get(AGENTS).json()["endpointAgents"] == []

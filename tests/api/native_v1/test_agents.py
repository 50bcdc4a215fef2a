"""`/api/v1/agents`."""

from typing import Any

import pytest

from sojourn.agent.machine import description
from tests.api.native_v1.traveller import AGENTS, VISITS, deliver, found, pointers, visit
from tests.stage import Stage, staged

ABOUT: dict[str, Any] = {
    "agentName": "ada's laptop",
    "computerName": "lovelace",
    "platform": "Linux",
    "osVersion": "Debian GNU/Linux 12 (bookworm)",
    "kernelVersion": "6.18.0",
    "manufacturer": "LENOVO",
    "model": "20XW",
    "totalMemory": 17_069_891_584,
    "version": "0.1.0",
    "addresses": ["10.0.0.13", "fe80::1"],
    "clients": [{"userName": "ada", "browsers": [{"name": "Chromium", "version": "156"}]}],
}
PATH = f"{AGENTS}/agent-1"


def test_it_registers_and_is_told(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.put(PATH, json=ABOUT)
    assert response.status_code == 201
    assert response.json() == {
        "agentId": "agent-1",
        **ABOUT,
        "sourceAddr": "127.0.0.1",
        "createdAt": "2026-11-23T12:04:05.123456Z",
        "lastSeen": "2026-11-23T12:04:05.123456Z",
    }
    assert stage_on_each.reader.get(PATH).json() == response.json()
    assert stage_on_each.reader.get(AGENTS).json() == {"items": [response.json()]}


def test_it_tells_anew(stage_on_each: Stage) -> None:
    first = stage_on_each.recorder.put(PATH, json=ABOUT).json()
    stage_on_each.clock.advance(60)
    response = stage_on_each.recorder.put(PATH, json={"version": "0.2.0"})
    assert response.status_code == 200
    assert response.json() == {
        "agentId": "agent-1",
        "version": "0.2.0",
        "addresses": [],
        "clients": [],
        "sourceAddr": "127.0.0.1",
        "createdAt": first["createdAt"],
        "lastSeen": "2026-11-23T12:05:05.123456Z",
    }


def test_a_delivery_is_a_sign_of_life(stage_on_each: Stage) -> None:
    stage_on_each.recorder.put(PATH, json=ABOUT)
    stage_on_each.clock.advance(60)
    deliver(stage_on_each.recorder, visit())
    told = stage_on_each.reader.get(PATH).json()
    assert told["lastSeen"] == "2026-11-23T12:05:05.123456Z"
    assert told["agentName"] == "ada's laptop"


def test_where_it_is_comes_from_its_address(sqlite_url: str) -> None:
    with staged(sqlite_url, trusted_proxies="127.0.0.1") as stage:
        told = stage.recorder.put(PATH, json=ABOUT, headers={"X-Forwarded-For": "84.255.241.1"}).json()
    assert told["sourceAddr"] == "84.255.241.1"


def test_what_our_own_agent_tells_of_its_machine_is_taken(stage: Stage) -> None:
    response = stage.recorder.put(PATH, json=description("ada's laptop"))
    assert response.status_code == 201
    assert response.json()["agentName"] == "ada's laptop"


def test_lists_are_paged_in_the_order_of_first_sight(stage_on_each: Stage) -> None:
    ids = [f"agent-{i}" for i in (3, 1, 2, 5, 4)]
    for agent_id in ids:
        stage_on_each.recorder.put(f"{AGENTS}/{agent_id}", json={})
    first = stage_on_each.reader.get(AGENTS, params={"limit": 3}).json()
    second = stage_on_each.reader.get(AGENTS, params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["agentId"] for item in [*first["items"], *second["items"]]] == ids
    assert "next" not in second


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"agentId": "another"}, "/agentId"),
        ({"agentName": "a", "name": "a"}, "/name"),
        ({"agentName": ""}, "/agentName"),
        ({"agentName": "a\0"}, "/agentName"),
        ({"model": "m" * 256}, "/model"),
        ({"totalMemory": -1}, "/totalMemory"),
        ({"totalMemory": "16 GB"}, "/totalMemory"),
        ({"addresses": ["a"] * 101}, "/addresses"),
        ({"addresses": [""]}, "/addresses/0"),
        ({"clients": [{}]}, "/clients/0/userName"),
        ({"clients": [{"userName": "a", "browsers": [{"name": " "}]}]}, "/clients/0/browsers/0/name"),
        ({"hostname": "a"}, "/hostname"),
        ({"model": None}, "/model"),
    ],
)
def test_it_refuses_by_name_and_stores_nothing(stage: Stage, body: dict[str, Any], where: str) -> None:
    before = stage.dump()
    response = stage.recorder.put(PATH, json=body)
    assert (response.status_code, pointers(response)) == (400, [where])
    assert stage.dump() == before


def test_an_id_that_is_too_long_is_refused(stage: Stage) -> None:
    assert stage.recorder.put(f"{AGENTS}/{'a' * 256}", json={}).status_code == 400


@pytest.mark.parametrize(
    ("who", "put", "get", "delete"),
    [
        ("nobody", 401, 401, 401),
        ("outsider", 403, 403, 403),
        ("reader", 403, 200, 403),
        ("recorder", 200, 200, 403),
        ("clerk", 403, 404, 403),
        ("stranger", 201, 404, 404),
    ],
)
def test_everybody_may_what_they_may(stage: Stage, who: str, put: int, get: int, delete: int) -> None:
    stage.owner.put(PATH, json=ABOUT)
    persona = stage.people[who]
    assert persona.get(PATH).status_code == get
    assert persona.delete(PATH).status_code == delete
    assert persona.put(PATH, json=ABOUT).status_code == put
    assert stage.reader.get(PATH).json()["agentName"] == "ada's laptop"


def test_a_stranger_sees_none_in_the_list(stage: Stage) -> None:
    stage.recorder.put(PATH, json=ABOUT)
    assert stage.stranger.get(AGENTS).json() == stage.clerk.get(AGENTS).json() == {"items": []}


def test_forgotten_it_leaves_what_it_delivered(stage_on_each: Stage) -> None:
    stage_on_each.recorder.put(PATH, json=ABOUT)
    (name,) = deliver(stage_on_each.recorder, visit())
    assert stage_on_each.owner.delete(PATH).status_code == 204
    assert stage_on_each.owner.delete(PATH).status_code == 404
    assert stage_on_each.reader.get(PATH).status_code == 404
    assert stage_on_each.dump()["agent"] == []
    assert [item["userSessionId"] for item in found(stage_on_each.reader, agentId="agent-1")] == [name]
    assert stage_on_each.reader.get(f"{VISITS}/{name}").status_code == 200

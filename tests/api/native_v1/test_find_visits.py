"""`GET /api/v1/visits`."""

from typing import Any

import pytest

from tests.api.native_v1.traveller import AGENTS, VISITS, changed, deliver, found, golden_body, pointers, visit
from tests.stage import Stage

DATES = [f"2026-11-23T11:0{minute}:00Z" for minute in range(5)]


def minutes(stage: Stage, **parameters: Any) -> list[str]:
    return [item["date"][14:16] for item in found(stage.reader, **parameters)]


def test_they_come_newest_first_or_oldest_first(stage_on_each: Stage) -> None:
    deliver(stage_on_each.recorder, *[visit(date) for date in DATES])
    assert minutes(stage_on_each) == ["04", "03", "02", "01", "00"]
    assert minutes(stage_on_each, order="oldest") == ["00", "01", "02", "03", "04"]


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_neither_repeat_nor_skip(stage_on_each: Stage, order: str) -> None:
    told = deliver(stage_on_each.recorder, *[visit(date) for date in DATES * 3])
    names: list[str] = []
    parameters: dict[str, Any] = {"limit": 4, "order": order}
    while True:
        answer = stage_on_each.reader.get(VISITS, params=parameters).json()
        names += [item["userSessionId"] for item in answer["items"]]
        if "next" not in answer:
            break
        parameters["cursor"] = answer["next"]
    assert sorted(names) == sorted(told)
    assert len(answer["items"]) == 3


def test_2500_of_one_round_are_paged_while_new_ones_arrive(stage_on_each: Stage) -> None:
    """None of those that were there is told twice or left out, and those that come later stand where they belong."""
    before = [
        name
        for _ in range(5)
        for name in deliver(stage_on_each.recorder, *[visit("2026-11-23T11:00:30Z", pages=[]) for _ in range(500)])
    ]
    names: list[str] = []
    parameters: dict[str, Any] = {"limit": 1_000, "order": "oldest", "from": "2026-11-23T11:00:00Z"}
    lengths = []
    while True:
        answer = stage_on_each.reader.get(VISITS, params=parameters).json()
        lengths.append(len(answer["items"]))
        names += [item["userSessionId"] for item in answer["items"]]
        if "next" not in answer:
            break
        parameters["cursor"] = answer["next"]
        deliver(stage_on_each.recorder, visit("2026-11-23T11:00:29Z"), visit("2026-11-23T11:00:30Z"))
    assert lengths == [1_000, 1_000, 502]
    assert names[:2_500] == before
    assert len(set(names)) == len(names) == 2_502


def test_the_range_is_inclusive(stage_on_each: Stage) -> None:
    deliver(stage_on_each.recorder, *[visit(date) for date in DATES])
    assert minutes(stage_on_each, **{"from": DATES[1], "to": DATES[3]}) == ["03", "02", "01"]
    assert minutes(stage_on_each, **{"from": "2026-11-23T12:03:00+01:00"}) == ["04", "03"]
    assert minutes(stage_on_each, to="2026-11-22") == []
    assert len(minutes(stage_on_each, to="2026-11-23")) == 5


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"visitedSite": "WWW.Example.org"}, ["0", "2"]),
        ({"visitedSite": ["www.example.org", "shop.example.co.uk"]}, ["0", "1", "2"]),
        ({"domain": "example.co.uk"}, ["1"]),
        ({"domain": "co.uk"}, []),
        ({"agentId": "agent-2"}, ["2"]),
        ({"agentId": "agent-2", "visitedSite": "shop.example.co.uk"}, []),
        ({"platform": "Linux"}, ["2"]),
        ({"connection": "Wireless"}, ["0", "1", "2"]),
        ({"trigger": "auto"}, ["1"]),
        ({"trigger": ["auto", "user"], "gateway": "10.0.0.1"}, ["0", "1", "2"]),
        ({"destinationIp": "13.32.22.232"}, ["0", "1", "2"]),
        ({"ssid": "Internet for the masses"}, ["3"]),
        ({"bssid": "4c:ba:ba:f4:fa:fa", "networkId": "10.0.0.0 10.0.0.1"}, ["3"]),
        ({"vpnTarget": "any"}, []),
        ({"proxyTarget": "proxy.example.org:3128"}, ["4"]),
        ({"location": "Slovenia"}, []),
    ],
)
def test_every_filter_holds_with_one_of_its_values(
    stage_on_each: Stage, parameters: dict[str, Any], expected: list[str]
) -> None:
    stage_on_each.recorder.put(f"{AGENTS}/agent-2", json={"platform": "Linux"})
    proxies = [{"proxy": "<direct>"}, {"proxy": "proxy.example.org:3128"}]
    bodies = [
        visit(DATES[0]),
        visit(DATES[1], visitedSite="shop.example.co.uk", trigger="auto"),
        visit(DATES[2], agentId="agent-2"),
        golden_body(),
        changed(
            visit(DATES[4], network={}, visitedSite="intranet", trigger="user"),
            "network.networkProfile",
            {"interfaceName": "en0", "proxyProfile": {"method": "System", "proxies": proxies}},
        ),
    ]
    del bodies[4]["trigger"]
    names = deliver(stage_on_each.recorder, *bodies)
    told = {item["userSessionId"] for item in found(stage_on_each.reader, **parameters)}
    wanted = {names[int(place)] for place in expected}
    if parameters.get("connection") or parameters.get("gateway") or parameters.get("destinationIp"):
        told.discard(names[3])  # the published example shares these with the others
    assert told == wanted


def test_the_report_is_told_where_it_is_asked_for(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each.recorder, visit())
    (bare,) = found(stage_on_each.reader)
    (whole,) = found(stage_on_each.reader, include="report")
    assert not {"pages", "network", "browser", "trigger"} & bare.keys()
    assert whole == stage_on_each.reader.get(f"{VISITS}/{name}").json()
    assert bare.items() <= whole.items()


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"from": "junk"}, "from"),
        ({"from": DATES[1], "to": DATES[0]}, "to"),
        ({"limit": "1001"}, "limit"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"order": "random"}, "order"),
        ({"include": "har"}, "include"),
        ({"cursor": "junk"}, "cursor"),
        ({"site": "www.example.org"}, "site"),
        ({"agentId": ""}, "agentId[0]"),
        ({"agentId": ["a"] * 101}, "agentId"),
        ({"domain": "d" * 256}, "domain[0]"),
    ],
)
def test_it_refuses_by_name(stage: Stage, parameters: dict[str, Any], where: str) -> None:
    response = stage.reader.get(VISITS, params=parameters)
    assert (response.status_code, pointers(response)) == (400, [where])


def test_a_cursor_belongs_to_its_question(stage: Stage) -> None:
    deliver(stage.recorder, *[visit(date) for date in DATES])
    cursor = stage.reader.get(VISITS, params={"limit": 2}).json()["next"]
    assert stage.reader.get(VISITS, params={"limit": 3, "cursor": cursor}).status_code == 200
    for other in ({"agentId": "agent-1"}, {"order": "oldest"}, {"from": DATES[0]}):
        assert stage.reader.get(VISITS, params={"cursor": cursor, **other}).status_code == 400


@pytest.mark.parametrize(("name", "status"), [("nobody", 401), ("outsider", 403)])
def test_who_may_not_is_refused(stage: Stage, name: str, status: int) -> None:
    assert stage.people[name].get(VISITS).status_code == status


def test_others_see_none(stage_on_each: Stage) -> None:
    deliver(stage_on_each.recorder, visit())
    assert found(stage_on_each.stranger) == found(stage_on_each.clerk) == []

"""`POST /api/v1/visits`."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sojourn.agent.uplink import pack
from sojourn.agent.wire import document_of, key_of
from sojourn.core.access import Scope
from sojourn.core.model import NAME_LENGTH
from tests import mmdb
from tests.api.endpoint_v6.agents import measured
from tests.api.native_v1.traveller import (
    HAR,
    VISITS,
    changed,
    deliver,
    found,
    golden,
    golden_body,
    pointers,
    rfc3339,
    visit,
)
from tests.stage import ACME, Stage, staged

FIRST_ID = "00001:1795435200:00000000"


def test_one_is_delivered(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.post(VISITS, json=visit())
    assert response.status_code == 201
    assert response.json() == {"status": 201, "id": 2**40, "userSessionId": FIRST_ID}
    assert response.headers["location"] == f"{VISITS}/{FIRST_ID}"


def test_many_are_delivered_and_answered_in_order(stage_on_each: Stage) -> None:
    bodies = [visit(f"2026-11-23T12:0{minute}:00Z") for minute in (3, 1, 2)]
    response = stage_on_each.recorder.post(VISITS, json=bodies)
    assert response.status_code == 200
    assert [item["status"] for item in response.json()["items"]] == [201] * 3
    ids = [item["userSessionId"] for item in response.json()["items"]]
    for body, name in zip(bodies, ids, strict=True):
        told = stage_on_each.reader.get(f"{VISITS}/{name}").json()
        assert told["date"] == body["date"].replace("Z", ".000000Z")


def test_the_published_measurements_come_back_field_for_field(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each.recorder, golden_body())
    told = stage_on_each.reader.get(f"{VISITS}/{name}").json()
    expected = {**golden(), "date": rfc3339(golden()["date"])}
    for page in expected["pages"]:
        page["startedDateTime"] = rfc3339(page["startedDateTime"])
    for field in ("agentId", "browser", "date", "network", "numberOfPages", "pages", "port", "protocol", "visitedSite"):
        assert told[field] == expected[field], field
    assert told["network"]["errors"] == []


def test_what_an_atlas_tells_completes_the_published_example(sqlite_url: str, tmp_path: Path) -> None:
    """Delivered without what the server knows, the example still comes back with all of it."""
    hops = golden()["network"]["traceroute"]["hops"]
    announced = {hop["prefix"]: {"autonomous_system_number": hop["asn"]} for hop in hops if "prefix" in hop}
    announced["84.255.192.0/18"]["autonomous_system_organization"] = golden()["orgName"]
    mmdb.write(tmp_path / "asn.mmdb", announced)
    place = golden()["coordinates"]
    city = {
        "country": {"names": {"en": place["location"]}},
        "location": {"latitude": place["latitude"], "longitude": place["longitude"]},
    }
    mmdb.write(tmp_path / "city.mmdb", {"84.255.241.0/24": city})
    body = golden_body()
    for hop in body["network"]["traceroute"]["hops"]:
        hop.pop("asn", None)
        hop.pop("prefix", None)
    settings: dict[str, Any] = {
        "mmdb_asn": str(tmp_path / "asn.mmdb"),
        "mmdb_city": str(tmp_path / "city.mmdb"),
        "trusted_proxies": "127.0.0.1",
    }
    with staged(sqlite_url, **settings) as stage:
        headers = {"X-Forwarded-For": "10.1.2.3, 84.255.241.1"}
        name = stage.recorder.post(VISITS, json=body, headers=headers).json()["userSessionId"]
        told = stage.reader.get(f"{VISITS}/{name}").json()
        assert [item["userSessionId"] for item in found(stage.reader, location=place["location"])] == [name]
    for field in ("sourceAddr", "orgName", "coordinates", "network"):
        assert told[field] == golden()[field], field


def test_a_machine_that_does_not_know_its_public_address_is_told_it(sqlite_url: str) -> None:
    with staged(sqlite_url, trusted_proxies="127.0.0.1") as stage:
        headers = {"X-Forwarded-For": "84.255.241.1"}
        name = stage.recorder.post(VISITS, json=visit(), headers=headers).json()["userSessionId"]
        profile = stage.reader.get(f"{VISITS}/{name}").json()["network"]["networkProfile"]
    assert profile["publicIpAddress"] == "84.255.241.1"


def test_a_header_of_who_is_no_trusted_proxy_is_not_believed(stage: Stage) -> None:
    stage.recorder.post(VISITS, json=visit(), headers={"X-Forwarded-For": "84.255.241.1"})
    assert found(stage.reader)[0]["sourceAddr"] == "127.0.0.1"


def test_pages_stay_in_the_order_in_which_they_came(stage: Stage) -> None:
    page = visit()["pages"][0]
    ids = ["page_2", "page_1", "page_0"]
    (name,) = deliver(stage.recorder, visit(pages=[{**page, "id": one} for one in ids]))
    assert [one["id"] for one in stage.reader.get(f"{VISITS}/{name}").json()["pages"]] == ids


def test_what_was_not_measured_is_absent(stage: Stage) -> None:
    bare = {name: visit()[name] for name in ("agentId", "date", "visitedSite", "protocol", "port")}
    (name,) = deliver(stage.recorder, bare)
    told = stage.reader.get(f"{VISITS}/{name}").json()
    assert told["pages"] == []
    assert not {"browser", "network", "experienceScore", "trigger", "coordinates", "orgName"} & told.keys()


def test_gzip_is_taken(stage: Stage) -> None:
    body = gzip.compress(json.dumps([visit()]).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert stage.recorder.post(VISITS, content=body, headers=headers).status_code == 200
    assert len(found(stage.reader)) == 1


def test_what_our_own_agent_makes_of_a_visit_is_taken(stage_on_each: Stage) -> None:
    """With everything that it can measure, and with nothing."""
    whole = replace(measured(), trigger="auto", har=json.dumps(HAR))
    for some in (whole, replace(whole, network=None, browser=None, pages=(), har=None)):
        document = document_of(some)
        headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Idempotency-Key": key_of(document),
        }
        response = stage_on_each.recorder.post(VISITS, content=pack(document), headers=headers)
        assert response.status_code == 201, response.text
        kept = stage_on_each.core.journal.visit(Scope(ACME), response.json()["userSessionId"])
        assert kept.visit == replace(some, har=None)
        assert kept.has_har is (some.har is not None)


def test_a_har_comes_back(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each.recorder, visit(har=HAR))
    assert stage_on_each.reader.get(f"{VISITS}/{name}/har").json() == HAR
    assert stage_on_each.reader.get(f"{VISITS}/{name}").json()["hasHar"] is True


class TestKeys:
    def test_a_repeated_call_is_told_what_the_first_was(self, stage_on_each: Stage) -> None:
        headers = {"Idempotency-Key": "once"}
        first = stage_on_each.recorder.post(VISITS, json=visit(), headers=headers)
        again = stage_on_each.recorder.post(VISITS, json=visit(), headers=headers)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert len(found(stage_on_each.reader)) == 1

    def test_each_visit_of_a_list_has_a_key_of_its_own(self, stage_on_each: Stage) -> None:
        headers = {"Idempotency-Key": "once"}
        good, bad = visit(), visit(port=0)
        first = stage_on_each.recorder.post(VISITS, json=[good, bad], headers=headers).json()["items"]
        mended = stage_on_each.recorder.post(VISITS, json=[good, visit(port=80)], headers=headers).json()["items"]
        assert [item["status"] for item in first] == [201, 400]
        assert mended[0] == first[0]
        assert mended[1]["status"] == 201
        assert len(found(stage_on_each.reader)) == 2

    def test_a_key_with_another_content_is_refused(self, stage: Stage) -> None:
        headers = {"Idempotency-Key": "once"}
        stage.recorder.post(VISITS, json=visit(), headers=headers)
        assert stage.recorder.post(VISITS, json=visit(port=80), headers=headers).status_code == 422
        stage.recorder.post(VISITS, json=[visit()], headers=headers)
        items = stage.recorder.post(VISITS, json=[visit(port=80)], headers=headers).json()["items"]
        assert [item["status"] for item in items] == [422]
        assert len(found(stage.reader)) == 2

    def test_a_key_of_one_is_none_of_a_list(self, stage: Stage) -> None:
        headers = {"Idempotency-Key": "once"}
        stage.recorder.post(VISITS, json=visit(), headers=headers)
        assert stage.recorder.post(VISITS, json=[visit()], headers=headers).json()["items"][0]["status"] == 201


PING = visit()["network"]["ping"]
HOP = visit()["network"]["traceroute"]["hops"][0]
PAGE = visit()["pages"][0]
ENTRY = HAR["log"]["entries"][0]

BROKEN: list[tuple[str, Any, str]] = [
    ("agentId", "", "/agentId"),
    ("agentId", "a" * (NAME_LENGTH + 1), "/agentId"),
    ("agentId", "a\0", "/agentId"),
    ("agentId", None, "/agentId"),
    ("agentName", "a", "/agentName"),
    ("date", "2027-11-23T12:00:00Z", "/date"),
    ("date", "2026-11-23T12:00:00", "/date"),
    ("date", "yesterday", "/date"),
    ("date", 1_490_529_480, "/date"),
    ("visitedSite", "https://www.example.org/", "/visitedSite"),
    ("protocol", "HTTPS", "/protocol"),
    ("port", 65_536, "/port"),
    ("port", "443", "/port"),
    ("trigger", "cron", "/trigger"),
    ("browser", {"version": "156"}, "/browser/name"),
    ("browser", {"name": "b", "vendor": "v"}, "/browser/vendor"),
    ("pages", [{**PAGE, "id": f"page_{i}"} for i in range(1_001)], "/pages"),
    ("pages", [PAGE, PAGE], "/pages/1/id"),
    ("pages.0.title", "t\0", "/pages/0/title"),
    ("pages.0.title", "t" * 4_001, "/pages/0/title"),
    ("pages.0.startedDateTime", "2027-11-23T12:00:00Z", "/pages/0/startedDateTime"),
    ("pages.0.responseCode", 0, "/pages/0/responseCode"),
    ("pages.0.pageTimings.onLoad", -1, "/pages/0/pageTimings/onLoad"),
    ("pages.0.pageTimings.onLoad", 1.5, "/pages/0/pageTimings/onLoad"),
    ("pages.0.pageTimings.onLoad", None, "/pages/0/pageTimings/onLoad"),
    ("pages.0.pageTimings.onLoad", 86_000_000, "/pages/0/pageTimings/onLoad"),
    ("network.ping", {**PING, "error": "no answer"}, "/network/ping"),
    ("network.ping", {"pktsSent": 10}, "/network/ping"),
    ("network.ping", {}, "/network/ping"),
    ("network.ping.minRtt", -1, "/network/ping/minRtt"),
    ("network.ping.samples", [1.0] * 1_001, "/network/ping/samples"),
    ("network.gatewayPing", {**PING, "error": "no answer"}, "/network/gatewayPing"),
    ("network.connect.rtt", 1.0, "/network/connect"),
    ("network.traceroute.error", "no route", "/network/traceroute"),
    ("network.traceroute.hops", [HOP] * 10_000, "/network/traceroute/hops"),
    ("network.traceroute.hops", [HOP, {**HOP, "ipAddress": "router"}], "/network/traceroute/hops/1/ipAddress"),
    ("network.traceroute.hops.0.hop", 256, "/network/traceroute/hops/0/hop"),
    ("network.traceroute.hops.0.mpls", ["L=1"] * 17, "/network/traceroute/hops/0/mpls"),
    ("network.traceroute.hops.0.latency", 1, "/network/traceroute/hops/0/latency"),
    ("network.traceroute.destination", "www.example.org", "/network/traceroute/destination"),
    ("network.networkProfile.error", "no route", "/network/networkProfile"),
    ("network.networkProfile.dnsServers", ["8.8.8.8"] * 33, "/network/networkProfile/dnsServers"),
    ("network.systemMetrics", {"startTimeMs": 1}, "/network/systemMetrics"),
    ("network.errors", ["e"] * 33, "/network/errors"),
    ("network.jitter", 3, "/network/jitter"),
    ("har", "{}", "/har"),
    ("har", [], "/har"),
    ("har", {}, "/har/log"),
    ("har", {"log": {"version": "1.2"}}, "/har/log/creator"),
    ("har", changed(HAR, "log.entries", {}), "/har/log/entries"),
    ("har", changed(HAR, "log.entries.0.response.status", "OK"), "/har/log/entries/0/response/status"),
    ("har", changed(HAR, "log.entries", [ENTRY] * 20_001), "/har/log/entries"),
    ("har", changed(HAR, "log.pages.0.id", 7), "/har/log/pages/0/id"),
]


@pytest.mark.parametrize(("path", "value", "where"), BROKEN, ids=[f"{path}-{i}" for i, (path, *_) in enumerate(BROKEN)])
def test_it_refuses_by_name_and_stores_nothing(stage: Stage, path: str, value: Any, where: str) -> None:
    before = stage.dump()
    body = changed(visit(), path, value)
    alone = stage.recorder.post(VISITS, json=body)
    assert alone.status_code == 400
    assert pointers(alone) == [where]
    (item,) = stage.recorder.post(VISITS, json=[body]).json()["items"]
    assert item["status"] == 400
    assert [place["pointer"] for place in item["error"]["errors"]] == [where]
    assert stage.dump() == before


@pytest.mark.parametrize("name", ["agentId", "date", "visitedSite", "protocol", "port"])
def test_what_is_mandatory_is_named(stage: Stage, name: str) -> None:
    body = {field: value for field, value in visit().items() if field != name}
    response = stage.recorder.post(VISITS, json=body)
    assert (response.status_code, pointers(response)) == (400, [f"/{name}"])


def test_a_refused_one_does_not_keep_its_neighbours_out(stage_on_each: Stage) -> None:
    bodies = [visit(), visit(port=0), visit(agentId="agent-2"), {}]
    items = stage_on_each.recorder.post(VISITS, json=bodies).json()["items"]
    assert [item["status"] for item in items] == [201, 400, 201, 400]
    assert {item["agentId"] for item in found(stage_on_each.reader)} == {"agent-1", "agent-2"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The body is empty"),
        (b"[", "The body is not JSON"),
        (b"[]", "The body must be a list of 1 to 1000 items"),
        (json.dumps([{}] * 1_001).encode(), "The body must be a list of 1 to 1000 items"),
        (b'"visit"', "The body must be an object"),
        (b"[1]" * 2, "The body is not JSON"),
        (b'{"agentId":"a","agentId":"b"}', "agentId must not stand twice"),
        (b'[{"har":' + b'{"a":' * 100_000, "The body is"),
    ],
)
def test_a_body_that_is_none_is_refused_whole(stage: Stage, content: bytes, reason: str) -> None:
    before = stage.dump()
    response = stage.recorder.post(VISITS, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert reason in response.json()["detail"] or reason.startswith("agentId")
    assert stage.dump() == before


def test_a_har_of_200_megabytes_is_too_large(stage: Stage) -> None:
    before = stage.dump()
    plain = changed(visit(har=HAR), "har.log.comment", "x" * 200_000_000)
    body = json.dumps(plain).encode()
    headers = {"Content-Type": "application/json"}
    assert stage.recorder.post(VISITS, content=body, headers=headers).status_code == 413
    packed = gzip.compress(body, 1)
    assert len(packed) < 2**21
    packed_headers = {**headers, "Content-Encoding": "gzip"}
    assert stage.recorder.post(VISITS, content=packed, headers=packed_headers).status_code == 413
    assert stage.dump() == before


def test_a_har_of_many_megabytes_is_taken(stage: Stage) -> None:
    entry = {**ENTRY, "comment": "x" * 1_000}
    har = changed(HAR, "log.entries", [entry] * 8_000)
    (name,) = deliver(stage.recorder, visit(har=har))
    assert stage.reader.get(f"{VISITS}/{name}/har").json() == har


def test_another_content_type_is_refused(stage: Stage) -> None:
    response = stage.recorder.post(
        VISITS, content=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.status_code == 415


@pytest.mark.parametrize(("name", "status"), [("nobody", 401), ("outsider", 403), ("reader", 403), ("clerk", 403)])
def test_who_may_not_is_refused(stage: Stage, name: str, status: int) -> None:
    before = stage.dump()
    assert stage.people[name].post(VISITS, json=visit()).status_code == status
    after = stage.dump()
    assert after["visit"] == before["visit"] == []


def test_a_stranger_delivers_to_their_own(stage_on_each: Stage) -> None:
    stage_on_each.stranger.post(VISITS, json=visit())
    assert found(stage_on_each.reader) == []
    (item,) = found(stage_on_each.stranger)
    assert item["userSessionId"].startswith("00002:")


def test_delivered_late_or_out_of_order_it_is_the_same(stage: Stage) -> None:
    dates = [f"2026-11-2{day}T12:00:00Z" for day in (3, 1, 2)]
    for date in dates:
        stage.recorder.post(VISITS, json=visit(date))
    told = [item["date"] for item in found(stage.reader, order="oldest")]
    assert told == sorted(date.replace("Z", ".000000Z") for date in dates)

"""GET /v6/endpoint-data/user-sessions/{id}."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from sojourn.core.measurement import Connect, Ping, Traceroute
from sojourn.core.report import NetworkReport
from tests.api.endpoint_v6.agents import SESSIONS, deliver, measured, seed
from tests.stage import Stage

OURS = {"userSessionId", "roundId", "committed", "permalink", "experienceScore"}
"""What cannot be the seed's: our ids, our time, our console; and a score that it tells elsewhere."""


def test_the_seeds_measurements_come_back_field_for_field(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each, measured())
    (told,) = stage_on_each.reader.get(f"{SESSIONS}/{name}.json").json()["userSessions"]
    expected = seed()
    assert {key: told[key] for key in told if key not in OURS} == {
        key: expected[key] for key in expected if key not in OURS
    }
    assert told["roundId"] == 1490183880
    assert told["permalink"].endswith(f"/visits/{name}")
    assert told["committed"] == "2026-11-23 12:04:05"
    assert 0 <= told["experienceScore"] <= 1


def test_it_is_an_array_of_one(stage: Stage) -> None:
    (name,) = deliver(stage, measured())
    document = stage.reader.get(f"{SESSIONS}/{name}").json()
    assert list(document) == ["userSessions"]
    assert document["userSessions"][0]["userSessionId"] == name


def test_the_id_may_come_with_its_colons_encoded(stage: Stage) -> None:
    (name,) = deliver(stage, measured())
    assert stage.reader.get(f"{SESSIONS}/{quote(name, safe='')}.json").status_code == 200


def test_a_measurement_that_failed_holds_only_its_error_and_one_not_made_is_absent(stage: Stage) -> None:
    report = NetworkReport.of(ping=Ping.of(10, []), connect=Connect(rtt=1.0), traceroute=Traceroute(error="no route"))
    (name,) = deliver(stage, replace(measured(), network=report))
    network = stage.reader.get(f"{SESSIONS}/{name}").json()["userSessions"][0]["network"]
    assert network == {
        "ping": {"error": "Request timed out before getting response"},
        "traceroute": {"error": "no route"},
        "connect": {"rtt": 1.0},
        "icmpBlocked": True,
        "errors": ["ping: Request timed out before getting response", "traceroute: no route"],
    }


@pytest.mark.parametrize(
    "wrong", ["00002:{round}:{code}", "00001:1490183940:{code}", "00001:{round}:zzzzzzzz", "nonsense"]
)
def test_an_id_that_is_wrong_in_any_part_is_not_found(stage: Stage, wrong: str) -> None:
    (name,) = deliver(stage, measured())
    _, round_, code = name.split(":")
    answer = stage.reader.get(f"{SESSIONS}/{wrong.format(round=round_, code=code)}")
    assert answer.status_code == 404
    assert answer.json()["errorMessage"].startswith("404 Not Found: There is no user session ")


def test_anothers_is_not_found(stage: Stage) -> None:
    (name,) = deliver(stage, measured())
    assert stage.stranger.get(f"{SESSIONS}/{name}").status_code == 404
    assert stage.clerk.get(f"{SESSIONS}/{name}").status_code == 404
    assert stage.outsider.get(f"{SESSIONS}/{name}").status_code == 403
    assert stage.nobody.get(f"{SESSIONS}/{name}").status_code == 401

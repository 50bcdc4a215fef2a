"""`POST /api/v1/sessions`."""

import gzip
import json
from typing import Any

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, activity, on_day, problem
from tests.stage import Stage

WHOLE: dict[str, Any] = {
    "login": "anna",
    "module": "CARE_DESK",
    "device": {"guid": "6f1c2a4e", "name": "desk-7"},
    "startedAt": "2026-11-23T10:00:00+02:00",
    "endedAt": "2026-11-23T09:30:00.000001Z",
    "activities": [activity(on_day("09:10:00")), activity(on_day("09:05:00"), note="by phone")],
    "remarks": [
        {"reason": "Later", "at": on_day("09:32:00")},
        {"reason": "Asked", "comment": "twice", "at": on_day("09:31:00")},
    ],
}


def test_it_opens_a_session_now(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.post(SESSIONS, json={"login": "anna"})

    assert response.status_code == 201
    assert response.headers["location"] == "/api/v1/sessions/1"
    assert response.json() == {
        "id": 1,
        "organisation": 1,
        "kind": "work",
        "userId": 2,
        "login": "anna",
        "status": "active",
        "startedAt": NOW,
        "updatedAt": NOW,
        "seenAt": NOW,
        "activityCount": 0,
        "remarks": [],
    }


def test_it_takes_a_whole_session_at_once(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.post(SESSIONS, json=WHOLE)

    assert response.status_code == 201
    told = {
        "id": 1,
        "organisation": 1,
        "kind": "work",
        "userId": 2,
        "login": "anna",
        "device": {"guid": "6f1c2a4e", "name": "desk-7"},
        "module": "CARE_DESK",
        "status": "ended",
        "startedAt": on_day("08:00:00"),
        "endedAt": "2026-11-23T09:30:00.000001Z",
        "closing": "ended",
        "updatedAt": NOW,
        "seenAt": on_day("09:10:00"),
        "firstActivityAt": on_day("09:05:00"),
        "lastActivityAt": on_day("09:10:00"),
        "activityCount": 2,
        "remarks": [
            {"reason": "Asked", "at": on_day("09:31:00"), "comment": "twice"},
            {"reason": "Later", "at": on_day("09:32:00")},
        ],
    }
    assert response.json() == told
    assert stage_on_each.reader.get(response.headers["location"]).json() == told


def test_a_person_is_known_by_number_or_by_login(stage: Stage) -> None:
    by_number = stage.recorder.post(SESSIONS, json={"userId": 75001234}).json()
    by_digits = stage.recorder.post(SESSIONS, json={"login": "75001234"}).json()
    by_login = stage.recorder.post(SESSIONS, json={"login": " Anna "}).json()

    assert [(told["userId"], told["login"]) for told in (by_number, by_digits, by_login)] == [
        (75001234, "75001234"),
        (75001234, "75001234"),
        (2, "Anna"),
    ]


def test_a_device_keeps_the_last_name_that_was_told(stage: Stage) -> None:
    devices = ({"guid": "g", "name": "first"}, {"guid": "g"}, {"guid": "g", "name": "second"})
    told = [stage.recorder.post(SESSIONS, json={"login": "anna", "device": device}).json() for device in devices]
    assert [session["device"]["name"] for session in told] == ["first", "first", "second"]
    assert stage.recorder.get(f"{SESSIONS}/1").json()["device"] == {"guid": "g", "name": "second"}


def test_a_body_may_be_gzip(stage: Stage) -> None:
    packed = gzip.compress(json.dumps({"login": "anna"}).encode())
    response = stage.recorder.post(SESSIONS, content=packed, headers={"Content-Encoding": "gzip"})
    assert (response.status_code, response.json()["login"]) == (201, "anna")


def test_a_time_may_have_any_offset_and_is_rounded_to_the_microsecond(stage: Stage) -> None:
    for written, told in {
        "2026-11-23T05:30:00-05:30": on_day("11:00:00"),
        "2026-11-23t11:00:00.1234567z": "2026-11-23T11:00:00.123457Z",
        "2026-11-23T11:00:00.5+00:00": "2026-11-23T11:00:00.500000Z",
    }.items():
        response = stage.recorder.post(SESSIONS, json={"login": "anna", "startedAt": written})
        assert response.json()["startedAt"] == told


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nobody": ({}, problem("missing", 400, "login is mandatory", pointer="/login")),
    "two ways to say who": (
        {"login": "a", "userId": 1},
        problem("invalid", 400, "userId must not stand beside login", pointer="/userId"),
    ),
    "an empty login": ({"login": " "}, problem("invalid", 400, "login must not be empty", pointer="/login")),
    "a number too high": (
        {"userId": 2**31},
        problem("invalid", 400, "userId must be a number from 1 to 2147483647", pointer="/userId"),
    ),
    "null": (
        {"login": "a", "module": None},
        problem("invalid", 400, "module must be a text of 1 to 255 characters", pointer="/module"),
    ),
    "a field that is not known": (
        {"login": "a", "started_at": NOW},
        problem("bad-field", 400, "started_at is not a field of this request", pointer="/started_at"),
    ),
    "a field of a field that is not known": (
        {"login": "a", "device": {"guid": "g", "os": "x"}},
        problem("bad-field", 400, "device.os is not a field of this request", pointer="/device/os"),
    ),
    "an end before the start": (
        {"login": "a", "startedAt": on_day("10:00:00"), "endedAt": on_day("09:59:59")},
        problem("invalid", 400, "endedAt must not be before the start of the session", pointer="/endedAt"),
    ),
    "an activity before the start": (
        {"login": "a", "startedAt": on_day("10:00:00"), "activities": [activity(on_day("09:59:59"))]},
        problem(
            "invalid",
            400,
            "activities[0].at must not be before the start of the session",
            pointer="/activities/0/at",
        ),
    ),
    "an activity after the end": (
        {
            "login": "a",
            "startedAt": on_day("10:00:00"),
            "endedAt": on_day("10:30:00"),
            "activities": [activity(on_day("10:00:00")), activity(on_day("10:30:01"))],
        },
        problem(
            "invalid", 400, "activities[1].at must not be after the end of the session", pointer="/activities/1/at"
        ),
    ),
    "a start in the future": (
        {"login": "a", "startedAt": on_day("13:00:00")},
        problem("invalid", 400, "startedAt must not be in the future", pointer="/startedAt"),
    ),
    "a remark in the future": (
        {"login": "a", "remarks": [{"reason": "x", "at": on_day("13:00:00")}]},
        problem("invalid", 400, "remarks[0].at must not be in the future", pointer="/remarks/0/at"),
    ),
    "a closing without an end": (
        {"login": "a", "closing": "idle"},
        problem("invalid", 400, "closing must not stand without endedAt", pointer="/closing"),
    ),
    "a number of its own": (
        {"login": "a", "id": 5},
        problem("bad-field", 400, "id is not a field of this request", pointer="/id"),
    ),
    "an activity without a name": (
        {"login": "a", "activities": [{"entityType": "CUSTOMER", "entityId": "1"}]},
        problem("missing", 400, "activities[0].name is mandatory", pointer="/activities/0/name"),
    ),
    "U+0000": (
        {"login": "a", "activities": [activity(note="a\0b")]},
        problem(
            "invalid", 400, "activities[0].note must not contain the character U+0000", pointer="/activities/0/note"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str, stage_on_each: Stage) -> None:
    body, told = REFUSED[case]
    before = stage_on_each.dump()

    response = stage_on_each.recorder.post(SESSIONS, json=body)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == told
    assert stage_on_each.dump() == before


@pytest.mark.parametrize(
    "written", ["2026-11-23T10:00:00", "2026-02-30T10:00:00Z", "2026-11-23", "yesterday", "2026-11-23T24:00:00Z", 1]
)
def test_a_start_must_be_a_time_that_exists_with_its_offset(written: object, stage: Stage) -> None:
    before = stage.dump()
    response = stage.recorder.post(SESSIONS, json={"login": "anna", "startedAt": written})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/startedAt"
    assert stage.dump() == before


def test_it_takes_no_parameters(stage: Stage) -> None:
    response = stage.recorder.post(SESSIONS, params={"dryRun": "true"}, json={"login": "anna"})
    assert response.status_code == 400
    assert response.json() == problem(
        "bad-parameter", 400, "dryRun is not a parameter of this request", parameter="dryRun"
    )

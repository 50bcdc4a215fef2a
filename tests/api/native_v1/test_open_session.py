"""`POST /api/v1/sessions`."""

from typing import Any

from tests.stage import Stage

PATH = "/api/v1/sessions"

WHOLE: dict[str, Any] = {
    "login": "anna",
    "module": "CARE_DESK",
    "device": {"guid": "6f1c2a4e", "name": "desk-7"},
    "startedAt": "2026-11-23T10:00:00+02:00",
    "endedAt": "2026-11-23T09:30:00.000001Z",
    "activities": [
        {"entityType": "CUSTOMER", "entityId": "98662653", "name": "Changed", "at": "2026-11-23T09:10:00Z"},
        {
            "entityType": "CUSTOMER",
            "entityId": "98662653",
            "name": "Found",
            "note": "by phone",
            "at": "2026-11-23T09:05:00Z",
        },
    ],
    "remarks": [{"reason": "Asked", "comment": "twice", "at": "2026-11-23T09:31:00Z"}],
}


def test_it_opens_a_session_now(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.post(PATH, json={"login": "anna"})

    assert response.status_code == 201
    assert response.headers["location"] == "/api/v1/sessions/1"
    assert response.json() == {
        "id": 1,
        "organisation": 1,
        "kind": "work",
        "userId": 2,
        "login": "anna",
        "status": "active",
        "startedAt": "2026-11-23T12:04:05.123456Z",
        "updatedAt": "2026-11-23T12:04:05.123456Z",
        "seenAt": "2026-11-23T12:04:05.123456Z",
        "activityCount": 0,
        "remarks": [],
    }


def test_it_takes_a_whole_session_at_once(stage_on_each: Stage) -> None:
    response = stage_on_each.recorder.post(PATH, json=WHOLE)

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
        "startedAt": "2026-11-23T08:00:00.000000Z",
        "endedAt": "2026-11-23T09:30:00.000001Z",
        "closing": "ended",
        "updatedAt": "2026-11-23T12:04:05.123456Z",
        "seenAt": "2026-11-23T09:10:00.000000Z",
        "firstActivityAt": "2026-11-23T09:05:00.000000Z",
        "lastActivityAt": "2026-11-23T09:10:00.000000Z",
        "activityCount": 2,
        "remarks": [{"reason": "Asked", "at": "2026-11-23T09:31:00.000000Z", "comment": "twice"}],
    }
    assert response.json() == told
    assert stage_on_each.reader.get(response.headers["location"]).json() == told


def test_it_says_what_is_missing(stage: Stage) -> None:
    before = stage.dump()

    response = stage.recorder.post(PATH, json={"module": "CARE_DESK"})

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:sojourn:error:missing",
        "title": "Missing",
        "status": 400,
        "detail": "login is mandatory",
        "errors": [{"pointer": "/login", "detail": "is mandatory"}],
    }
    assert stage.dump() == before

"""`GET /api/v1/touches` and `GET /api/v1/touches/people`."""

import pytest

from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened, problem
from tests.stage import Stage

PATH = "/api/v1/touches"


def test_it_tells_who_when_in_which_session_what_and_why(stage_on_each: Stage) -> None:
    stage = stage_on_each
    done = [activity(on_day("10:30:00"), entityId="2"), activity(on_day("11:00:00"), entityId="1", note="by phone")]
    number = opened(stage.recorder, startedAt=on_day("10:00:00"), activities=done, remarks=[{"reason": "Asked"}])
    opened(stage.recorder, "bob", activities=[activity(entityId="2")])

    told = stage.reader.get(PATH, params={"entityType": "CUSTOMER", "entityId": "1", "total": "true"}).json()

    session = stage.reader.get(f"{SESSIONS}/{number}").json()
    assert told["total"] == 1
    assert told["items"] == [
        {
            "session": session,
            "touches": 1,
            "firstAt": on_day("11:00:00"),
            "lastAt": on_day("11:00:00"),
            "activities": [{"seq": 2, **done[1]}],
        }
    ]
    assert session["remarks"][0]["reason"] == "Asked"


def test_it_pages(stage: Stage) -> None:
    for _ in range(3):
        opened(stage.recorder, activities=[activity(entityId="a/b ?")])
    params = {"entityId": "a/b ?", "limit": 2, "order": "oldest"}
    first = stage.reader.get(PATH, params=params).json()
    second = stage.reader.get(PATH, params={**params, "cursor": first["next"]}).json()
    numbers = [[item["session"]["id"] for item in page["items"]] for page in (first, second)]
    assert numbers == [[1, 2], [3]]
    assert stage.reader.get(PATH, params={"entityId": "b", "cursor": first["next"]}).status_code == 400


def test_people_are_counted(stage_on_each: Stage) -> None:
    for login in ("anna", "bob", "bob"):
        opened(stage_on_each.recorder, login, startedAt=on_day("11:00:00"), activities=[activity(entityId="1")])
    assert stage_on_each.reader.get(f"{PATH}/people", params={"entityId": "1"}).json() == {
        "items": [
            {"userId": 3, "login": "bob", "sessions": 2, "lastStartedAt": on_day("11:00:00")},
            {"userId": 2, "login": "anna", "sessions": 1, "lastStartedAt": on_day("11:00:00")},
        ],
        "sessions": 3,
        "whole": True,
    }


@pytest.mark.parametrize("path", [PATH, f"{PATH}/people"])
def test_who_may(stage: Stage, path: str) -> None:
    opened(stage.recorder, "anna", activities=[activity(entityId="1")])
    opened(stage.clerk, "clerk", activities=[activity(entityId="1")])

    def found(response_to: str) -> tuple[int, int]:
        response = stage.people[response_to].get(path, params={"entityId": "1"})
        return response.status_code, len(response.json().get("items", []))

    told = {name: found(name) for name in ("owner", "reader", "clerk", "stranger", "outsider", "nobody")}
    assert told == {
        "owner": (200, 2),
        "reader": (200, 2),
        "clerk": (200, 1),
        "stranger": (200, 0),
        "outsider": (403, 0),
        "nobody": (401, 0),
    }


@pytest.mark.parametrize("path", [PATH, f"{PATH}/people"])
def test_something_must_be_named(stage: Stage, path: str) -> None:
    told = stage.reader.get(path, params={"entityType": "CUSTOMER"})
    assert told.json() == problem("missing", 400, "entityId is mandatory", parameter="entityId")

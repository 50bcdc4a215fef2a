"""`GET /api/v1/sessions`."""

from typing import Any

import pytest

from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened, problem
from tests.stage import Persona, Stage

NOVEMBER = "2026-11-{:02d}T{}Z"


def populate(stage: Stage) -> None:
    """Five sessions, 1 to 5, from the 19th to the 23rd, each from ten o'clock; the last one still runs."""
    people = ("anna", "bob", "anna", "cleo", "anna")
    for day, login in enumerate(people, 19):
        body: dict[str, Any] = {
            "login": login,
            "module": "CARE_DESK" if day % 2 else "BACK_OFFICE",
            "device": {"guid": f"desk-{day % 2}"},
            "startedAt": NOVEMBER.format(day, "10:00:00"),
            "activities": [
                activity(
                    NOVEMBER.format(day, "10:30:00"),
                    entityId=str(day),
                    entityType="CARD" if day == 20 else "CUSTOMER",
                    name="Viewed" if day < 22 else "Changed",
                    note=f"Number {day} of the month",
                )
            ],
            "remarks": [{"reason": "Complaint" if day == 21 else "Question"}],
        }
        if day < 23:
            body["endedAt"] = NOVEMBER.format(day, "18:00:00")
        opened(stage.recorder, **body)


def found(persona: Persona, **params: str | int) -> list[int]:
    """The numbers of what a search finds."""
    response = persona.get(SESSIONS, params=params)
    assert response.status_code == 200, response.text
    return [session["id"] for session in response.json()["items"]]


FILTERS: list[tuple[dict[str, str | int], list[int]]] = [
    ({}, [5, 4, 3, 2, 1]),
    ({"order": "oldest"}, [1, 2, 3, 4, 5]),
    ({"login": "anna"}, [5, 3, 1]),
    ({"login": " anna "}, [5, 3, 1]),
    ({"login": "nobody"}, []),
    ({"userId": 3}, [2]),
    ({"userId": 3, "login": "anna"}, []),
    ({"device": "desk-0"}, [4, 2]),
    ({"module": "CARE_DESK"}, [5, 3, 1]),
    ({"status": "active"}, [5]),
    ({"status": "ended"}, [4, 3, 2, 1]),
    ({"entityId": "20"}, [2]),
    ({"entityType": "CUSTOMER"}, [5, 4, 3, 1]),
    ({"entityType": "CUSTOMER", "entityId": "20"}, []),
    ({"name": "Viewed"}, [3, 2, 1]),
    ({"text": "MONTH 22"}, [4]),
    ({"text": "complaint"}, [3]),
    ({"startedFrom": "2026-11-21"}, [5, 4, 3]),
    ({"startedTo": "2026-11-21"}, [3, 2, 1]),
    ({"startedTo": "2026-11-21T09:59:59.999999Z"}, [2, 1]),
    ({"startedFrom": "2026-11-20T12:00:00+02:00", "startedTo": "2026-11-20T10:00:00Z"}, [2]),
    ({"aliveFrom": "2026-11-20T18:00:00Z", "aliveTo": "2026-11-21T10:00:00Z"}, [3, 2]),
    ({"aliveFrom": "2026-11-22T18:00:01Z"}, [5]),
    ({"aliveTo": "2026-11-19"}, [1]),
    ({"kind": "visit"}, []),
    ({"login": "anna", "module": "CARE_DESK", "name": "Viewed", "order": "oldest"}, [1, 3]),
]


def test_each_filter_finds_what_it_says(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    told = [(params, found(stage_on_each.owner, **params)) for params, _ in FILTERS]
    assert told == FILTERS


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_follow_one_another_while_others_are_added(order: str, stage_on_each: Stage) -> None:
    populate(stage_on_each)
    told: list[int] = []
    params: dict[str, str | int] = {"limit": 2, "order": order, "startedTo": "2026-11-23T10:00:00Z"}
    while True:
        page = stage_on_each.reader.get(SESSIONS, params=params).json()
        told += [session["id"] for session in page["items"]]
        if "next" not in page:
            break
        params["cursor"] = page["next"]
        opened(stage_on_each.recorder)
    assert told == ([5, 4, 3, 2, 1] if order == "newest" else [1, 2, 3, 4, 5])


def test_a_total_is_told_if_asked_for(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    for params, total in (({}, 5), ({"login": "anna"}, 3), ({"text": "month"}, 5), ({"module": "BACK_OFFICE"}, 2)):
        told = stage_on_each.reader.get(SESSIONS, params={**params, "total": "true", "limit": 1}).json()
        assert (told["total"], len(told["items"])) == (total, 1)
        assert "total" not in stage_on_each.reader.get(SESSIONS, params=params).json()


def test_activities_are_told_if_asked_for_and_then_the_first_hundred(stage_on_each: Stage) -> None:
    done = [activity(f"2026-11-23T11:{i // 60:02d}:{i % 60:02d}Z") for i in range(101)]
    opened(stage_on_each.recorder, startedAt=on_day("10:00:00"), activities=done)
    opened(stage_on_each.recorder)

    plain = stage_on_each.reader.get(SESSIONS).json()["items"]
    told = stage_on_each.reader.get(SESSIONS, params={"include": "activities"}).json()["items"]

    assert all("activities" not in session for session in plain)
    assert [(session["activityCount"], len(session["activities"])) for session in told] == [(0, 0), (101, 100)]
    assert [done["seq"] for done in told[1]["activities"]] == list(range(1, 101))


def test_somebody_narrowed_finds_only_their_own(stage_on_each: Stage) -> None:
    mine = opened(stage_on_each.owner, "clerk")
    opened(stage_on_each.owner, "anna")
    assert found(stage_on_each.clerk) == [mine]
    assert found(stage_on_each.clerk, login="anna") == []
    assert stage_on_each.clerk.get(SESSIONS, params={"total": "true"}).json()["total"] == 1


def test_an_organisation_finds_only_its_own(stage: Stage) -> None:
    opened(stage.owner)
    assert found(stage.stranger) == []
    theirs = opened(stage.stranger)
    assert theirs == 1
    assert found(stage.stranger) == [1]


_CURSOR = "cursor must be the one of a page before, with the same filter and order"


@pytest.mark.parametrize(
    "change", [{"order": "oldest"}, {"login": "anna"}, {"startedFrom": "2026-11-01"}, {"kind": "visit"}]
)
def test_a_cursor_belongs_to_its_filter_and_order(change: dict[str, str], stage: Stage) -> None:
    populate(stage)
    cursor = stage.reader.get(SESSIONS, params={"limit": 1}).json()["next"]
    response = stage.reader.get(SESSIONS, params={"cursor": cursor, **change})
    assert response.status_code == 400
    assert response.json() == problem("invalid", 400, _CURSOR, parameter="cursor")


def test_a_cursor_may_be_used_with_another_limit_and_by_a_colleague(stage: Stage) -> None:
    populate(stage)
    cursor = stage.reader.get(SESSIONS, params={"limit": 1}).json()["next"]
    assert found(stage.owner, cursor=cursor, limit=2) == [4, 3]


def test_a_cursor_of_another_organisation_or_of_somebody_narrowed_is_refused(stage: Stage) -> None:
    for _ in range(2):
        opened(stage.owner, "clerk")
    cursor = stage.owner.get(SESSIONS, params={"limit": 1}).json()["next"]
    for persona in (stage.stranger, stage.clerk):
        assert persona.get(SESSIONS, params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("forged", ["{0:.31}", "A{0:.30}A", "{0}A", "{0:.31}ß", "junk", ""])
def test_a_forged_cursor_is_refused(forged: str, stage: Stage) -> None:
    populate(stage)
    cursor = stage.reader.get(SESSIONS, params={"limit": 1}).json()["next"]
    response = stage.reader.get(SESSIONS, params={"cursor": forged.format(cursor)})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "cursor"


REFUSED: dict[str, tuple[str, str, str]] = {
    "limit=-1": ("limit", "limit must be a number from 1 to 1000", "invalid"),
    "limit=1001": ("limit", "limit must be a number from 1 to 1000", "invalid"),
    "limit=1&limit=2": ("limit", "limit must not be given twice", "bad-parameter"),
    "offset=1": ("offset", "offset is not a parameter of this request", "bad-parameter"),
    "Login=anna": ("Login", "Login is not a parameter of this request", "bad-parameter"),
    "status=running": ("status", "status must be one of active, ended", "invalid"),
    "order=": ("order", "order must be one of newest, oldest", "invalid"),
    "kind=both": ("kind", "kind must be one of visit, work", "invalid"),
    "include=remarks": ("include", "include must be activities", "invalid"),
    "total=perhaps": ("total", "total must be true or false", "invalid"),
    "userId=anna": ("userId", "userId must be a number from 1 to 2147483647", "invalid"),
    "userId=0": ("userId", "userId must be a number from 1 to 2147483647", "invalid"),
    "entityId=%00": ("entityId", "entityId must not contain the character U+0000", "invalid"),
    "login=a%00b": ("login", "login must not contain the character U+0000", "invalid"),
    "module=%20": ("module", "module must have 1 to 255 characters", "invalid"),
    "text=%21%21": ("text", "text must hold a word", "invalid"),
    "startedFrom=2026-02-30": (
        "startedFrom",
        "startedFrom must be a time that exists: day is out of range for month",
        "invalid",
    ),
    "startedFrom=yesterday": ("startedFrom", "startedFrom must be a time such as 2023-07-13T09:47:03Z", "invalid"),
    "startedFrom=2026-11-02&startedTo=2026-11-01": (
        "startedTo",
        "startedTo must not be before the start of the range",
        "invalid",
    ),
    "aliveFrom=2026-11-02&aliveTo=2026-11-01": (
        "aliveTo",
        "aliveTo must not be before the start of the range",
        "invalid",
    ),
}


@pytest.mark.parametrize("query", REFUSED)
def test_it_refuses(query: str, stage_on_each: Stage) -> None:
    parameter, detail, kind = REFUSED[query]
    response = stage_on_each.reader.get(f"{SESSIONS}?{query}")
    assert response.json() == problem(kind, 400, detail, parameter=parameter)
    assert response.status_code == 400

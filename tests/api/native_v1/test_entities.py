"""`GET /api/v1/entities/{type}/{id}/sessions`."""

from urllib.parse import quote

import pytest

from tests.api.native_v1.samples import SESSIONS, activity, opened
from tests.stage import Persona, Stage


def who(persona: Persona, kind: str, entity: str, **params: str | int) -> list[int]:
    path = f"/api/v1/entities/{quote(kind, safe='')}/{quote(entity, safe='')}/sessions"
    response = persona.get(path, params=params)
    assert response.status_code == 200, response.text
    return [session["id"] for session in response.json()["items"]]


def test_it_tells_who_touched_it(stage_on_each: Stage) -> None:
    touching = [("CUSTOMER", "1"), ("CUSTOMER", "2"), ("CARD", "1"), ("CUSTOMER", "1")]
    for kind, entity in touching:
        opened(stage_on_each.recorder, activities=[activity(entityType=kind, entityId=entity)])

    assert who(stage_on_each.reader, "CUSTOMER", "1") == [4, 1]
    assert who(stage_on_each.reader, "CARD", "1") == [3]
    assert who(stage_on_each.reader, "CARD", "2") == []
    assert who(stage_on_each.reader, "CUSTOMER", "1", order="oldest", limit=1) == [1]
    assert who(stage_on_each.stranger, "CUSTOMER", "1") == []


@pytest.mark.parametrize("entity", ["a/b", "a/sessions", "ümläut ß", "50%", "a+b", "?x=1#y", "sessions"])
def test_any_name_can_be_asked_for(entity: str, stage: Stage) -> None:
    number = opened(stage.recorder, activities=[activity(entityId=entity)])
    assert who(stage.reader, "CUSTOMER", entity) == [number]


def test_it_pages_like_the_search_and_with_its_cursors(stage: Stage) -> None:
    for _ in range(3):
        opened(stage.recorder, activities=[activity(entityId="1")])
    path = "/api/v1/entities/CUSTOMER/1/sessions"
    page = stage.reader.get(path, params={"limit": 2, "total": "true", "include": "activities"}).json()
    assert (page["total"], [len(session["activities"]) for session in page["items"]]) == (3, [1, 1])
    assert who(stage.reader, "CUSTOMER", "1", cursor=page["next"]) == [1]
    found = stage.reader.get(SESSIONS, params={"entityType": "CUSTOMER", "entityId": "1", "cursor": page["next"]})
    assert [session["id"] for session in found.json()["items"]] == [1]


def test_what_it_takes_from_the_path_is_no_parameter(stage: Stage) -> None:
    response = stage.reader.get("/api/v1/entities/CUSTOMER/1/sessions", params={"entityId": "2"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "entityId"


def test_a_name_that_no_session_can_hold_is_refused(stage_on_each: Stage) -> None:
    for entity in ("%00", "x" * 256, "%20"):
        response = stage_on_each.reader.get(f"/api/v1/entities/CUSTOMER/{entity}/sessions")
        assert response.status_code == 400
        assert response.json()["errors"][0]["parameter"] == "entityId"

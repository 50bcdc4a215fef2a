"""Idempotency-Key: a request that comes again is answered as the first time, and nothing is stored twice."""

from typing import Any

import httpx
import pytest

from tests.api.activity_v2.care_desk import ACTIVITY, DETAILS, SESSIONS, end, message, one, opened, page, path, refusal
from tests.stage import Persona, Stage, staged

CREATE = {"userId": 7, "module": "CARE_DESK"}
KEY = {"Idempotency-Key": "8c5d7f6e-4c1b-4c39-9a5e-1f0a6f2f9f3e"}
DAY = 86_400


def record(persona: Persona, session: int, entity: str = "98662653", **headers: str) -> httpx.Response:
    body = {"activities": [{**ACTIVITY, "entityId": entity}]}
    return persona.post(path(session, "/activities"), json=body, headers={**KEY, **headers})


@pytest.mark.parametrize(
    ("method", "more", "body"),
    [
        ("POST", None, CREATE),
        ("POST", "/activities", {"activities": [ACTIVITY]}),
        ("PUT", "", {"activitySessionDetails": [DETAILS]}),
        ("PATCH", "", {"activitySessionDetails": [DETAILS]}),
        ("POST", "/endSession", {"activitySessionDetails": [DETAILS]}),
        ("POST", "/endSession", None),
    ],
)
def test_every_write_is_answered_alike_and_stored_once(
    stage_on_each: Stage, method: str, more: str | None, body: dict[str, Any] | None
) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    where = SESSIONS if more is None else path(session, more)
    first = stage.recorder.request(method, where, json=body, headers=KEY)
    assert first.status_code == 200, first.text
    kept = stage.dump()
    stage.clock.advance(3600)
    for _ in range(3):
        again = stage.recorder.request(method, where, json=body, headers=KEY)
        assert (again.status_code, again.content) == (200, first.content)
    assert stage.dump() == kept


def test_without_a_key_a_request_is_another_one(stage_on_each: Stage) -> None:
    for _ in range(2):
        stage_on_each.recorder.post(SESSIONS, json=CREATE)
    assert page(stage_on_each.reader)["pagination"]["total"] == 2


def test_another_key_is_another_request(stage_on_each: Stage) -> None:
    for key in ("a", "A", "a "):
        stage_on_each.recorder.post(SESSIONS, json=CREATE, headers={"Idempotency-Key": key})
    assert page(stage_on_each.reader)["pagination"]["total"] == 2  # blanks around a header are no part of it


def test_the_same_key_with_another_body_is_refused(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.recorder.post(SESSIONS, json=CREATE, headers=KEY)
    before = stage.dump()
    told = stage.recorder.post(SESSIONS, json={**CREATE, "userId": 8}, headers=KEY)
    assert refusal(told, 422) == (4008, f"The idempotency key {KEY['Idempotency-Key']} was used for another request")
    assert stage.dump() == before


def test_the_same_key_on_another_path_is_refused(stage_on_each: Stage) -> None:
    stage = stage_on_each
    first, second = opened(stage.recorder), opened(stage.recorder)
    assert record(stage.recorder, first).status_code == 200
    assert message(record(stage.recorder, second), 422)
    assert one(stage.reader, second)["activities"] == []


def test_the_same_key_with_another_method_is_refused(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    body = {"activitySessionDetails": [DETAILS]}
    assert stage_on_each.recorder.put(path(session), json=body, headers=KEY).status_code == 200
    assert message(stage_on_each.recorder.patch(path(session), json=body, headers=KEY), 422)


def test_each_principal_has_keys_of_their_own(stage_on_each: Stage) -> None:
    stage = stage_on_each
    for persona in (stage.recorder, stage.owner, stage.stranger):
        assert persona.post(SESSIONS, json=CREATE, headers=KEY).status_code == 200
    assert page(stage.reader)["pagination"]["total"] == 2
    assert page(stage.stranger)["pagination"]["total"] == 1


def test_one_principal_has_the_same_keys_with_every_token(stage_on_each: Stage) -> None:
    stage = stage_on_each
    issued = stage.core.registry.add_token(1, stage.recorder.email, "second")
    stage.recorder.post(SESSIONS, json=CREATE, headers=KEY)
    stage.recorder.bearing(apikey=issued.secret).post(SESSIONS, json=CREATE, headers=KEY)
    assert page(stage.reader)["pagination"]["total"] == 1


def test_a_key_is_known_after_a_restart(database_url: str) -> None:
    with staged(database_url) as first:
        told = first.recorder.post(SESSIONS, json=CREATE, headers=KEY).content
        people = first.people
    with staged(database_url, first.clock) as second:
        second.take(people)
        assert second.recorder.post(SESSIONS, json=CREATE, headers=KEY).content == told
        assert page(second.reader)["pagination"]["total"] == 1


def test_a_key_is_known_for_a_day(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.recorder.post(SESSIONS, json=CREATE, headers=KEY)
    stage.clock.advance(DAY - 1)
    assert stage.recorder.post(SESSIONS, json=CREATE, headers=KEY).json()["sessionId"] == 1
    stage.clock.advance(2)
    assert stage.recorder.post(SESSIONS, json=CREATE, headers=KEY).json()["sessionId"] == 2


def test_a_key_of_yesterday_is_new_also_once_it_was_swept_out(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.recorder.post(SESSIONS, json=CREATE, headers=KEY)
    stage.clock.advance(DAY + 1)
    assert stage.core.recorder.forget_keys() == 1
    assert stage.recorder.post(SESSIONS, json=CREATE, headers=KEY).json()["sessionId"] == 2


def test_a_refused_request_leaves_its_key_free(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    assert record(stage.recorder, session, "").status_code == 400
    assert record(stage.recorder, 4711).status_code == 404
    assert record(stage.recorder, session).status_code == 200


def test_the_answer_comes_again_even_when_the_session_is_over(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    first = record(stage.recorder, session)
    end(stage.recorder, session)
    assert record(stage.recorder, session).content == first.content
    assert record(stage.recorder, session, **{"Idempotency-Key": "new"}).status_code == 409


def test_of_many_at_once_one_is_stored_and_all_are_told_the_same(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    body = {"activities": [ACTIVITY]}
    waiting = [
        stage.start("POST", path(session, "/activities"), json=body, headers={**stage.recorder.headers, **KEY})
        for _ in range(30)
    ]
    answers = [answer.result() for answer in waiting]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert len(one(stage.reader, session)["activities"]) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "tab\there", "é", "del\x7f"])
def test_a_key_that_is_none_is_refused(quiet_stage: Stage, key: str) -> None:
    before = quiet_stage.dump()
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    headers += [(name.encode(), value.encode()) for name, value in quiet_stage.recorder.headers.items()]
    told = quiet_stage.send("POST", SESSIONS, json=CREATE, headers=headers)
    assert message(told, 400) == "Field Idempotency-Key must be 1 to 255 visible characters"
    assert quiet_stage.dump() == before


@pytest.mark.parametrize("key", ["!", "~" * 255, "a:b/c?d=e&f"])
def test_any_visible_characters_are_a_key(stage: Stage, key: str) -> None:
    for _ in range(2):
        assert stage.recorder.post(SESSIONS, json=CREATE, headers={"Idempotency-Key": key}).json()["sessionId"] == 1


def test_reading_needs_no_key_and_minds_none(stage: Stage) -> None:
    stage.recorder.post(SESSIONS, json=CREATE, headers=KEY)
    assert stage.reader.get(SESSIONS, headers=KEY).json()["pagination"]["total"] == 1

"""`Idempotency-Key` on every write."""

from typing import Any

import pytest

from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened, problem
from tests.stage import Stage

WRITES: dict[str, tuple[str, Any, Any]] = {
    "open": ("", {"login": "bob"}, {"login": "cleo"}),
    "record": ("/1/activities", [activity()], [activity(), activity()]),
    "heartbeat": ("/1/heartbeat", {}, None),
    "remark": ("/1/remarks", [{"reason": "a"}], [{"reason": "b"}]),
    "end": ("/1/end", {"remarks": [{"reason": "a"}]}, {"remarks": [{"reason": "b"}]}),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_retry_is_told_the_same_and_stores_nothing(name: str, stage_on_each: Stage) -> None:
    path, body, _ = WRITES[name]
    opened(stage_on_each.recorder)
    key = {"Idempotency-Key": "8c5d7f6e"}
    first = stage_on_each.recorder.post(SESSIONS + path, json=body, headers=key)
    before = stage_on_each.dump()
    stage_on_each.clock.advance(60)

    again = stage_on_each.recorder.post(SESSIONS + path, json=body, headers=key)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert first.status_code < 300
    assert stage_on_each.dump() == before


@pytest.mark.parametrize("name", [name for name, (_, _, other) in WRITES.items() if other])
def test_another_request_with_the_same_key_is_refused(name: str, stage: Stage) -> None:
    path, body, other = WRITES[name]
    opened(stage.recorder)
    key = {"Idempotency-Key": "8c5d7f6e"}
    stage.recorder.post(SESSIONS + path, json=body, headers=key)
    before = stage.dump()

    response = stage.recorder.post(SESSIONS + path, json=other, headers=key)

    assert response.status_code == 422
    assert response.json() == problem("key-reused", 422, "The idempotency key 8c5d7f6e was used for another request")
    assert stage.dump() == before


def test_a_key_is_each_callers_own(stage: Stage) -> None:
    key = {"Idempotency-Key": "same"}
    told = [
        persona.post(SESSIONS, json={"login": "anna"}, headers=key).json()["id"]
        for persona in (stage.owner, stage.recorder, stage.owner)
    ]
    assert told == [1, 2, 1]


def test_what_was_refused_may_be_tried_again_with_the_same_key(stage: Stage) -> None:
    number = opened(stage.recorder, startedAt=on_day("10:00:00"))
    path, key = f"{SESSIONS}/{number}/end", {"Idempotency-Key": "k"}
    assert stage.recorder.post(path, json={"at": on_day("09:00:00")}, headers=key).status_code == 400
    assert stage.recorder.post(path, json={"at": on_day("11:00:00")}, headers=key).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel"])
def test_a_key_is_1_to_255_visible_characters(key: str, stage: Stage) -> None:
    before = stage.dump()
    headers = [(b"Idempotency-Key", key.encode()), *[(n.encode(), v.encode()) for n, v in stage.owner.headers.items()]]
    response = stage.send("POST", SESSIONS, json={"login": "anna"}, headers=headers)
    detail = "Idempotency-Key must be 1 to 255 visible characters"
    assert response.json() == problem("invalid", 400, detail, header="Idempotency-Key")
    assert stage.dump() == before

"""`POST /api/v1/sessions/{id}/heartbeat`."""

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, on_day, opened, problem
from tests.stage import Stage


def test_a_session_that_beats_is_not_idle(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)
    silent = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(1200)

    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/heartbeat")

    assert response.status_code == 200
    assert response.json() == {"id": number, "updatedAt": "2026-11-23T12:24:05.123456Z"}
    stage_on_each.clock.advance(1200)
    stage_on_each.core.recorder.close_idle()
    told = [stage_on_each.reader.get(f"{SESSIONS}/{session}").json() for session in (number, silent)]
    assert [session["status"] for session in told] == ["active", "ended"]
    assert [session["seenAt"] for session in told] == ["2026-11-23T12:24:05.123456Z", NOW]
    assert told[0]["activityCount"] == 0


@pytest.mark.parametrize("body", [b"", b"{}", b" \n"])
def test_nothing_needs_to_be_said(body: bytes, stage: Stage) -> None:
    number = opened(stage.recorder)
    assert stage.recorder.post(f"{SESSIONS}/{number}/heartbeat", content=body).status_code == 200


def test_what_is_said_all_the_same_is_refused(stage: Stage) -> None:
    number = opened(stage.recorder)
    response = stage.recorder.post(f"{SESSIONS}/{number}/heartbeat", json={"at": NOW})
    assert response.json() == problem("bad-field", 400, "at is not a field of this request", pointer="/at")


def test_an_ended_session_beats_no_more(stage: Stage) -> None:
    number = opened(stage.recorder, startedAt=on_day("10:00:00"), endedAt=on_day("11:00:00"))
    before = stage.dump()
    assert stage.recorder.post(f"{SESSIONS}/{number}/heartbeat").status_code == 409
    assert stage.dump() == before


def test_one_that_was_closed_for_silence_lives_again(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(3600)
    stage_on_each.core.recorder.close_idle()
    assert stage_on_each.recorder.post(f"{SESSIONS}/{number}/heartbeat").status_code == 200
    assert stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["status"] == "active"


def test_an_unknown_session_does_not_beat(stage: Stage) -> None:
    assert stage.recorder.post(f"{SESSIONS}/9/heartbeat").status_code == 404

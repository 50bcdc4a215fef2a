"""`GET /api/v1/sessions/{id}`."""

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, activity, on_day, opened, problem
from tests.stage import Stage


def test_it_tells_counts_and_the_first_and_last_activity(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"))
    done = [activity(on_day(clock)) for clock in ("11:00:00", "10:30:00", "11:30:00")]
    stage_on_each.recorder.post(f"{SESSIONS}/{number}/activities", json=done)
    stage_on_each.recorder.post(f"{SESSIONS}/{number}/remarks", json=[{"reason": "Other"}])

    response = stage_on_each.reader.get(f"{SESSIONS}/{number}")

    assert response.status_code == 200
    assert response.json() == {
        "id": number,
        "organisation": 1,
        "kind": "work",
        "userId": 2,
        "login": "anna",
        "status": "active",
        "startedAt": on_day("10:00:00"),
        "updatedAt": NOW,
        "seenAt": on_day("11:30:00"),
        "firstActivityAt": on_day("10:30:00"),
        "lastActivityAt": on_day("11:30:00"),
        "activityCount": 3,
        "remarks": [{"reason": "Other", "at": NOW}],
    }


def test_a_session_that_the_server_closed_says_so(stage: Stage) -> None:
    number = opened(stage.recorder)
    stage.clock.advance(3600)
    stage.core.recorder.close_idle()
    told = stage.reader.get(f"{SESSIONS}/{number}").json()
    assert (told["status"], told["closing"], told["endedAt"]) == ("ended", "idle", NOW)


@pytest.mark.parametrize("number", ["2", "0", "-1", "abc", "1.0", "²", "9" * 18, "9" * 400, str(2**40)])
def test_an_unknown_one_is_unknown_however_it_is_spelled(number: str, stage_on_each: Stage) -> None:
    opened(stage_on_each.owner)
    response = stage_on_each.owner.get(f"{SESSIONS}/{number}")
    assert response.status_code == 404
    assert response.json()["type"] == "urn:sojourn:error:unknown"


def test_one_of_another_organisation_is_unknown_in_the_same_words(stage: Stage) -> None:
    number = opened(stage.owner)
    foreign = stage.stranger.get(f"{SESSIONS}/{number}")
    assert foreign.status_code == 404
    assert foreign.json() == problem("unknown", 404, f"There is no session {number}")


def test_it_takes_no_parameters(stage: Stage) -> None:
    number = opened(stage.owner)
    response = stage.owner.get(f"{SESSIONS}/{number}", params={"include": "activities"})
    assert response.json() == problem(
        "bad-parameter", 400, "include is not a parameter of this request", parameter="include"
    )

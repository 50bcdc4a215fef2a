"""GET /v2/activitySessions/{sessionId}."""

import pytest

from tests.api.activity_v2.care_desk import DETAILS, end, inform, message, one, opened, path, record
from tests.stage import Stage


def test_it_tells_one_session_in_the_same_envelope_without_pagination(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    stage.clock.advance(60)
    record(stage.recorder, session, "98662653")
    stage.clock.advance(60)
    inform(stage.recorder, session, DETAILS)
    stage.clock.advance(60)
    end(stage.recorder, session)
    told = stage.reader.get(path(session))
    assert told.status_code == 200
    assert told.json() == {
        "data": [
            {
                "sessionId": 1,
                "userId": 75001234,
                "orgId": 1,
                "module": "CARE_DESK",
                "sessionStartTime": "2026-11-23T12:04:05Z",
                "sessionStatus": "INACTIVE",
                "autoUpdateTime": "2026-11-23T12:07:05Z",
                "activitySessionDetails": [DETAILS],
                "activities": [
                    {
                        "entityId": "98662653",
                        "entityType": "CUSTOMER",
                        "name": "CustomerSearched",
                        "addedOn": "2026-11-23T12:05:05Z",
                        "note": "Looked up by phone",
                    }
                ],
                "sessionEndTime": "2026-11-23T12:07:05Z",
            }
        ],
        "warnings": [],
        "errors": [],
    }


def test_it_tells_all_activities_however_many(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    for _ in range(3):
        record(stage.recorder, session, *map(str, range(1000)))
    assert len(one(stage.reader, session)["activities"]) == 3000


def test_what_is_unknown_and_what_is_anothers_get_the_same_answer(stage_on_each: Stage) -> None:
    stage = stage_on_each
    theirs = [opened(stage.stranger) for _ in range(2)][-1]
    assert message(stage.reader.get(path(4711)), 404) == "There is no session 4711"
    assert message(stage.reader.get(path(theirs)), 404) == f"There is no session {theirs}"


def test_somebody_who_sees_their_own_sessions_alone_finds_no_other(stage_on_each: Stage) -> None:
    stage = stage_on_each
    own, other = opened(stage.clerk, "clerk"), opened(stage.recorder, "anna")
    assert one(stage.clerk, own)["sessionId"] == own
    assert message(stage.clerk.get(path(other)), 404) == f"There is no session {other}"


@pytest.mark.parametrize("number", ["abc", "-1", "1.5", "1%00"])
def test_a_number_that_is_none_is_refused(quiet_stage: Stage, number: str) -> None:
    assert message(quiet_stage.reader.get(path(number)), 400) == "Field sessionId must be a number"

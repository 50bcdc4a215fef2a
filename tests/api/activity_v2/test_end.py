"""POST /v2/activitySessions/{sessionId}/endSession."""

from typing import Any

import pytest

from tests.api.activity_v2.care_desk import ACTIVITY, DETAILS, end, inform, message, one, opened, path, record
from tests.stage import Stage

TOO_MANY = "Field activitySessionDetails must be a list of up to 1000 items"


def test_it_ends_the_session_with_a_reason(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(600)
    told = end(stage_on_each.recorder, session, json={"activitySessionDetails": [DETAILS]})
    assert told.status_code == 200
    assert told.json() == {
        "activitySessionDetails": [DETAILS],
        "sessionEndTime": "2026-11-23T12:14:05Z",
        "sessionStatus": "INACTIVE",
        "autoUpdateTime": "2026-11-23T12:14:05Z",
        "warnings": [],
    }
    kept = one(stage_on_each.reader, session)
    assert (kept["sessionStatus"], kept["sessionEndTime"]) == ("INACTIVE", "2026-11-23T12:14:05Z")


@pytest.mark.parametrize(
    "body", [{}, {"content": b""}, {"content": b"  \n"}, {"json": {}}, {"json": {"activitySessionDetails": []}}]
)
def test_it_needs_no_reason(stage_on_each: Stage, body: dict[str, Any]) -> None:
    session = opened(stage_on_each.recorder)
    told = end(stage_on_each.recorder, session, **body)
    assert (told.status_code, told.json()["activitySessionDetails"]) == (200, [])


def test_it_tells_the_reasons_given_before(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    inform(stage_on_each.recorder, session, "before")
    told = end(stage_on_each.recorder, session, json={"activitySessionDetails": [{"reason": "at the end"}]}).json()
    assert [details["reason"] for details in told["activitySessionDetails"]] == ["before", "at the end"]


def test_what_was_recorded_stays(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    record(stage_on_each.recorder, session, "a", "b")
    end(stage_on_each.recorder, session)
    assert [activity["entityId"] for activity in one(stage_on_each.reader, session)["activities"]] == ["a", "b"]


def test_it_ends_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    end(stage.recorder, session)
    stage.clock.advance(60)
    before = stage.dump()
    again = end(stage.recorder, session, json={"activitySessionDetails": [DETAILS]})
    assert message(again, 409) == f"Session {session} has ended"
    assert stage.dump() == before


def test_of_many_at_once_one_ends_it(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    waiting = [stage.start("POST", path(session, "/endSession"), headers=stage.recorder.headers) for _ in range(20)]
    assert sorted(answer.result().status_code for answer in waiting) == [200] + [409] * 19


def test_nothing_is_recorded_after_the_end_however_many_try(stage_on_each: Stage) -> None:
    stage = stage_on_each
    for _ in range(5):
        session = opened(stage.recorder)
        sent = {"json": {"activities": [ACTIVITY]}, "headers": stage.recorder.headers}
        before = [stage.start("POST", path(session, "/activities"), **sent) for _ in range(30)]
        ending = stage.start("POST", path(session, "/endSession"), headers=stage.recorder.headers)
        after = [stage.start("POST", path(session, "/activities"), **sent) for _ in range(30)]
        assert ending.result().status_code == 200
        told = [answer.result().status_code for answer in (*before, *after)]
        assert set(told) <= {200, 409}
        assert record(stage.recorder, session, "too late").status_code == 409
        assert len(one(stage.reader, session)["activities"]) == told.count(200)


def test_the_user_may_open_another(stage_on_each: Stage) -> None:
    first = opened(stage_on_each.recorder)
    end(stage_on_each.recorder, first)
    assert one(stage_on_each.reader, opened(stage_on_each.recorder))["sessionStatus"] == "ACTIVE"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"activitySessionDetails": [{"comment": "c"}]}, "Field activitySessionDetails[0].reason is mandatory"),
        ({"activitySessionDetails": {}}, TOO_MANY),
        ({"activitySessionDetails": None}, TOO_MANY),
        (
            {"activitySessionDetails": [DETAILS] * 1001},
            TOO_MANY,
        ),
        ({"activitySessionDetails": [{"reason": " "}]}, "Field activitySessionDetails[0].reason must not be empty"),
        ([], "The body must be an object"),
    ],
)
def test_a_bad_reason_leaves_the_session_open(quiet_stage: Stage, body: Any, told: str) -> None:
    before = quiet_stage.dump()
    assert message(end(quiet_stage.recorder, 1, json=body), 400) == told
    assert quiet_stage.dump() == before


def test_what_is_unknown_and_what_is_anothers_get_the_same_answer(stage_on_each: Stage) -> None:
    stage = stage_on_each
    theirs = [opened(stage.stranger) for _ in range(2)][-1]
    before = stage.dump()
    assert message(end(stage.recorder, 4711), 404) == "There is no session 4711"
    assert message(end(stage.recorder, theirs), 404) == f"There is no session {theirs}"
    assert stage.dump() == before

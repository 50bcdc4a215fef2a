"""PUT and PATCH /v2/activitySessions/{sessionId}."""

from typing import Any

import pytest

from tests.api.activity_v2.care_desk import DETAILS, end, inform, message, one, opened, path, record
from tests.stage import Stage


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_keeps_a_reason_and_tells_all_of_them(stage_on_each: Stage, method: str) -> None:
    session = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(60)
    told = stage_on_each.recorder.request(method, path(session), json={"activitySessionDetails": [DETAILS]})
    assert told.status_code == 200
    assert told.json() == {
        "activitySessionDetails": [DETAILS],
        "autoUpdateTime": "2026-11-23T12:05:05Z",
        "warnings": [],
    }
    kept = one(stage_on_each.reader, session)
    assert (kept["activitySessionDetails"], kept["autoUpdateTime"]) == ([DETAILS], "2026-11-23T12:05:05Z")


def test_reasons_are_added_to_those_before_oldest_first(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    inform(stage_on_each.recorder, session, "first", "second")
    told = inform(stage_on_each.recorder, session, {"reason": "third", "comment": "c"}).json()
    assert told["activitySessionDetails"] == [
        {"reason": "first", "comment": ""},
        {"reason": "second", "comment": ""},
        {"reason": "third", "comment": "c"},
    ]


def test_a_reason_is_not_repeated_but_another_comment_is_kept(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    inform(stage_on_each.recorder, session, DETAILS, DETAILS)
    inform(stage_on_each.recorder, session, DETAILS)
    told = inform(stage_on_each.recorder, session, {**DETAILS, "comment": "again"}).json()
    assert [details["comment"] for details in told["activitySessionDetails"]] == [DETAILS["comment"], "again"]


def test_every_call_moves_the_time_of_the_last_change(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    inform(stage_on_each.recorder, session, "same")
    stage_on_each.clock.advance(5)
    told = inform(stage_on_each.recorder, session, "same").json()
    assert told["autoUpdateTime"] == "2026-11-23T12:04:10Z"


def test_it_may_still_be_said_when_the_session_is_over(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    record(stage_on_each.recorder, session, "a")
    end(stage_on_each.recorder, session)
    ended = one(stage_on_each.reader, session)
    stage_on_each.clock.advance(3600)
    assert inform(stage_on_each.recorder, session, "late").status_code == 200
    kept = one(stage_on_each.reader, session)
    assert kept["activitySessionDetails"] == [{"reason": "late", "comment": ""}]
    assert (kept["sessionStatus"], kept["sessionEndTime"]) == ("INACTIVE", ended["sessionEndTime"])


def test_texts_are_trimmed_and_kept_to_their_greatest_length(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    told = inform(stage_on_each.recorder, session, {"reason": f"  {'r' * 255} ", "comment": f" {'c' * 4000}  "}).json()
    assert told["activitySessionDetails"] == [{"reason": "r" * 255, "comment": "c" * 4000}]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("details", "told"),
    [
        ([], "Field activitySessionDetails must be a list of 1 to 1000 items"),
        ([DETAILS] * 1001, "Field activitySessionDetails must be a list of 1 to 1000 items"),
        (DETAILS, "Field activitySessionDetails must be a list of 1 to 1000 items"),
        ([{}], "Field activitySessionDetails[0].reason is mandatory"),
        ([DETAILS, {"comment": "c"}], "Field activitySessionDetails[1].reason is mandatory"),
        ([{"reason": 1}], "Field activitySessionDetails[0].reason must be a text"),
        ([{"reason": ""}], "Field activitySessionDetails[0].reason must not be empty"),
        ([{"reason": "r" * 256}], "Field activitySessionDetails[0].reason must not be longer than 255 characters"),
        ([{"reason": "\0"}], "Field activitySessionDetails[0].reason must not contain the character U+0000"),
        (
            [DETAILS, {"reason": "r", "comment": "c" * 4001}],
            "Field activitySessionDetails[1].comment must not be longer than 4000 characters",
        ),
        (
            [{"reason": "r", "comment": "\0"}],
            "Field activitySessionDetails[0].comment must not contain the character U+0000",
        ),
        ([None], "Field activitySessionDetails[0] must be an object"),
    ],
)
def test_it_refuses_what_breaks_a_rule_and_names_the_field(
    quiet_stage: Stage, method: str, details: Any, told: str
) -> None:
    before = quiet_stage.dump()
    answer = quiet_stage.recorder.request(method, path(1), json={"activitySessionDetails": details})
    assert message(answer, 400) == told
    assert quiet_stage.dump() == before


def test_the_reasons_must_be_there(quiet_stage: Stage) -> None:
    answer = quiet_stage.recorder.put(path(1), json={"reason": "not here"})
    assert message(answer, 400) == "Field activitySessionDetails is mandatory"


def test_what_is_unknown_and_what_is_anothers_get_the_same_answer(stage_on_each: Stage) -> None:
    stage = stage_on_each
    theirs = [opened(stage.stranger) for _ in range(2)][-1]
    before = stage.dump()
    assert message(inform(stage.recorder, 4711, "a"), 404) == "There is no session 4711"
    assert message(inform(stage.recorder, theirs, "a"), 404) == f"There is no session {theirs}"
    assert stage.dump() == before

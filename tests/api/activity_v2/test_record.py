"""POST /v2/activitySessions/{sessionId}/activities."""

from typing import Any

import pytest

from tests.api.activity_v2.care_desk import ACTIVITY, end, message, one, opened, page, path, record
from tests.stage import Stage


def test_it_records_and_tells_what_was_recorded(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(120)
    told = record(stage_on_each.recorder, session, ACTIVITY)
    assert told.status_code == 200
    assert told.json() == {
        "activities": [
            {
                "entityId": "98662653",
                "entityType": "CUSTOMER",
                "name": "CustomerSearched",
                "addedOn": "2026-11-23T12:06:05Z",
                "note": "Looked up by phone",
            }
        ],
        "autoUpdateTime": "2026-11-23T12:06:05Z",
        "warnings": [],
    }


def test_what_was_recorded_can_be_read_back(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(120)
    told = record(stage_on_each.recorder, session, ACTIVITY).json()
    kept = one(stage_on_each.reader, session)
    assert kept["activities"] == told["activities"]
    assert kept["autoUpdateTime"] == told["autoUpdateTime"] == "2026-11-23T12:06:05Z"


def test_a_batch_keeps_its_order(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    ids = [str(number) for number in range(50, 0, -1)]
    told = record(stage_on_each.recorder, session, *ids).json()
    assert [activity["entityId"] for activity in told["activities"]] == ids
    assert [activity["entityId"] for activity in one(stage_on_each.reader, session)["activities"]] == ids


def test_calls_keep_their_order(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    for name in ("c", "b", "a"):
        record(stage_on_each.recorder, session, name, f"{name}2")
    kept = [activity["entityId"] for activity in one(stage_on_each.reader, session)["activities"]]
    assert kept == ["c", "c2", "b", "b2", "a", "a2"]


def test_the_same_activity_may_be_recorded_twice(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    record(stage_on_each.recorder, session, ACTIVITY, ACTIVITY)
    record(stage_on_each.recorder, session, ACTIVITY)
    assert len(one(stage_on_each.reader, session)["activities"]) == 3


@pytest.mark.parametrize("note", [{}, {"note": None}, {"note": ""}, {"note": "  "}])
def test_a_note_may_be_absent_and_is_told_as_empty(stage_on_each: Stage, note: dict[str, Any]) -> None:
    session = opened(stage_on_each.recorder)
    bare = {name: value for name, value in ACTIVITY.items() if name != "note"}
    assert record(stage_on_each.recorder, session, bare | note).json()["activities"][0]["note"] == ""
    assert one(stage_on_each.reader, session)["activities"][0]["note"] == ""


def test_texts_are_trimmed(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    wide = {name: f" \t{value}\n" for name, value in ACTIVITY.items()}
    (told,) = record(stage_on_each.recorder, session, wide).json()["activities"]
    assert {name: told[name] for name in ACTIVITY} == ACTIVITY


LONGEST: list[dict[str, str]] = [
    {"entityType": "x" * 255},
    {"entityId": "é" * 255},
    {"name": "🧭" * 255},
    {"note": "n" * 4000},
    {"note": "  " + "🧭" * 4000 + "  "},
    {"note": 'quotes " and \\ and \u2028 and \x7f and \x01'},
]


def test_texts_of_the_greatest_length_are_kept_whole(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    record(stage_on_each.recorder, session, *[ACTIVITY | longest for longest in LONGEST])
    for kept, longest in zip(one(stage_on_each.reader, session)["activities"], LONGEST, strict=True):
        assert {name: kept[name] for name in longest} == {name: value.strip() for name, value in longest.items()}


def test_a_thousand_activities_are_one_call(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    told = record(stage_on_each.recorder, session, *map(str, range(1000)))
    assert len(told.json()["activities"]) == 1000
    assert len(one(stage_on_each.reader, session)["activities"]) == 1000


@pytest.mark.parametrize(
    ("activities", "told"),
    [
        ([], "must be a list of 1 to 1000 items"),
        ([ACTIVITY] * 1001, "must be a list of 1 to 1000 items"),
        ({}, "must be a list of 1 to 1000 items"),
        (None, "must be a list of 1 to 1000 items"),
        (ACTIVITY, "must be a list of 1 to 1000 items"),
    ],
)
def test_it_refuses_what_is_no_batch(quiet_stage: Stage, activities: Any, told: str) -> None:
    before = quiet_stage.dump()
    answer = quiet_stage.recorder.post(path(1, "/activities"), json={"activities": activities})
    assert message(answer, 400) == f"Field activities {told}"
    assert quiet_stage.dump() == before


@pytest.mark.parametrize(
    ("bad", "field", "told"),
    [
        ({"entityType": None}, "entityType", "must be a text"),
        ({"entityType": ""}, "entityType", "must not be empty"),
        ({"entityId": 98662653}, "entityId", "must be a text"),
        ({"entityId": "x" * 256}, "entityId", "must not be longer than 255 characters"),
        ({"name": " "}, "name", "must not be empty"),
        ({"name": ["CustomerSearched"]}, "name", "must be a text"),
        ({"name": "a\0"}, "name", "must not contain the character U+0000"),
        ({"note": 5}, "note", "must be a text"),
        ({"note": "x" * 4001}, "note", "must not be longer than 4000 characters"),
        ({"note": "\0"}, "note", "must not contain the character U+0000"),
    ],
)
def test_one_bad_activity_refuses_the_batch_and_is_named(
    quiet_stage: Stage, bad: dict[str, Any], field: str, told: str
) -> None:
    before = quiet_stage.dump()
    answer = record(quiet_stage.recorder, 1, "first", "second", ACTIVITY | bad, "fourth")
    assert message(answer, 400) == f"Field activities[2].{field} {told}"
    assert quiet_stage.dump() == before


@pytest.mark.parametrize("field", ["entityType", "entityId", "name"])
def test_a_mandatory_field_that_is_missing_is_named(quiet_stage: Stage, field: str) -> None:
    bare = {name: value for name, value in ACTIVITY.items() if name != field}
    assert message(record(quiet_stage.recorder, 1, "first", bare), 400) == f"Field activities[1].{field} is mandatory"


def test_activities_must_be_there(quiet_stage: Stage) -> None:
    assert message(quiet_stage.recorder.post(path(1, "/activities"), json={}), 400) == "Field activities is mandatory"


def test_nothing_is_recorded_in_a_session_that_has_ended(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    record(stage.recorder, session, "before")
    end(stage.recorder, session)
    before = stage.dump()
    assert message(record(stage.recorder, session, "after"), 409) == f"Session {session} has ended"
    assert stage.dump() == before


def test_what_is_unknown_and_what_is_anothers_get_the_same_answer(stage_on_each: Stage) -> None:
    stage = stage_on_each
    theirs = [opened(stage.stranger) for _ in range(3)][-1]
    before = stage.dump()
    unknown = message(record(stage.recorder, 4711, "a"), 404)
    anothers = message(record(stage.recorder, theirs, "a"), 404)
    assert (unknown, anothers) == ("There is no session 4711", f"There is no session {theirs}")
    assert stage.dump() == before


def test_a_recorder_of_their_own_sessions_finds_no_other(stage_on_each: Stage) -> None:
    stage = stage_on_each
    own, other = opened(stage.clerk, "clerk"), opened(stage.recorder, "anna")
    assert record(stage.clerk, own, "a").status_code == 200
    assert message(record(stage.clerk, other, "a"), 404) == f"There is no session {other}"
    assert one(stage.reader, other)["activities"] == []


def test_the_number_may_be_written_as_a_text_with_zeros(stage: Stage) -> None:
    session = opened(stage.recorder)
    assert record(stage.recorder, f"000{session}", "a").status_code == 200


@pytest.mark.parametrize("number", ["abc", "1.0", "-1", "+1", "1e3", "0x1", "%D9%A3", "null", "1%00", "1 ", "{id}"])
def test_a_number_that_is_none_is_refused(quiet_stage: Stage, number: str) -> None:
    assert message(record(quiet_stage.recorder, number, "a"), 400) == "Field sessionId must be a number"


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999", "9" * 5000])
def test_a_number_beyond_all_sessions_is_unknown(quiet_stage: Stage, number: str) -> None:
    assert message(record(quiet_stage.recorder, number, "a"), 404) == f"There is no session {number}"


def test_many_at_once_are_all_recorded_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    sessions = [opened(stage.recorder, user) for user in range(1, 6)]
    waiting = [
        stage.start(
            "POST",
            path(sessions[number % 5], "/activities"),
            json={"activities": [{**ACTIVITY, "entityId": str(number)}]},
            headers=stage.recorder.headers,
        )
        for number in range(200)
    ]
    assert {answer.result().status_code for answer in waiting} == {200}
    kept = [a["entityId"] for s in page(stage.reader)["data"] for a in s["activities"]]
    assert sorted(kept, key=int) == [str(number) for number in range(200)]


def test_one_bad_call_among_many_spoils_no_other(stage_on_each: Stage) -> None:
    stage = stage_on_each
    running, over = opened(stage.recorder), opened(stage.recorder)
    end(stage.recorder, over)
    waiting = {
        number: stage.start(
            "POST",
            path((running, over, 4711)[number % 3], "/activities"),
            json={"activities": [{**ACTIVITY, "entityId": str(number)}]},
            headers=stage.recorder.headers,
        )
        for number in range(60)
    }
    told = {number: answer.result().status_code for number, answer in waiting.items()}
    assert told == {number: (200, 409, 404)[number % 3] for number in range(60)}
    kept = {activity["entityId"] for activity in one(stage.reader, running)["activities"]}
    assert kept == {str(number) for number in range(0, 60, 3)}

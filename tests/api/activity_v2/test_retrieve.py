"""GET /v2/activitySessions."""

from typing import Any

import pytest

from sojourn.core.query import LISTED_ACTIVITIES
from tests.api.activity_v2.care_desk import SESSIONS, end, inform, message, numbers, one, opened, page, path, record
from tests.stage import BETA, Stage

DAY = 86_400


def days(stage: Stage, count: int) -> list[int]:
    """One session a day, begun at 12:04:05.123456: the first on 23 November 2026."""
    sessions = []
    for _ in range(count):
        sessions.append(opened(stage.recorder))
        stage.clock.advance(DAY)
    return sessions


def test_it_lists_sessions_newest_first_with_what_is_in_them(stage_on_each: Stage) -> None:
    stage = stage_on_each
    first, second = days(stage, 2)
    record(stage.recorder, first, "98662653")
    inform(stage.recorder, first, "Changed mobile number")
    end(stage.recorder, first)
    told = page(stage.reader)
    assert list(told) == ["pagination", "data", "warnings", "errors"]
    assert told["pagination"] == {"limit": 10, "offset": 0, "total": 2}
    assert told["data"] == [one(stage.reader, second), one(stage.reader, first)]
    assert (told["warnings"], told["errors"]) == ([], [])


def test_an_active_session_has_no_end(stage_on_each: Stage) -> None:
    stage = stage_on_each
    running, over = opened(stage.recorder), opened(stage.recorder)
    end(stage.recorder, over)
    told = {session["sessionId"]: session for session in page(stage.reader)["data"]}
    assert "sessionEndTime" not in told[running]
    assert told[over]["sessionEndTime"] == "2026-11-23T12:04:05Z"


def test_sessions_that_started_in_the_same_moment_are_listed_by_number(stage_on_each: Stage) -> None:
    sessions = [opened(stage_on_each.recorder) for _ in range(5)]
    assert numbers(stage_on_each.reader) == sessions[::-1]


def test_nothing_is_an_empty_page(stage_on_each: Stage) -> None:
    told = page(stage_on_each.reader)
    assert (told["pagination"]["total"], told["data"]) == (0, [])


def test_it_lists_ten_if_not_told_otherwise(stage_on_each: Stage) -> None:
    for _ in range(12):
        opened(stage_on_each.recorder)
    told = page(stage_on_each.reader)
    assert (len(told["data"]), told["pagination"]) == (10, {"limit": 10, "offset": 0, "total": 12})


def test_pages_hold_every_session_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    sessions = [opened(stage.recorder) for _ in range(10)] + days(stage, 13)
    for limit in (1, 3, 7, 1000):
        told: list[int] = []
        while chunk := numbers(stage.reader, limit=limit, offset=len(told)):
            told += chunk
        assert told == sorted(sessions, reverse=True), limit


def test_pages_shift_by_what_is_added_at_the_front_and_by_no_more(stage_on_each: Stage) -> None:
    stage = stage_on_each
    days(stage, 9)
    first = numbers(stage.reader, limit=3)
    added = days(stage, 2)
    assert numbers(stage.reader, limit=3, offset=3 + len(added)) == [first[-1] - 1, first[-1] - 2, first[-1] - 3]


def test_an_offset_beyond_the_end_is_an_empty_page_with_the_right_total(stage_on_each: Stage) -> None:
    days(stage_on_each, 3)
    for offset in (3, 4, 1000, 10**9, 2**62):
        told = page(stage_on_each.reader, offset=offset)
        assert (told["pagination"], told["data"]) == ({"limit": 10, "offset": offset, "total": 3}, [])


def test_the_total_counts_what_is_asked_for(stage_on_each: Stage) -> None:
    stage = stage_on_each
    for user in (1, 2, 2, 3, 3, 3):
        record(stage.recorder, opened(stage.recorder, user), str(user), "all")
        stage.clock.advance(DAY)
    opened(stage.stranger, 3)
    totals = {
        query: page(stage.reader, limit=1, **dict(query))["pagination"]["total"]
        for query in [
            (),
            (("userId", 3),),
            (("entityId", "2"),),
            (("entityId", "all"), ("userId", 2)),
            (("startDate", "2026-11-24"), ("endDate", "2026-11-26")),
            (("startDate", "2026-11-24"), ("endDate", "2026-11-26"), ("userId", 2)),
            (("startDate", "2026-11-24"), ("endDate", "2026-11-26"), ("userId", 2), ("entityId", "2")),
            (("userId", 4711),),
        ]
    }
    assert list(totals.values()) == [6, 3, 2, 2, 3, 2, 2, 0]


def test_it_selects_by_user(stage_on_each: Stage) -> None:
    stage = stage_on_each
    opened(stage.recorder, 1)
    second = opened(stage.recorder, 2)
    anna = opened(stage.recorder, "anna")
    assert numbers(stage.reader, userId=2) == [second]
    assert numbers(stage.reader, userId=one(stage.reader, anna)["userId"]) == [anna]


def test_it_selects_by_entity_whole_sessions(stage_on_each: Stage) -> None:
    stage = stage_on_each
    first, second, third = (opened(stage.recorder) for _ in range(3))
    record(stage.recorder, first, "a", "b")
    record(stage.recorder, second, "b")
    record(stage.recorder, third, "ab", "A", {"entityType": "COUPON", "entityId": "a", "name": "b"})
    assert numbers(stage.reader, entityId="a") == [third, first]
    assert [a["entityId"] for a in page(stage.reader, entityId="a")["data"][1]["activities"]] == ["a", "b"]
    assert numbers(stage.reader, entityId=" b ") == [second, first]
    assert numbers(stage.reader, entityId="c") == []
    assert numbers(stage.reader, entityId="%") == []


def test_any_entity_can_be_asked_for(stage_on_each: Stage) -> None:
    stage = stage_on_each
    entities = ["null", "0", "x" * 255, "a b&c=d", "Zürich 🧭", "'; DROP TABLE session; --", "%", "_", "\\", "x\u2028x"]
    sessions = {entity: opened(stage.recorder) for entity in entities}
    for entity, session in sessions.items():
        record(stage.recorder, session, entity)
    for entity, session in sessions.items():
        assert numbers(stage.reader, entityId=entity) == [session], entity


RANGES: list[tuple[dict[str, str], list[int]]] = [
    ({"startDate": "2026-11-25"}, [25, 26, 27]),
    ({"endDate": "2026-11-25"}, [23, 24, 25]),
    ({"startDate": "2026-11-25", "endDate": "2026-11-25"}, [25]),
    ({"startDate": "2026-11-25 12:04:05"}, [25, 26, 27]),
    ({"startDate": "2026-11-25 12:04:06"}, [26, 27]),
    ({"startDate": "2026-11-25T12:04:05Z"}, [25, 26, 27]),
    ({"startDate": "2026-11-25T12:04:05.123456Z"}, [25, 26, 27]),
    ({"startDate": "2026-11-25T12:04:05.123457Z"}, [26, 27]),
    ({"endDate": "2026-11-25T12:04:05.123456Z"}, [23, 24, 25]),
    ({"endDate": "2026-11-25T12:04:05.123455Z"}, [23, 24]),
    ({"endDate": "2026-11-25T12:04:05Z"}, [23, 24]),
    ({"startDate": "2026-11-25T14:04:05+02:00"}, [25, 26, 27]),
    ({"startDate": "2026-11-25T14:04:06+02:00"}, [26, 27]),
    ({"endDate": "2026-11-25T07:04:06-05:00"}, [23, 24, 25]),
    ({"startDate": "2026-11-28"}, []),
    ({"startDate": "1970-01-01", "endDate": "9999-12-31"}, [23, 24, 25, 26, 27]),
    ({"startDate": "2026-11-25T12:04:05.123456Z", "endDate": "2026-11-25T12:04:05.123456Z"}, [25]),
]


def test_it_selects_by_the_start_in_a_closed_range(stage_on_each: Stage) -> None:
    days(stage_on_each, 5)
    for query, started in RANGES:
        told = page(stage_on_each.reader, **query)["data"]
        assert [int(session["sessionStartTime"][8:10]) for session in told] == started[::-1], query


def test_it_selects_by_the_start_and_not_by_what_happened_later(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    stage.clock.advance(DAY)
    record(stage.recorder, session, "a")
    assert numbers(stage.reader, startDate="2026-11-24") == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"limit": "-1"}, "limit must be a number from 1 to 1000"),
        ({"limit": "0"}, "limit must be a number from 1 to 1000"),
        ({"limit": "1001"}, "limit must be a number from 1 to 1000"),
        ({"limit": "abc"}, "limit must be a number from 1 to 1000"),
        ({"limit": ""}, "limit must be a number from 1 to 1000"),
        ({"limit": "NaN"}, "limit must be a number from 1 to 1000"),
        ({"limit": "9" * 5000}, "limit must be a number from 1 to 1000"),
        ({"offset": "-1"}, "offset must be a number from 0 up"),
        ({"offset": "1.5"}, "offset must be a number from 0 up"),
        ({"offset": str(2**63)}, "offset must be a number from 0 up"),
        ({"userId": "anna"}, "userId must be a number from 1 to 2147483647"),
        ({"userId": "0"}, "userId must be a number from 1 to 2147483647"),
        ({"userId": str(2**31)}, "userId must be a number from 1 to 2147483647"),
        ({"userId": "null"}, "userId must be a number from 1 to 2147483647"),
        ({"userId": ["1", "2"]}, "userId must not be given twice"),
        ({"entityId": ""}, "entityId must not be empty"),
        ({"entityId": "   "}, "entityId must not be empty"),
        ({"entityId": "x" * 256}, "entityId must not be longer than 255 characters"),
        ({"entityId": "a\0b"}, "entityId must not contain the character U+0000"),
        ({"startDate": "2026-13-01"}, "startDate must be a time that exists: month must be in 1..12"),
        ({"endDate": "2026-02-30"}, "endDate must be a time that exists: day is out of range for month"),
        ({"endDate": "2026-11-25T25:00"}, "endDate must be a time that exists: hour must be in 0..23"),
        ({"startDate": "yesterday"}, "startDate must be a time such as 2023-07-13T09:47:03Z"),
        ({"startDate": "25.11.2026"}, "startDate must be a time such as 2023-07-13T09:47:03Z"),
        ({"startDate": ""}, "startDate must be a time such as 2023-07-13T09:47:03Z"),
        ({"startDate": "1969-12-31"}, "startDate must be a time between the years 1970 and 9999"),
        ({"startDate": "2026-11-26", "endDate": "2026-11-25"}, "endDate must not be before startDate"),
    ],
)
def test_it_refuses_what_breaks_a_rule_and_names_the_parameter(
    quiet_stage: Stage, query: dict[str, Any], told: str
) -> None:
    text = message(quiet_stage.reader.get(SESSIONS, params=query), 400)
    assert text.removeprefix("Field ").split(": ")[0] == told.split(": ", maxsplit=1)[0]
    assert text.startswith("Field ")


def test_what_it_does_not_know_is_ignored(stage: Stage) -> None:
    opened(stage.recorder)
    assert len(page(stage.reader, sort="asc", user_id="7", LIMIT="0")["data"]) == 1


def test_each_organisation_sees_its_own_alone(stage_on_each: Stage) -> None:
    stage = stage_on_each
    record(stage.owner, opened(stage.owner, 7), "same")
    session = opened(stage.stranger, 7)
    record(stage.stranger, session, "same")
    for query in ({}, {"userId": 7}, {"entityId": "same"}):
        told = page(stage.stranger, **query)
        assert [(s["sessionId"], s["orgId"]) for s in told["data"]] == [(session, BETA)]
        assert told["pagination"]["total"] == 1


def test_somebody_who_sees_their_own_sessions_alone_counts_no_other(stage_on_each: Stage) -> None:
    stage = stage_on_each
    own = opened(stage.clerk, "clerk")
    record(stage.clerk, own, "same")
    other = opened(stage.recorder, "anna")
    record(stage.recorder, other, "same")
    for query in ({}, {"entityId": "same"}, {"userId": one(stage.reader, own)["userId"]}):
        told = page(stage.clerk, **query)
        assert ([s["sessionId"] for s in told["data"]], told["pagination"]["total"]) == ([own], 1)
    assert page(stage.clerk, userId=one(stage.reader, other)["userId"])["pagination"]["total"] == 0


def test_a_session_of_very_many_activities_is_listed_with_the_first_and_a_warning(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    record(stage.recorder, session, *map(str, range(LISTED_ACTIVITIES)))
    assert page(stage.reader)["warnings"] == []
    record(stage.recorder, session, "last")
    told = page(stage.reader)
    assert len(told["data"][0]["activities"]) == LISTED_ACTIVITIES
    (warning,) = told["warnings"]
    assert (warning["status"], warning["code"]) == (True, 4100)
    assert f"has {LISTED_ACTIVITIES + 1} activities" in warning["message"]
    assert f"GET {path(session)} tells all" in warning["message"]


def test_a_session_that_nobody_minds_is_told_as_over_when_it_was_last_alive(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    stage.clock.advance(600)
    record(stage.recorder, session, "a")
    stage.clock.advance(1799)
    assert stage.core.recorder.close_idle() == 0
    stage.clock.advance(60)
    assert stage.core.recorder.close_idle() == 1
    told = one(stage.reader, session)
    assert (told["sessionStatus"], told["sessionEndTime"]) == ("INACTIVE", "2026-11-23T12:14:05Z")
    assert message(record(stage.recorder, session, "late"), 409) == f"Session {session} has ended"


def test_a_session_is_never_closed_where_the_organisation_says_so(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.core.registry.change_organisation(1, idle_limit=0)
    session = opened(stage.recorder)
    stage.clock.advance(400 * DAY)
    assert stage.core.recorder.close_idle() == 0
    assert one(stage.reader, session)["sessionStatus"] == "ACTIVE"


def test_every_write_keeps_a_session_alive(stage_on_each: Stage) -> None:
    stage = stage_on_each
    session = opened(stage.recorder)
    stage.clock.advance(1500)
    record(stage.recorder, session, "a")
    stage.clock.advance(1500)
    assert stage.core.recorder.close_idle() == 0
    inform(stage.recorder, session, "why")
    stage.clock.advance(1500)
    assert stage.core.recorder.close_idle() == 0
    assert one(stage.reader, session)["sessionStatus"] == "ACTIVE"

"""`POST /api/v1/sessions/{id}/remarks`."""

from typing import Any

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, on_day, opened, problem
from tests.stage import Stage


def test_all_remarks_are_told_oldest_first(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, remarks=[{"reason": "First", "at": on_day("10:00:00")}])
    path = f"{SESSIONS}/{number}/remarks"
    stage_on_each.recorder.post(path, json=[{"reason": "Now", "comment": "c"}])

    response = stage_on_each.recorder.post(path, json=[{"reason": "Late", "at": on_day("11:00:00")}])

    told = [
        {"reason": "First", "at": on_day("10:00:00")},
        {"reason": "Late", "at": on_day("11:00:00")},
        {"reason": "Now", "at": NOW, "comment": "c"},
    ]
    assert response.status_code == 200
    assert response.json() == {"items": told, "updatedAt": NOW}
    assert stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["remarks"] == told
    listed = stage_on_each.reader.get(SESSIONS).json()["items"]
    assert listed[0]["remarks"] == told


def test_a_remark_is_not_repeated_but_one_of_another_time_is_another(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)
    path = f"{SESSIONS}/{number}/remarks"
    for at in (on_day("10:00:00"), on_day("10:00:00"), None, on_day("11:00:00")):
        remark = {"reason": "Same"} if at is None else {"reason": "Same", "at": at}
        stage_on_each.recorder.post(path, json=[remark])
    told = stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["remarks"]
    assert [remark["at"] for remark in told] == [on_day("10:00:00"), on_day("11:00:00")]


def test_an_ended_session_takes_remarks(stage: Stage) -> None:
    number = opened(stage.recorder, startedAt=on_day("10:00:00"), endedAt=on_day("11:00:00"))
    assert stage.recorder.post(f"{SESSIONS}/{number}/remarks", json=[{"reason": "Why"}]).status_code == 200


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "no array": (
        {"reason": "x"},
        problem("invalid", 400, "The body must be a list of 1 to 1000 items", pointer=""),
    ),
    "an empty array": ([], problem("invalid", 400, "The body must be a list of 1 to 1000 items", pointer="")),
    "no reason": ([{"comment": "x"}], problem("missing", 400, "[0].reason is mandatory", pointer="/0/reason")),
    "an empty reason": (
        [{"reason": "x"}, {"reason": "\t"}],
        problem("invalid", 400, "[1].reason must not be empty", pointer="/1/reason"),
    ),
    "a comment with U+0000": (
        [{"reason": "x", "comment": "\0"}],
        problem("invalid", 400, "[0].comment must not contain the character U+0000", pointer="/0/comment"),
    ),
    "a time to come": (
        [{"reason": "x", "at": on_day("13:00:00")}],
        problem("invalid", 400, "[0].at must not be in the future", pointer="/0/at"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_all_because_of(case: str, stage_on_each: Stage) -> None:
    body, told = REFUSED[case]
    number = opened(stage_on_each.recorder)
    before = stage_on_each.dump()
    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/remarks", json=body)
    assert response.json() == told
    assert stage_on_each.dump() == before


def test_an_unknown_session_takes_none(stage: Stage) -> None:
    assert stage.recorder.post(f"{SESSIONS}/1/remarks", json=[{"reason": "x"}]).status_code == 404

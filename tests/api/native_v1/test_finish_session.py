"""`POST /api/v1/sessions/{id}/end`."""

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, activity, on_day, opened, problem
from tests.stage import Stage


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_it_ends_now(body: bytes, stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)

    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/end", content=body)

    assert response.status_code == 200
    assert response.json() == {"id": number, "status": "ended", "endedAt": NOW, "updatedAt": NOW, "remarks": []}
    told = stage_on_each.reader.get(f"{SESSIONS}/{number}").json()
    assert (told["status"], told["closing"], told["endedAt"]) == ("ended", "ended", NOW)


def test_it_ends_then_and_says_why(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"), remarks=[{"reason": "First"}])
    remarks = [{"reason": "Done", "comment": "all of it", "at": on_day("11:00:00")}]

    response = stage_on_each.recorder.post(
        f"{SESSIONS}/{number}/end", json={"at": "2026-11-23T13:00:00+02:00", "remarks": remarks}
    )

    assert response.json() == {
        "id": number,
        "status": "ended",
        "endedAt": on_day("11:00:00"),
        "updatedAt": NOW,
        "remarks": [*remarks, {"reason": "First", "at": NOW}],
    }


def test_the_same_end_may_be_told_again_and_another_may_not(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"))
    path = f"{SESSIONS}/{number}/end"
    told = [
        stage_on_each.recorder.post(path, json={"at": on_day(clock)}).status_code
        for clock in ("11:00:00", "11:00:00", "11:30:00")
    ]
    assert told == [200, 200, 409]
    assert stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["endedAt"] == on_day("11:00:00")
    assert stage_on_each.recorder.post(path).json() == problem("ended", 409, f"Session {number} has ended")


def test_an_end_that_is_known_replaces_the_one_that_the_server_supposed(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(3600)
    stage_on_each.core.recorder.close_idle()

    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/end", json={"at": on_day("12:30:00")})

    assert response.status_code == 200
    told = stage_on_each.reader.get(f"{SESSIONS}/{number}").json()
    assert (told["closing"], told["endedAt"]) == ("ended", on_day("12:30:00"))


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (on_day("09:59:59"), "at must not be before the start of the session"),
        (on_day("10:29:59"), "at must not be before the last activity of the session"),
        (on_day("13:00:00"), "at must not be in the future"),
    ],
)
def test_an_end_must_fit_to_the_session(at: str, reason: str, stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"), activities=[activity(on_day("10:30:00"))])
    before = stage_on_each.dump()
    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/end", json={"at": at, "remarks": [{"reason": "x"}]})
    assert response.json() == problem("invalid", 400, reason, pointer="/at")
    assert stage_on_each.dump() == before


def test_a_bad_remark_keeps_it_from_ending(stage: Stage) -> None:
    number = opened(stage.recorder)
    before = stage.dump()
    response = stage.recorder.post(f"{SESSIONS}/{number}/end", json={"remarks": [{"reason": " "}]})
    assert response.json() == problem(
        "invalid", 400, "remarks[0].reason must not be empty", pointer="/remarks/0/reason"
    )
    assert stage.dump() == before


def test_an_unknown_session_does_not_end(stage: Stage) -> None:
    assert stage.recorder.post(f"{SESSIONS}/1/end").status_code == 404

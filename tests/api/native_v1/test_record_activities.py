"""`POST /api/v1/sessions/{id}/activities`."""

from typing import Any

import pytest

from tests.api.native_v1.samples import NOW, SESSIONS, activity, on_day, opened, problem
from tests.api.native_v1.traveller import VISITS, visit
from tests.stage import Stage


def test_it_tells_what_it_recorded_in_the_order_handed_in(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"))
    done = [activity(on_day("11:00:00"), note=" by phone "), activity(on_day("10:30:00")), activity()]

    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/activities", json=done)

    plain = {"entityType": "CUSTOMER", "entityId": "98662653", "name": "CustomerSearched"}
    assert response.status_code == 200
    assert response.json() == {
        "items": [
            {"seq": 1, "at": on_day("11:00:00"), **plain, "note": "by phone"},
            {"seq": 2, "at": on_day("10:30:00"), **plain},
            {"seq": 3, "at": NOW, **plain},
        ],
        "updatedAt": NOW,
    }


def test_an_ended_session_takes_what_happened_before_its_end(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"), endedAt=on_day("11:00:00"))
    path = f"{SESSIONS}/{number}/activities"
    early, late, later = (activity(on_day(clock)) for clock in ("10:59:59", "11:00:00", "11:00:01"))

    assert stage_on_each.recorder.post(path, json=[early, late]).status_code == 200
    refused = stage_on_each.recorder.post(path, json=[early, later])
    assert refused.status_code == 409
    assert refused.json() == problem("ended", 409, f"Session {number} has ended")
    assert stage_on_each.recorder.post(path, json=[activity()]).status_code == 409
    assert stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["activityCount"] == 2


def test_what_a_session_did_after_the_server_closed_it_opens_it_again(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder)
    stage_on_each.clock.advance(3600)
    stage_on_each.core.recorder.close_idle()
    assert stage_on_each.reader.get(f"{SESSIONS}/{number}").json()["status"] == "ended"

    done = [activity(on_day("12:30:00"))]
    assert stage_on_each.recorder.post(f"{SESSIONS}/{number}/activities", json=done).status_code == 200

    told = stage_on_each.reader.get(f"{SESSIONS}/{number}").json()
    assert (told["status"], told["lastActivityAt"]) == ("active", on_day("12:30:00"))


def test_a_thousand_are_taken_and_one_more_is_not(stage: Stage) -> None:
    number = opened(stage.recorder)
    path = f"{SESSIONS}/{number}/activities"
    assert len(stage.recorder.post(path, json=[activity()] * 1000).json()["items"]) == 1000
    before = stage.dump()
    response = stage.recorder.post(path, json=[activity()] * 1001)
    assert response.status_code == 400
    assert response.json()["errors"] == [{"detail": "The body must be a list of 1 to 1000 items", "pointer": ""}]
    assert stage.dump() == before


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "no array": (
        {"activities": [activity()]},
        problem("invalid", 400, "The body must be a list of 1 to 1000 items", pointer=""),
    ),
    "an empty array": ([], problem("invalid", 400, "The body must be a list of 1 to 1000 items", pointer="")),
    "a bad one among good ones": (
        [activity(), activity(entityId=" "), activity()],
        problem("invalid", 400, "[1].entityId must not be empty", pointer="/1/entityId"),
    ),
    "one that is no object": ([activity(), 7], problem("invalid", 400, "[1] must be an object", pointer="/1")),
    "a number for a text": (
        [activity(entityId=7)],
        problem("invalid", 400, "[0].entityId must be a text of 1 to 255 characters", pointer="/0/entityId"),
    ),
    "an over-long name": (
        [activity(name="x" * 256)],
        problem("invalid", 400, "[0].name must be a text of 1 to 255 characters", pointer="/0/name"),
    ),
    "an over-long note": (
        [activity(note="x" * 4001)],
        problem("invalid", 400, "[0].note must be a text of up to 4000 characters", pointer="/0/note"),
    ),
    "a missing name": (
        [{"entityType": "CUSTOMER", "entityId": "1"}],
        problem("missing", 400, "[0].name is mandatory", pointer="/0/name"),
    ),
    "a field that is not known": (
        [activity(seq=1)],
        problem("bad-field", 400, "[0].seq is not a field of this request", pointer="/0/seq"),
    ),
    "a time before the session": (
        [activity(), activity("2026-11-23T12:04:05.123455Z")],
        problem("invalid", 400, "[1].at must not be before the start of the session", pointer="/1/at"),
    ),
    "a time to come": (
        [activity(on_day("12:30:00"))],
        problem("invalid", 400, "[0].at must not be in the future", pointer="/0/at"),
    ),
    "a time that no wire can spell": (
        [activity("1969-12-31T23:59:59Z")],
        problem("invalid", 400, "[0].at must be a time between the years 1970 and 9999", pointer="/0/at"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_all_because_of(case: str, stage_on_each: Stage) -> None:
    body, told = REFUSED[case]
    number = opened(stage_on_each.recorder)
    before = stage_on_each.dump()

    response = stage_on_each.recorder.post(f"{SESSIONS}/{number}/activities", json=body)

    assert response.json() == told
    assert response.status_code == 400
    assert stage_on_each.dump() == before


def test_an_unknown_session_takes_none(stage: Stage) -> None:
    before = stage.dump()
    response = stage.recorder.post(f"{SESSIONS}/7/activities", json=[activity()])
    assert response.json() == problem("unknown", 404, "There is no session 7")
    assert stage.dump() == before


def test_a_clock_five_minutes_ahead_is_believed(stage: Stage) -> None:
    number = opened(stage.recorder)
    response = stage.recorder.post(f"{SESSIONS}/{number}/activities", json=[activity("2026-11-23T12:09:05.123456Z")])
    assert response.status_code == 200


def test_a_visit_takes_none_not_even_late(stage: Stage) -> None:
    told = stage.recorder.post(VISITS, json=visit("2026-11-23T12:00:00Z")).json()
    response = stage.recorder.post(f"{SESSIONS}/{told['id']}/activities", json=[activity(on_day("12:00:00"))])
    assert response.json() == problem("ended", 409, f"Session {told['id']} has ended")

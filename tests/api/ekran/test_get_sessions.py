"""`GET /ekranapi/sessions`."""

import json
from pathlib import Path

import pytest

from tests.api.ekran.workplace import SESSIONS, numbers, sessions, work
from tests.api.endpoint_v6.agents import at, deliver
from tests.stage import BETA, NOON, Stage

GOLDEN = Path(__file__).parent.parent / "golden" / "ekran_sessions.json"


def test_the_seeds_example_is_answered_byte_by_byte(stage_on_each: Stage) -> None:
    then = "2000-01-23T04:56:07Z"
    work(stage_on_each, then, then, who=16, device="dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg", number=142)
    work(stage_on_each, then, then, who=61, device="1d4fegdr-g3ff-4114-a814-f3aeee14dgdg", number=124)

    told = stage_on_each.reader.get(SESSIONS)

    golden = json.loads(GOLDEN.read_text())
    assert told.status_code == 200
    assert told.headers["content-type"] == "application/json"
    assert told.content == json.dumps(golden, separators=(",", ":")).encode()


def test_nobody_there_is_an_empty_list(stage_on_each: Stage) -> None:
    assert stage_on_each.reader.get(SESSIONS).content == b"[]"
    assert stage_on_each.reader.get(SESSIONS, params={"start": "2021-04-01"}).content == b"[]"


def test_without_a_window_everybody_is_told_uncut_in_order_of_login_and_number(stage_on_each: Stage) -> None:
    work(stage_on_each, "10:00", "11:00", did=["10:30"], number=7)
    work(stage_on_each, "09:00", None, did=["09:30"], number=9)
    work(stage_on_each, "10:00", "10:00", number=5)
    told = sessions(stage_on_each.reader)
    assert [session["sessionId"] for session in told] == [9, 5, 7]
    assert [(session["loginDate"][11:16], (session["logoutDate"] or "")[11:16]) for session in told] == [
        ("09:00", ""),
        ("10:00", "10:00"),
        ("10:00", "11:00"),
    ]


def test_one_who_is_still_there_has_no_logout(stage: Stage) -> None:
    work(stage, "10:00", did=["10:30"])
    assert sessions(stage.reader)[0]["logoutDate"] is None
    assert sessions(stage.reader, start="2021-04-01T10:15")[0]["logoutDate"] is None
    assert sessions(stage.reader, end="2021-04-01T10:15")[0]["logoutDate"] == "2021-04-01T10:15:00.000+00:00"
    assert sessions(stage.reader, end="2021-04-01T10:45")[0]["logoutDate"] == "2021-04-01T10:30:00.000+00:00"


@pytest.mark.parametrize(
    ("window", "login", "logout"),
    [
        ({}, "10:00:00.000", "14:00:00.000"),
        ({"start": "2021-04-01T10:30"}, "11:00:00.500", "14:00:00.000"),
        ({"end": "2021-04-01T13:30"}, "10:00:00.000", "13:00:00.250"),
        ({"start": "2021-04-01T10:30", "end": "2021-04-01T13:30"}, "11:00:00.500", "13:00:00.250"),
        ({"start": "2021-04-01T11:30", "end": "2021-04-01T12:30"}, "12:00:00.999", "12:00:00.999"),
        ({"start": "2021-04-01T11:30", "end": "2021-04-01T11:45"}, "11:30:00.000", "11:45:00.000"),
        ({"start": "2021-04-01T11:00:00.5", "end": "2021-04-01T13:00:00.25"}, "11:00:00.500", "13:00:00.250"),
        ({"start": "2021-04-01", "end": "2021-04-02"}, "10:00:00.000", "14:00:00.000"),
    ],
    ids=str,
)
def test_a_session_is_cut_to_the_window_by_what_was_done(
    stage_on_each: Stage, window: dict[str, str], login: str, logout: str
) -> None:
    work(stage_on_each, "10:00", "14:00", did=["12:00:00.999999", "10:10", "13:00:00.25", "11:00:00.5"])
    (told,) = sessions(stage_on_each.reader, **window)
    assert told["loginDate"] == f"2021-04-01T{login}+00:00"
    assert told["logoutDate"] == f"2021-04-01T{logout}+00:00"


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"end": "2021-04-01T09:59:59"}, [1]),
        ({"end": "2021-04-01T10:00"}, [1, 2]),
        ({"start": "2021-04-01T11:00"}, [1, 2, 3, 4]),
        ({"start": "2021-04-01T11:00:01"}, [1, 3, 4]),
        ({"start": "2021-04-01T13:00:01"}, [1, 4]),
        ({"start": "2021-04-01T10:30", "end": "2021-04-01T11:30"}, [1, 2]),
        ({"start": "2021-04-01T12:30", "end": "2021-04-01T12:30"}, [1, 3]),
        ({"start": "2020-01-01", "end": "2020-12-31"}, []),
        ({"start": "2022-01-01", "end": "2022-12-31"}, [1]),
        ({"start": "0001-01-01T00:00:00"}, [1, 2, 3, 4]),
        ({"start": "1900-01-01", "end": "9999-12-31T23:59:59.9999999"}, [1, 2, 3, 4]),
        ({"end": "9999-12-31T23:59:59-12:00"}, [1, 2, 3, 4]),
        ({"end": "1969-12-31"}, []),
    ],
    ids=str,
)
def test_a_window_selects_who_was_there(stage_on_each: Stage, window: dict[str, str], found: list[int]) -> None:
    work(stage_on_each, "2021-03-01")
    work(stage_on_each, "10:00", "11:00")
    work(stage_on_each, "12:00", "13:00")
    work(stage_on_each, "14:00", "14:00:01")
    assert numbers(stage_on_each.reader, **window) == found


@pytest.mark.parametrize(
    "written",
    [
        "start=2021-04-01T12:00:00Z",
        "start=2021-04-01T12:00:00z",
        "start=2021-04-01t12:00z",
        "start=2021-04-01%2012:00",
        "start=2021-04-01T12:00:00.0000000",
        "start=2021-04-01T12:00:00.0000009Z",
        "start=2021-04-01T14:00:00%2B02:00",
        "start=2021-04-01T14:00:00+02:00",
        "start=2021-04-01T14:00+0200",
        "start=2021-04-01T08:30:00-03:30",
        "start=2021-04-02T02:00:00.000%2B14:00",
        "start=+2021-04-01T12:00",
        "start=2021-04-01T12:00&unknown=1",
    ],
)
def test_noon_may_be_written_in_many_ways(stage: Stage, written: str) -> None:
    work(stage, "11:00", "11:59:59.999999")
    work(stage, "11:00", "12:00")
    assert stage.reader.get(f"{SESSIONS}?{written}").json()[0]["loginDate"] == "2021-04-01T12:00:00.000+00:00"
    assert [told["sessionId"] for told in stage.reader.get(f"{SESSIONS}?{written}").json()] == [2]


def test_sessions_of_activity_v2_are_told(stage_on_each: Stage) -> None:
    """They have no device of their own: the organisation's stands in."""
    stage = stage_on_each
    opened = stage.recorder.post("/v2/activitySessions", json={"userId": "anna", "module": "CARE_DESK"}).json()
    stage.clock.advance(60)
    activity = {"entityId": "98662653", "entityType": "CUSTOMER", "name": "CustomerSearched"}
    path = f"/v2/activitySessions/{opened['sessionId']}"
    assert stage.recorder.post(f"{path}/activities", json={"activities": [activity]}).status_code == 200
    stage.clock.advance(60)
    assert stage.recorder.post(f"{path}/endSession", json={}).status_code == 200

    whole = sessions(stage.reader)
    device = stage.core.registry.organisation(1).device_guid
    assert whole == [
        {
            "clientGuid": device,
            "logoutDate": "2026-11-23T12:06:05.123+00:00",
            "loginDate": "2026-11-23T12:04:05.123+00:00",
            "sessionId": opened["sessionId"],
            "userId": opened["userId"],
        }
    ]
    assert len(device) == 36
    (cut,) = sessions(stage.reader, start="2026-11-23T12:04:06", end="2026-11-23T12:06")
    assert (cut["loginDate"], cut["logoutDate"]) == ("2026-11-23T12:05:05.123+00:00",) * 2


def test_sessions_of_native_v1_are_told_with_their_device(stage_on_each: Stage) -> None:
    stage = stage_on_each
    told = stage.recorder.post(
        "/api/v1/sessions",
        json={
            "login": "anna",
            "device": {"guid": "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg", "name": "desk-7"},
            "startedAt": "2026-11-23T10:00:00+02:00",
            "endedAt": "2026-11-23T09:30:00Z",
        },
    )
    assert told.status_code == 201
    assert sessions(stage.reader) == [
        {
            "clientGuid": "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg",
            "logoutDate": "2026-11-23T09:30:00.000+00:00",
            "loginDate": "2026-11-23T08:00:00.000+00:00",
            "sessionId": told.json()["id"],
            "userId": told.json()["userId"],
        }
    ]


def test_web_visits_are_not_told_and_use_up_no_number(stage_on_each: Stage) -> None:
    stage = stage_on_each
    deliver(stage, at(NOON - 10_000_000), at(NOON - 5_000_000))
    assert work(stage, "10:00", "11:00") == 1
    assert numbers(stage.reader) == numbers(stage.reader, start="2000-01-01", end="2100-01-01") == [1]


def test_every_organisation_has_numbers_and_a_device_of_its_own(stage_on_each: Stage) -> None:
    stage = stage_on_each
    work(stage, "10:00", "11:00")
    work(stage, "10:00", "12:00", organisation=BETA)
    (ours,), (theirs,) = sessions(stage.owner), sessions(stage.stranger)
    assert ours["sessionId"] == theirs["sessionId"] == 1
    assert ours["clientGuid"] != theirs["clientGuid"]
    assert ours["logoutDate"] != theirs["logoutDate"]


def test_head_tells_the_headers_alone(stage: Stage) -> None:
    work(stage, "10:00", "11:00")
    told = stage.reader.request("HEAD", SESSIONS)
    assert (told.status_code, told.content, told.headers["content-type"]) == (200, b"", "application/json")

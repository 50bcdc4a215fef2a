"""`POST /ekranapi/sessions`."""

import json
from typing import Any

import pytest

from tests.api.ekran.workplace import SESSIONS, page, sessions, work
from tests.stage import Stage


@pytest.fixture
def seven(stage_on_each: Stage) -> Stage:
    """Seven sessions, one after the other; the third and the sixth still run."""
    for i in range(1, 8):
        work(stage_on_each, f"{i:02d}:00", None if i % 3 == 0 else f"{i:02d}:30", did=[f"{i:02d}:10"])
    return stage_on_each


def ids(told: list[dict[str, Any]]) -> list[int]:
    return [session["sessionId"] for session in told]


def test_a_session_is_told_with_its_durations(stage_on_each: Stage) -> None:
    work(
        stage_on_each,
        "10:00",
        "11:10:40.002",
        who=61,
        device="1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
        number=124,
        did=["11:00", "10:05", "10:20", "10:36", "11:05"],
    )
    assert (
        stage_on_each.reader.post(SESSIONS).content
        == json.dumps(
            {
                "sessions": [
                    {
                        "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
                        "duration": "01:10:40.0020000",
                        "idleTime": "00:40:00",
                        "loginDate": "2021-04-01T10:00:00.000+00:00",
                        "logoutDate": "2021-04-01T11:10:40.002+00:00",
                        "productivityTime": "00:30:40.0020000",
                        "sessionId": 124,
                        "userId": 61,
                    }
                ]
            },
            separators=(",", ":"),
        ).encode()
    )


@pytest.mark.parametrize(
    ("began", "ended", "duration"),
    [
        ("10:00", "10:00", "00:00:00"),
        ("10:00", "10:00:00.000001", "00:00:00.0000010"),
        ("10:00", "10:00:01", "00:00:01"),
        ("2021-04-01T00:00", "2021-04-01T20:20:40.002", "20:20:40.0020000"),
        ("2021-04-01T00:00", "2021-04-01T23:59:59", "23:59:59"),
        ("2021-04-01T00:00", "2021-04-02T00:00", "1.00:00:00"),
        ("2021-04-01T00:00", "2021-05-11T01:02:03.5", "40.01:02:03.5000000"),
    ],
)
def test_durations_are_spelled_as_dotnet_does(stage: Stage, began: str, ended: str, duration: str) -> None:
    work(stage, began, ended)
    (told,) = page(stage.reader)
    assert (told["duration"], told["idleTime"], told["productivityTime"]) == (duration, "00:00:00", duration)


def test_it_selects_and_cuts_as_get_does(seven: Stage) -> None:
    work(seven, "00:30", "09:00", did=["02:30", "05:15"])
    for window in (
        {},
        {"start": "2021-04-01T02:15"},
        {"end": "2021-04-01T05:20"},
        {"start": "2021-04-01T02:15", "end": "2021-04-01T05:20"},
        {"start": "2021-04-02", "end": "2021-04-03"},
    ):
        names = ("clientGuid", "logoutDate", "loginDate", "sessionId", "userId")
        told = [{name: session[name] for name in names} for session in page(seven.reader, **window)]
        assert told == sessions(seven.reader, **window)


def test_idle_time_is_that_of_the_window_alone(stage: Stage) -> None:
    """A gap over the window's edge is between activities of which one is outside."""
    work(stage, "10:00", "15:00", did=["10:10", "11:10", "11:20", "12:20", "12:30", "14:30"])
    (whole,) = page(stage.reader)
    assert (whole["duration"], whole["idleTime"], whole["productivityTime"]) == ("05:00:00", "04:00:00", "01:00:00")
    (cut,) = page(stage.reader, start="2021-04-01T11:00", end="2021-04-01T14:00")
    assert (cut["loginDate"][11:16], cut["logoutDate"][11:16]) == ("11:10", "12:30")
    assert (cut["duration"], cut["idleTime"], cut["productivityTime"]) == ("01:20:00", "01:00:00", "00:20:00")


def test_one_who_is_still_there_is_measured_up_to_the_last_activity(stage: Stage) -> None:
    work(stage, "10:00", did=["10:10", "10:40"])
    work(stage, "10:00")
    active, idle = page(stage.reader)
    assert (active["logoutDate"], active["duration"], active["idleTime"]) == (None, "00:40:00", "00:30:00")
    assert (idle["logoutDate"], idle["duration"], idle["productivityTime"]) == (None, "00:00:00", "00:00:00")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"sessionCount": 3}, [1, 2, 3]),
        ({"sessionCount": 3, "pageIndex": 0}, [1, 2, 3]),
        ({"sessionCount": 3, "pageIndex": 1}, [4, 5, 6]),
        ({"sessionCount": 3, "pageIndex": 2}, [7]),
        ({"sessionCount": 3, "pageIndex": 3}, []),
        ({"sessionCount": 7, "pageIndex": 1}, []),
        ({"sessionCount": 1, "pageIndex": 6}, [7]),
        ({"sessionCount": 1000, "pageIndex": 2147483647}, []),
        ({"pageIndex": 1}, []),
        ({"sessionCount": 0}, []),
        ({"sessionCount": 0, "pageIndex": 5}, []),
        ({"start": "2021-04-01T02:15", "sessionCount": 2}, [2, 3]),
        ({"start": "2021-04-01T02:15", "sessionCount": 2, "pageIndex": 1}, [4, 5]),
        ({"start": "2021-04-01T05:31", "sessionCount": 2, "pageIndex": 0}, [3, 6]),
        ({"start": "2021-04-01T05:31", "sessionCount": 2, "pageIndex": 1}, [7]),
        ({"end": "2021-04-01T04:15", "sessionCount": 3, "pageIndex": 1}, [4]),
        ({"start": None, "end": None}, [1, 2, 3, 4, 5, 6, 7]),
    ],
    ids=str,
)
def test_pages_are_cut_out_of_the_list_from_the_body_or_the_query_string(
    seven: Stage, wanted: dict[str, Any], found: list[int]
) -> None:
    assert ids(page(seven.reader, **wanted)) == found
    parameters = {name: value for name, value in wanted.items() if value is not None}
    assert ids(seven.reader.post(SESSIONS, params=parameters).json()["sessions"]) == found


def test_the_body_wins_over_the_query_string(seven: Stage) -> None:
    query = {"sessionCount": 2, "pageIndex": 1, "end": "2021-04-01T05:00"}

    def told(**body: Any) -> list[int]:
        return ids(seven.reader.post(SESSIONS, params=query, json=body).json()["sessions"])

    assert told() == [3, 4]
    assert told(pageIndex=0) == [1, 2]
    assert told(sessionCount=1, pageIndex=4) == [5]
    assert told(start="2021-04-01T04:10") == [5]
    assert told(end=None, pageIndex=3) == [7]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}],
    ids=["no type", "JSON", "a form"],
)
@pytest.mark.parametrize("body", [b"", b" \r\n"], ids=["nothing", "blank"])
def test_an_empty_body_asks_for_nothing(seven: Stage, headers: dict[str, str], body: bytes) -> None:
    told = seven.reader.post(SESSIONS, content=body, headers=headers, params={"sessionCount": 1})
    assert ids(told.json()["sessions"]) == [1]


def test_what_is_not_known_in_a_body_is_passed_over(seven: Stage) -> None:
    assert ids(page(seven.reader, sessionCount=1, orderBy="loginDate")) == [1]


def test_all_pages_together_are_the_list(stage_on_each: Stage) -> None:
    """Over more than one page of a thousand, of sessions on many days."""
    for day in range(1, 29):
        for hour in range(24):
            for minute in (0, 20):
                began = f"2021-02-{day:02d}T{hour:02d}:{minute:02d}"
                work(stage_on_each, began, f"2021-02-{day:02d}T{hour:02d}:{minute + 30}")
    whole = [session["sessionId"] for session in sessions(stage_on_each.reader)]
    assert len(whole) == 28 * 24 * 2
    told = [ids(page(stage_on_each.reader, pageIndex=index)) for index in range(3)]
    assert [len(some) for some in told] == [1000, 344, 0]
    assert [number for some in told for number in some] == whole

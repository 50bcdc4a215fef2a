"""`GET /ekranapi/user/getproductivity`."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.ekran.workplace import PRODUCTIVITY, work
from tests.stage import ACME, BETA, Persona, Stage


def productivity(persona: Persona, **window: str) -> list[dict[str, Any]]:
    told = persona.get(PRODUCTIVITY, params=window)
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json"), told.text
    return list(told.json())


def short(told: Sequence[dict[str, Any]]) -> list[tuple[str, str, int, float]]:
    return [(hour["userName"], hour["date"], hour["timeOfDay"], hour["totalMinutes"]) for hour in told]


def test_the_published_example_is_answered(stage_on_each: Stage) -> None:
    stage_on_each.core.registry.change_organisation(ACME, time_zone="Asia/Karachi")
    work(stage_on_each, "2021-09-03T13:00:00Z", "2021-09-03T13:25:49Z", who="userName1")
    assert stage_on_each.reader.get(PRODUCTIVITY).content == (
        b'[{"date":"2021-09-03T00:00:00+05:00","totalMinutes":25.816666666666666,'
        b'"userName":"userName1","timeOfDay":18}]'
    )


def test_nobody_there_is_an_empty_list(stage: Stage) -> None:
    assert stage.reader.get(PRODUCTIVITY).content == b"[]"


def test_minutes_are_told_by_user_day_and_hour_in_that_order(stage_on_each: Stage) -> None:
    day = "2021-04-01T00:00:00+00:00"
    work(stage_on_each, "10:30", "12:15", who="berta")
    work(stage_on_each, "11:00", "11:20", who="anna")
    work(stage_on_each, "2021-03-31T23:50", "00:05", who="anna")
    assert short(productivity(stage_on_each.reader)) == [
        ("anna", "2021-03-31T00:00:00+00:00", 23, 10),
        ("anna", day, 0, 5),
        ("berta", day, 10, 30),
        ("anna", day, 11, 20),
        ("berta", day, 11, 60),
        ("berta", day, 12, 15),
    ]


def test_idle_gaps_do_not_count(stage: Stage) -> None:
    work(stage, "10:00", "10:50", did=["10:05", "10:40"])
    assert [hour["totalMinutes"] for hour in productivity(stage.reader)] == [15]


def test_what_several_sessions_share_counts_once(stage_on_each: Stage) -> None:
    for began, ended in (("10:00", "10:30"), ("10:20", "10:40"), ("10:25", "10:26"), ("10:50", "11:10")):
        work(stage_on_each, began, ended)
    work(stage_on_each, "10:00", "10:30", who="berta")
    day = "2021-04-01T00:00:00+00:00"
    assert short(productivity(stage_on_each.reader)) == [
        ("anna", day, 10, 50),
        ("berta", day, 10, 30),
        ("anna", day, 11, 10),
    ]


def test_one_who_is_still_there_counts_up_to_the_last_activity(stage: Stage) -> None:
    work(stage, "10:00", did=["10:10"])
    work(stage, "12:00")
    assert [(hour["timeOfDay"], hour["totalMinutes"]) for hour in productivity(stage.reader)] == [(10, 10)]


def test_only_what_lies_in_the_window_counts(stage_on_each: Stage) -> None:
    work(stage_on_each, "10:00", "12:00", did=["10:50", "11:00", "11:10", "11:20"])
    window = {"start": "2021-04-01T10:45", "end": "2021-04-01T11:15"}
    told = [(hour["timeOfDay"], hour["totalMinutes"]) for hour in productivity(stage_on_each.reader, **window)]
    assert told == [(10, 10), (11, 10)]
    assert productivity(stage_on_each.reader, start="2022-01-01") == []


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", [("2021-04-01T00:00:00+00:00", 18, 60), ("2021-04-01T00:00:00+00:00", 19, 60)]),
        (
            "Asia/Kolkata",
            [
                ("2021-04-01T00:00:00+05:30", 23, 30),
                ("2021-04-02T00:00:00+05:30", 0, 60),
                ("2021-04-02T00:00:00+05:30", 1, 30),
            ],
        ),
        (
            "Asia/Kathmandu",
            [
                ("2021-04-01T00:00:00+05:45", 23, 15),
                ("2021-04-02T00:00:00+05:45", 0, 60),
                ("2021-04-02T00:00:00+05:45", 1, 45),
            ],
        ),
        ("America/Los_Angeles", [("2021-04-01T00:00:00-07:00", 11, 60), ("2021-04-01T00:00:00-07:00", 12, 60)]),
    ],
)
def test_days_and_hours_are_those_of_the_organisations_clock(
    stage: Stage, zone: str, told: list[tuple[str, int, float]]
) -> None:
    stage.core.registry.change_organisation(ACME, time_zone=zone)
    work(stage, "18:00", "20:00")
    work(stage, "18:00", "18:01", who="berta", organisation=BETA)
    assert [hour[1:] for hour in short(productivity(stage.owner))] == told
    assert short(productivity(stage.stranger)) == [("berta", "2021-04-01T00:00:00+00:00", 18, 1)]


def test_an_hour_that_the_clock_leaves_out_is_not_told(stage: Stage) -> None:
    stage.core.registry.change_organisation(ACME, time_zone="Europe/Berlin")
    work(stage, "2021-03-28T00:30:00Z", "2021-03-28T01:30:00Z")
    assert [hour[1:] for hour in short(productivity(stage.reader))] == [
        ("2021-03-28T00:00:00+01:00", 1, 30),
        ("2021-03-28T00:00:00+01:00", 3, 30),
    ]


def test_an_hour_that_the_clock_shows_twice_is_told_once_with_the_minutes_of_both(stage: Stage) -> None:
    stage.core.registry.change_organisation(ACME, time_zone="Europe/Berlin")
    work(stage, "2021-10-30T23:30:00Z", "2021-10-31T02:15:00Z")
    assert [hour[1:] for hour in short(productivity(stage.reader))] == [
        ("2021-10-31T00:00:00+02:00", 1, 30),
        ("2021-10-31T00:00:00+02:00", 2, 120),
        ("2021-10-31T00:00:00+02:00", 3, 15),
    ]


def test_one_who_sees_only_their_own_is_told_only_their_own(stage_on_each: Stage) -> None:
    work(stage_on_each, "10:00", "10:30", who="clerk")
    work(stage_on_each, "10:00", "10:45", who="anna")
    assert [hour["userName"] for hour in productivity(stage_on_each.clerk)] == ["clerk"]
    assert [hour["userName"] for hour in productivity(stage_on_each.owner)] == ["anna", "clerk"]


def test_more_sessions_than_are_read_at_once_are_summed_up(
    stage_on_each: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sojourn.core.journal.CHUNK", 2)
    for minute in range(10, 20):
        work(stage_on_each, f"10:{minute}", f"10:{minute}:30")
    assert [hour["totalMinutes"] for hour in productivity(stage_on_each.reader)] == [5]

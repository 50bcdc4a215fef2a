"""One session from its opening to its end, answered byte by byte as the golden files have it.

The vendor's pages publish tables of fields and samples of values, no whole answers: the files are made of those.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.activity_v2.care_desk import SESSIONS, path
from tests.stage import Clock, Stage, staged

GOLDEN = Path(__file__).parent.parent / "golden"

RETRIEVED = [
    "pagination",
    "pagination.limit",
    "pagination.offset",
    "pagination.total",
    "data",
    "data.sessionId",
    "data.userId",
    "data.orgId",
    "data.module",
    "data.sessionStartTime",
    "data.sessionEndTime",
    "data.sessionStatus",
    "data.autoUpdateTime",
    "data.activitySessionDetails",
    "data.activitySessionDetails.reason",
    "data.activitySessionDetails.comment",
    "data.activities",
    "data.activities.entityId",
    "data.activities.entityType",
    "data.activities.name",
    "data.activities.addedOn",
    "data.activities.note",
    "warnings",
    "errors",
]
"""The response parameters of `retrieve-session-details` (seed)."""

RECORDED = [
    "activities",
    "activities.entityId",
    "activities.entityType",
    "activities.name",
    "activities.addedOn",
    "activities.note",
    "autoUpdateTime",
    "warnings",
]
"""The response parameters of `record-a-session` (seed, its activities' fields moved under their list)."""

ACTIVITY = {"entityType": "CUSTOMER", "entityId": "98662653", "name": "CustomerSearched", "note": "notes"}
WHY = {"activitySessionDetails": [{"reason": "Changed mobile number", "comment": "Asked for by the customer"}]}

STEPS: list[tuple[str, str, str, str, Any]] = [
    ("create", "2023-07-13T09:45:00", "POST", SESSIONS, {"userId": "75001234", "module": "CARE_DESK"}),
    ("record", "2023-07-13T09:47:03", "POST", path(1, "/activities"), {"activities": [ACTIVITY]}),
    ("retrieve_active", "2023-07-13T09:48:00", "GET", f"{SESSIONS}?userId=75001234", None),
    ("inform", "2023-07-13T09:50:12", "PUT", path(1), WHY),
    ("end", "2023-07-13T09:52:30", "POST", path(1, "/endSession"), None),
    ("get", "2023-07-13T09:53:00", "GET", path(1), None),
    ("retrieve", "2023-07-13T09:54:00", "GET", f"{SESSIONS}?entityId=98662653&startDate=2023-07-13", None),
    ("ended", "2023-07-13T09:55:00", "POST", path(1, "/activities"), {"activities": [ACTIVITY]}),
]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture
def played(database_url: str) -> Iterator[dict[str, str]]:
    """The answers of the play, as their bodies."""
    clock = Clock(at("2023-07-13T09:00:00"))
    with staged(database_url, clock) as stage:
        yield dict(play(stage))


def play(stage: Stage) -> Iterator[tuple[str, str]]:
    for name, when, method, where, body in STEPS:
        stage.clock.now = at(when)
        yield name, stage.recorder.request(method, where, json=body).text


def test_every_answer_is_the_golden_one(played: dict[str, str]) -> None:
    for name, body in played.items():
        golden = (GOLDEN / f"activity_v2_{name}.json").read_text(encoding="utf-8")
        assert json.dumps(json.loads(body), indent=2, ensure_ascii=False) + "\n" == golden, name


def test_every_golden_file_is_played() -> None:
    assert {file.stem for file in GOLDEN.glob("activity_v2_*.json")} == {f"activity_v2_{step[0]}" for step in STEPS}


def fields(value: Any, place: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                here = f"{place}.{name}".lstrip(".")
                yield here
                yield from fields(inner, here)
        case list():
            for inner in value:
                yield from fields(inner, place)


@pytest.mark.parametrize(("name", "published"), [("retrieve", RETRIEVED), ("record", RECORDED)])
def test_the_fields_are_the_published_ones_in_their_order(name: str, published: list[str]) -> None:
    golden = json.loads((GOLDEN / f"activity_v2_{name}.json").read_text(encoding="utf-8"))
    assert list(fields(golden)) == published


def test_the_times_of_one_call_are_the_same_instant() -> None:
    golden = json.loads((GOLDEN / "activity_v2_record.json").read_text(encoding="utf-8"))
    assert golden["activities"][0]["addedOn"] == golden["autoUpdateTime"] == "2023-07-13T09:47:03Z"

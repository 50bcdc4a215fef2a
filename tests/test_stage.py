"""The stage is set as its description says."""

from datetime import UTC, datetime

from sojourn.core.model import SECOND
from tests.stage import NOON, Stage, staged, tables


def test_everybody_is_let_in_as_far_as_the_stage_promises(stage_on_each: Stage) -> None:
    told = {}
    for name, persona in stage_on_each.people.items():
        read = persona.get("/v2/activitySessions").status_code
        write = persona.post("/v2/activitySessions", json={"userId": "clerk", "module": "CARE_DESK"}).status_code
        told[name] = (read, write)
    assert told == {
        "owner": (200, 200),
        "recorder": (200, 200),
        "reader": (200, 403),
        "clerk": (200, 200),
        "outsider": (403, 403),
        "stranger": (200, 200),
        "nobody": (401, 401),
    }


def test_a_second_stage_on_the_same_database_finds_what_the_first_left(database_url: str) -> None:
    with staged(database_url) as first:
        first.owner.post("/v2/activitySessions", json={"userId": 7, "module": "CARE_DESK"})
        kept, people = first.dump(), first.people
    with staged(database_url, first.clock) as second:
        assert {table: rows for table, rows in second.dump().items() if table != "token"} == {
            table: rows for table, rows in kept.items() if table != "token"
        }
        second.take(people)
        assert second.owner.get("/v2/activitySessions").json()["pagination"]["total"] == 1


def test_a_dump_holds_every_table(stage: Stage) -> None:
    assert (
        set(stage.dump())
        == set(tables()) - {"lease"}
        >= {"session", "activity", "remark", "term", "tally", "idempotency"}
    )


def test_the_play_begins_at_noon() -> None:
    assert datetime.fromtimestamp(NOON / SECOND, UTC).isoformat() == "2026-11-23T12:04:05.123456+00:00"

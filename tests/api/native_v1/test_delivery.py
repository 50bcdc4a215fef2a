"""A session that is delivered late, out of order or twice ends up the same as one delivered in order and once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.native_v1.samples import SESSIONS, activity
from tests.stage import Clock, Stage, staged

MINUTE = "2026-11-23T{:02d}:{:02d}:00Z"


def at(minute: int) -> str:
    """A time that many minutes after eight o'clock."""
    return MINUTE.format(8 + minute // 60, minute % 60)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all examples: each brings a person of its own."""
    if request.param == "sqlite":
        with staged(f"sqlite:///{tmp_path_factory.mktemp('delivery') / 'sojourn.db'}", Clock()) as stage:
            yield stage
    else:
        with request.getfixturevalue("postgres_server").database() as url, staged(url, Clock()) as stage:
            yield stage


@st.composite
def sessions(draw: st.DrawFn) -> dict[str, Any]:
    """What happened: a session with its own times, its batches of activities, its remarks."""
    minutes = draw(st.lists(st.integers(0, 120), max_size=8, unique=True))
    done = [activity(at(minute), name=f"Act {minute}", note=f"word{minute}") for minute in minutes]
    cuts = sorted(draw(st.lists(st.integers(0, len(done)), max_size=3)))
    batches = [done[a:b] for a, b in zip([0, *cuts], [*cuts, len(done)], strict=True) if a < b]
    reasons = draw(st.lists(st.sampled_from(["Asked", "Moved"]), max_size=3))
    remarks = [{"reason": reason, "at": at(minute)} for minute, reason in enumerate(reasons)]
    end = draw(st.none() | st.integers(max(minutes, default=0), 121))
    return {"batches": batches, "remarks": remarks, "end": None if end is None else at(end)}


def calls(told: dict[str, Any]) -> list[tuple[str, Any]]:
    """What is to be delivered after the session was opened, in order."""
    parts: list[tuple[str, Any]] = [("activities", batch) for batch in told["batches"]]
    parts += [("remarks", [remark]) for remark in told["remarks"]]
    return parts if told["end"] is None else [*parts, ("end", {"at": told["end"]})]


def deliver(stage: Stage, login: str, parts: list[tuple[int, tuple[str, Any]]], sweeps: set[int]) -> dict[str, Any]:
    """Open a session, deliver its parts (each under its own key) while time passes, and tell what became of it."""
    opening = {"login": login, "startedAt": at(0)}
    number = 0
    for _ in range(2):
        response = stage.owner.post(SESSIONS, json=opening, headers={"Idempotency-Key": login})
        number = response.json()["id"]
    for position, (part, (path, body)) in enumerate(parts):
        if position in sweeps:
            stage.clock.advance(1900)
            stage.core.recorder.close_idle()
        key = {"Idempotency-Key": f"{login}-{part}"}
        response = stage.owner.post(f"{SESSIONS}/{number}/{path}", json=body, headers=key)
        assert response.status_code == 200, (path, body, response.text)
    stage.clock.advance(1900)
    stage.core.recorder.close_idle()
    return state(stage, number)


def state(stage: Stage, number: int) -> dict[str, Any]:
    """All that is known of a session, but for its number, its person, and when and in which order it came to us."""
    told = stage.owner.get(f"{SESSIONS}/{number}").json()
    done = stage.owner.get(f"{SESSIONS}/{number}/activities").json()["items"]
    found = [
        stage.owner.get(SESSIONS, params={"login": told["login"], "text": word}).json()["items"]
        for word in ("word0", "asked", "word7 word8")
    ]
    tally = stage.owner.get(SESSIONS, params={"login": told["login"], "total": "true"}).json()["total"]
    for name in ("id", "login", "userId", "updatedAt"):
        del told[name]
    return {
        **told,
        "activities": [{name: value for name, value in one.items() if name != "seq"} for one in done],
        "found": [len(sessions) for sessions in found],
        "total": tally,
    }


NUMBERS = iter(range(10**9))


@settings(max_examples=25)
@given(told=sessions(), chances=st.lists(st.integers(0, 100), min_size=20, max_size=20))
def test_it_ends_up_the_same(shared: Stage, told: dict[str, Any], chances: list[int]) -> None:
    parts = list(enumerate(calls(told)))
    twice = [part for part, chance in zip(parts, chances, strict=False) if chance % 3 == 0]
    ranked = sorted(zip(chances, range(20), [*parts, *twice], strict=False), key=lambda rank: rank[:2])
    mixed = [part for *_, part in ranked]
    sweeps = {chance % 7 for chance in chances[-2:]}
    in_order = deliver(shared, f"person-{next(NUMBERS)}", parts, set())

    assert deliver(shared, f"person-{next(NUMBERS)}", mixed, sweeps) == in_order
    assert at_once(shared, f"person-{next(NUMBERS)}", told) == in_order


def at_once(stage: Stage, login: str, told: dict[str, Any]) -> dict[str, Any]:
    """The same handed in whole, and twice, by the import."""
    line = {
        "key": login,
        "login": login,
        "startedAt": at(0),
        "activities": [done for batch in told["batches"] for done in batch],
        "remarks": told["remarks"],
    }
    if told["end"] is not None:
        line["endedAt"] = told["end"]
    body = f"{json.dumps(line)}\n{json.dumps(line)}\n"
    first, second = [json.loads(text) for text in stage.owner.post("/api/v1/import", content=body).text.splitlines()]
    assert first["id"] == second["id"]
    stage.clock.advance(1900)
    stage.core.recorder.close_idle()
    return state(stage, first["id"])

"""The door, when access changes under a request."""

from collections.abc import Callable
from itertools import count

import pytest

from sojourn.core.access import Level, Resource
from sojourn.core.errors import Unavailable
from sojourn.web import access
from tests.api.activity_v2.care_desk import SESSIONS, message, opened, page, refusal
from tests.stage import ACME, Stage


def test_a_change_between_the_door_and_the_work_sends_the_request_back_to_the_door(
    stage_on_each: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_on_each
    opened(stage.recorder)
    write: Callable[..., object] = stage.core.recorder.write

    def change_first(*arguments: object) -> object:
        monkeypatch.setattr(stage.core.recorder, "write", write)
        return write(*arguments)

    monkeypatch.setattr(stage.core.recorder, "write", change_first)
    stage.core.registry.set_group(ACME, "Recorders", {Resource.ACTIVITY_SESSIONS: Level.READ})
    assert message(stage.recorder.post(SESSIONS, json={"userId": 7, "module": "x"}), 403)
    assert page(stage.reader)["pagination"]["total"] == 1


def test_access_that_never_stands_still_is_told_as_unavailable(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(stage.recorder)
    epochs = count(1_000_000)
    monkeypatch.setattr(stage.core.registry, "epoch", lambda: next(epochs))
    before = stage.dump()
    told = stage.recorder.post(SESSIONS, json={"userId": 7, "module": "x"})
    assert refusal(told, 503) == (4001, "Authorization status unavailable!")
    assert stage.dump() == before


def test_who_calls_cannot_be_told_without_the_database(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(stage.core.registry, "identify", fail)
    assert refusal(stage.reader.get(SESSIONS), 503) == (4001, "Authorization status unavailable!")


def test_so_many_callers_are_remembered_and_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_REMEMBERED", 2)
    for _ in range(2):
        for persona in (stage.reader, stage.recorder, stage.clerk, stage.owner):
            assert persona.get(SESSIONS).status_code == 200


def test_a_caller_is_known_again_in_each_organisation(stage: Stage) -> None:
    """What is remembered of a caller is remembered of the organisation that they chose."""
    stage.core.registry.add_member(2, stage.reader.email, "Readers")
    reader = stage.roaming(stage.reader)
    for number in (1, 2, 1, 2):
        told = reader.get("/v2/activitySessions/1", headers={"X-Organisation": str(number)})
        assert refusal(told, 404)
    opened(stage.stranger)
    assert reader.get("/v2/activitySessions/1", headers={"X-Organisation": "2"}).status_code == 200
    assert reader.get("/v2/activitySessions/1").status_code == 404

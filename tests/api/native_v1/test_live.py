"""`GET /api/v1/live`: what is going on now, as server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from sojourn.web import live
from tests.api.native_v1.samples import SESSIONS, activity, opened, problem
from tests.console.listening import listening
from tests.stage import Persona, Stage

PATH = "/api/v1/live"


@pytest.fixture
def address(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(live, "SECONDS", 0.02)
    with listening(stage) as address:
        yield address


class Ear:
    """Hears what a stream tells, event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def hear(self) -> tuple[str, dict[str, Any]]:
        """The next change, with its id."""
        found: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line == "" and "data" in found:
                assert found["event"] == "change"
                return found["id"], json.loads(found["data"])
            if name:
                found[name] = value
        raise AssertionError("the stream has ended")

    def begin(self) -> None:
        """Wait until the first look was had: what happens from now on is told."""
        for line in self._lines:
            if line == live.COMMENT.strip():
                return

    def end(self) -> None:
        """Wait until the server ends it."""
        for _ in self._lines:
            pass


@contextmanager
def following(address: str, persona: Persona, **headers: str) -> Iterator[Ear]:
    told = {**persona.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with httpx.stream("GET", address + PATH, headers=told, timeout=30) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Ear(answer)


def began(ear: Ear) -> None:
    ear.begin()  # the answer has begun
    ear.begin()  # and the first look was had


def test_a_session_is_followed_from_its_beginning_to_its_end(address: str, stage: Stage) -> None:
    with following(address, stage.reader) as ear:
        began(ear)
        number = opened(stage.recorder)
        _, told = ear.hear()
        assert told["what"] == "began"
        assert told["session"] == stage.reader.get(f"{SESSIONS}/{number}").json()
        stage.clock.advance(1)
        stage.recorder.post(f"{SESSIONS}/{number}/activities", json=[activity(note="by phone")])
        _, told = ear.hear()
        assert (told["what"], told["latest"]["note"]) == ("active", "by phone")
        stage.clock.advance(1)
        stage.recorder.post(f"{SESSIONS}/{number}/end", json={})
        _, told = ear.hear()
        assert (told["what"], told["session"]["status"]) == ("ended", "ended")


def test_who_comes_back_is_told_what_they_missed(address: str, stage: Stage) -> None:
    with following(address, stage.owner) as other, following(address, stage.reader) as ear:
        began(other)
        began(ear)
        opened(stage.recorder, "one")
        last, _ = ear.hear()
        ear.answer.close()
        opened(stage.recorder, "two")
        assert [other.hear()[1]["session"]["login"] for _ in range(2)] == ["one", "two"]
        with following(address, stage.reader, Last_Event_ID=last) as again:
            assert again.hear()[1]["session"]["login"] == "two"


def test_who_may_see_only_their_own_is_told_of_no_other(address: str, stage: Stage) -> None:
    with following(address, stage.clerk) as ear:
        began(ear)
        opened(stage.recorder, "anna")
        opened(stage.recorder, "clerk")
        assert ear.hear()[1]["session"]["login"] == "clerk"


def test_a_neighbour_is_told_nothing(address: str, stage: Stage) -> None:
    with following(address, stage.stranger) as ear:
        began(ear)
        opened(stage.recorder, "anna")
        opened(stage.stranger, "bob")
        assert ear.hear()[1]["session"]["login"] == "bob"


def test_it_ends_when_access_changes(address: str, stage: Stage) -> None:
    with following(address, stage.reader) as ear:
        began(ear)
        stage.core.registry.revoke(stage.reader.organisation, stage.reader.token)
        ear.end()
    assert stage.reader.get(PATH).status_code == 401


def test_it_needs_to_read_sessions(stage: Stage) -> None:
    answer = stage.outsider.get(PATH)
    assert answer.status_code == 403
    assert answer.json() == problem("forbidden", 403, "This needs Read access to Activity Sessions")
    assert stage.nobody.get(PATH).status_code == 401


def test_more_than_a_process_bears_are_told_to_come_back(
    address: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_WATCHERS", 1)
    with following(address, stage.reader) as ear:
        began(ear)
        answer = httpx.get(address + PATH, headers=stage.owner.headers, timeout=30)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")

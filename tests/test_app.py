"""What the server does beside answering, and how it ends."""

import threading
from pathlib import Path

import pytest

from sojourn import app
from sojourn.core.errors import Unavailable
from sojourn.core.registry import ACCESS_LIFE
from tests.api.activity_v2.care_desk import ACTIVITY, SESSIONS, opened, path
from tests.stage import ACME, Stage, staged


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the house be kept all the time."""
    monkeypatch.setattr(app, "SWEEP_SECONDS", 0.01)


def waited_for(happened: threading.Event) -> bool:
    return happened.wait(60)


def test_it_keeps_house_by_itself(brisk: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with staged(database_url) as stage:
        session = opened(stage.recorder)
        stage.recorder.post(SESSIONS, json={"userId": 7, "module": "x"}, headers={"Idempotency-Key": "k"})
        credentials = {"key": stage.recorder.client_key, "secret": stage.recorder.secret}
        stage.nobody.post("/v3/oauth/token/generate", json=credentials)
        stage.clock.advance(86_400 + ACCESS_LIFE)
        done = threading.Event()
        note_use = stage.core.registry.note_use

        def noted(*arguments: object) -> None:
            note_use(*arguments)  # type: ignore[arg-type]
            done.set()

        monkeypatch.setattr(stage.core.registry, "note_use", noted)
        assert waited_for(done)
        done.clear()
        assert waited_for(done)  # a whole round since the clock was moved
        told = stage.reader.get(path(session)).json()["data"][0]
        kept = stage.dump()
        tokens = stage.core.registry.tokens(ACME)
    assert (told["sessionStatus"], told["sessionEndTime"]) == ("INACTIVE", "2026-11-23T12:04:05Z")
    assert kept["idempotency"] == []
    assert len(kept["token"]) == len(tokens) + 1  # of Beta's one
    assert all(token.parent == 0 for token in tokens)


def test_a_house_that_cannot_be_kept_is_no_end(
    brisk: None, stage: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    errors = iter([Unavailable(), RuntimeError("a detail")])
    again = threading.Event()

    def fail(_limit: int = 500) -> int:
        error = next(errors, None)
        if error:
            raise error
        again.set()
        return 0

    monkeypatch.setattr(stage.core.recorder, "close_idle", fail)
    assert waited_for(again)
    logged = capfd.readouterr().out
    assert "housekeeping waits" in logged
    assert "housekeeping failed" in logged
    assert stage.nobody.get("/healthz").status_code == 200


def test_it_ends_well_when_its_database_is_gone(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_uses: object) -> None:
        raise Unavailable

    closed = threading.Event()
    with staged(sqlite_url) as stage:
        stage.reader.get(SESSIONS)
        monkeypatch.setattr(stage.core.registry, "note_use", fail)
        close = stage.core.engine.close

        def closing() -> None:
            close()
            closed.set()

        monkeypatch.setattr(stage.core.engine, "close", closing)
    assert closed.is_set()


def test_what_waits_to_be_written_is_written_before_it_ends(database_url: str) -> None:
    with staged(database_url) as stage:
        session = opened(stage.recorder)
        people = stage.people
        waiting = [
            stage.start(
                "POST",
                path(session, "/activities"),
                json={"activities": [ACTIVITY]},
                headers=stage.recorder.headers,
            )
            for _ in range(50)
        ]
        answers = [answer.result().status_code for answer in waiting]
    with staged(database_url, stage.clock) as second:
        second.take(people)
        kept = second.reader.get(path(session)).json()["data"][0]["activities"]
    assert answers == [200] * 50
    assert len(kept) == 50


def test_nothing_of_a_server_is_left_when_it_has_ended(sqlite_url: str) -> None:
    before = set(threading.enumerate())
    with staged(sqlite_url) as stage:
        opened(stage.recorder)
        stage.reader.get(SESSIONS)
    assert set(threading.enumerate()) <= before
    assert not Path(f"{sqlite_url.removeprefix('sqlite:///')}-wal").exists()

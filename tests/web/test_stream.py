"""Long answers, that begin well and may end badly."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from sojourn.core.errors import Unavailable
from sojourn.core.presence import Stay
from tests.stage import Stage

SESSIONS = "/ekranapi/sessions"


def test_what_is_wrong_before_the_answer_begins_is_told_as_an_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Iterator[list[Stay]]):
        def __next__(self) -> list[Stay]:
            raise Unavailable

    monkeypatch.setattr(stage.core.journal, "stays", lambda *_: Broken())
    told = stage.owner.get(SESSIONS)
    assert (told.status_code, told.headers["retry-after"]) == (503, "2")


def test_what_goes_wrong_later_ends_the_answer_visibly_short_and_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stays(*_: object) -> Iterator[list[Stay]]:
        yield []
        raise Unavailable

    monkeypatch.setattr(stage.core.journal, "stays", stays)
    with capture_logs() as lines:
        told = stage.owner.get(SESSIONS)
    assert (told.status_code, told.text) == (200, "[")
    by_event = {line["event"]: line for line in lines}
    assert by_event["answer cut short"]["id"] == told.headers["x-cap-requestid"]
    assert by_event["request"]["status"] == 200


def test_head_reads_nothing_but_the_beginning(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def stays(*_: object) -> Iterator[list[Stay]]:
        yield []
        raise AssertionError("nobody asked for more")

    monkeypatch.setattr(stage.core.journal, "stays", stays)
    told = stage.owner.request("HEAD", SESSIONS)
    assert (told.status_code, told.content) == (200, b"")

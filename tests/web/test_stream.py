"""Long answers, that begin well and may end badly."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from sojourn.core.errors import Unavailable
from sojourn.core.presence import Stay
from tests.api.activity_v2.care_desk import opened
from tests.stage import Stage

SESSIONS = "/ekranapi/sessions"
PLAIN = {"Accept-Encoding": "identity"}


def let_it_fail(stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, after: int) -> None:
    """Let the reading of stays fail after so many chunks."""
    opened(stage.owner)
    read = stage.core.journal.stays

    def stays(*asked: object) -> Iterator[list[Stay]]:
        for _ in range(after):
            yield from read(*asked)  # type: ignore[arg-type]
        raise error

    monkeypatch.setattr(stage.core.journal, "stays", stays)


def test_what_is_wrong_before_the_answer_begins_is_told_as_an_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_fail(stage, monkeypatch, Unavailable(), after=0)
    told = stage.owner.get(SESSIONS, headers=PLAIN)
    assert (told.status_code, told.headers["retry-after"]) == (503, "2")


def test_what_goes_wrong_later_ends_the_answer_visibly_short_and_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_fail(stage, monkeypatch, Unavailable(), after=1)
    with capture_logs() as lines:
        told = stage.owner.get(SESSIONS, headers=PLAIN)
    assert told.status_code == 200
    assert told.text.startswith("[{")
    assert not told.text.endswith("]")
    by_event = {line["event"]: line for line in lines}
    assert by_event["answer cut short"]["id"] == told.headers["x-cap-requestid"]
    assert by_event["request"]["status"] == 200


def test_head_reads_nothing_but_the_beginning(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    let_it_fail(stage, monkeypatch, AssertionError("nobody asked for more"), after=1)
    told = stage.owner.request("HEAD", SESSIONS, headers=PLAIN)
    assert (told.status_code, told.content) == (200, b"")

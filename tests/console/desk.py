"""What the tests of pages record, to be looked at."""

import re
from html import unescape
from typing import Any

import httpx

from tests.api.native_v1.samples import activity, on_day, opened
from tests.stage import Persona, Stage

__all__ = ["activity", "on_day", "opened", "worked"]


def markup(answer: httpx.Response) -> str:
    """A page, with the addresses in it as they are on a server of one organisation."""
    return plain(answer.text)


def plain(text: str) -> str:
    """An address, or what holds some, without the organisation."""
    text = re.sub(r"\?organisation=\d+(&amp;|&)", "?", text)
    return re.sub(r"(\?|&amp;|&)organisation=\d+", "", text)


def place(answer: httpx.Response) -> str:
    """Where one has come to."""
    return plain(str(answer.url).removeprefix("http://sojourn.example"))


def link(answer: httpx.Response, text: str) -> str:
    """Where the first link with that text, or that relation, leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*(?:>{re.escape(text)}</a>| rel="{re.escape(text)}")', answer.text)
    assert found, text
    return unescape(found[1]).partition("#")[0]


def worked(persona: Persona, login: str, begin: str, end: str | None = None, **more: Any) -> int:
    """A session of somebody on the day of the play, from `10:00` to `11:00`, or that runs."""
    ended = {} if end is None else {"endedAt": on_day(f"{end}:00")}
    return opened(persona, login, startedAt=on_day(f"{begin}:00"), **ended, **more)


def busy(stage: Stage, count: int) -> int:
    """A session with so many activities, one a second from ten o'clock on."""
    number = worked(stage.recorder, "anna", "08:00")
    for first in range(0, count, 1_000):
        some = [_second(i) for i in range(first, min(first + 1_000, count))]
        path = f"/api/v1/sessions/{number}/activities"
        assert stage.recorder.post(path, json=some).status_code == 200
    return number


def _second(i: int) -> dict[str, Any]:
    minutes, seconds = divmod(i, 60)
    hours, minutes = divmod(minutes, 60)
    return activity(on_day(f"{8 + hours:02d}:{minutes:02d}:{seconds:02d}"), entityId=str(i))

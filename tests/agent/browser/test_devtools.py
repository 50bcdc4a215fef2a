import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sojourn.agent.browser.devtools import BrowserError, DevTools


class Browser:
    """The other end of the pipes."""

    def __init__(self) -> None:
        self.hear, writing = os.pipe()
        reading, self.speak = os.pipe()
        self.devtools = DevTools(reading=reading, writing=writing)

    def say(self, *documents: Any) -> None:
        os.write(self.speak, b"".join(json.dumps(document).encode() + b"\0" for document in documents))

    def heard(self) -> list[Any]:
        return [json.loads(text) for text in os.read(self.hear, 65536).split(b"\0") if text]


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    for descriptor in (made.hear, made.speak, made.devtools.reading, made.devtools.writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_call_tells_its_result_and_keeps_events_for_later(browser: Browser) -> None:
    browser.say(
        {"method": "Page.loaded", "params": {"x": 1}, "sessionId": "S"},
        {"id": 99, "result": {"of": "another"}},
        {"id": 1, "result": {"frameId": "F"}},
    )
    assert browser.devtools.call("Page.navigate", session="S", url="http://site.example/") == {"frameId": "F"}
    assert browser.heard() == [
        {"id": 1, "method": "Page.navigate", "params": {"url": "http://site.example/"}, "sessionId": "S"}
    ]
    event = browser.devtools.event(time.monotonic())
    assert event is not None
    assert (event.method, event.params, event.session) == ("Page.loaded", {"x": 1}, "S")


def test_a_message_that_comes_in_pieces_is_one(browser: Browser) -> None:
    whole = json.dumps({"method": "Page.loaded", "params": {"text": "ä" * 100_000}}).encode() + b"\0"

    def speak() -> None:
        for start in range(0, len(whole), 30_000):
            os.write(browser.speak, whole[start : start + 30_000])

    thread = threading.Thread(target=speak)
    thread.start()
    event = browser.devtools.event(time.monotonic() + 20)
    thread.join()
    assert event is not None
    assert event.params["text"] == "ä" * 100_000


def test_what_the_browser_will_not_do_is_an_error(browser: Browser) -> None:
    browser.say({"id": 1, "error": {"message": "No such thing"}})
    with pytest.raises(BrowserError, match="No such thing"):
        browser.devtools.call("Page.explode")


def test_no_answer_is_an_error(browser: Browser) -> None:
    with pytest.raises(BrowserError, match="no answer"):
        browser.devtools.call("Page.navigate", seconds=0.05)


def test_a_browser_that_goes_away_is_an_error(browser: Browser) -> None:
    os.close(browser.speak)
    with pytest.raises(BrowserError, match="went away"):
        browser.devtools.event(time.monotonic() + 20)
    os.close(browser.hear)
    with pytest.raises(BrowserError, match="went away"):
        browser.devtools.tell("Page.navigate")


def test_without_an_event_the_time_passes(browser: Browser) -> None:
    assert browser.devtools.event(time.monotonic() + 0.02) is None

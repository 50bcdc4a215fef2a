"""What is going on now: a page that fills by itself, and can be held."""

from collections.abc import Callable

from tests.agent.chrome import needs_chromium
from tests.api.native_v1.samples import SESSIONS, activity, opened
from tests.console.axe import serious
from tests.console.browser import PHONE, WIDE, Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import words_of
from tests.stage import Persona, Stage


def test_who_is_there_is_shown_without_scripts_too(signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder, "anna")
    opened(stage.recorder, "bob")
    stage.clock.advance(120)
    told = words_of(signed_in(stage.reader).get("/live"))
    assert "2 sessions run" in told
    assert "anna 2 minutes ago" in told


def test_an_empty_house_says_what_to_do(signed_in: SignedIn, stage: Stage) -> None:
    told = words_of(signed_in(stage.reader).get("/live"))
    assert "0 sessions run" in told
    assert "A session begins when a program opens one" in told


def test_who_may_see_only_their_own_sees_no_other(signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder, "anna")
    told = words_of(signed_in(stage.clerk).get("/live"))
    assert "anna" not in told
    assert "0 sessions run" in told


def test_it_needs_to_read_sessions(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.outsider)
    assert visitor.get("/live").status_code == 403
    assert visitor.get("/live/events").status_code == 403


@needs_chromium
def test_changes_come_in_and_can_be_held(browse_as: Callable[[Persona], Browser], stage: Stage) -> None:
    browser = browse_as(stage.reader)
    opened(stage.recorder, "early")
    browser.open("/live")
    browser.see("Listening")
    number = opened(stage.recorder, "anna")
    browser.see("came in")
    stage.clock.advance(1)
    stage.recorder.post(f"{SESSIONS}/{number}/activities", json=[activity(note="<b>by phone</b>")])
    browser.see("<b>by phone</b>")

    browser.click("[data-live-pause]")
    browser.see("Paused")
    opened(stage.recorder, "bob")
    browser.see("Paused; 1 new")
    assert "bob" not in browser.text("[data-live-list]")
    browser.click("[data-live-pause]")
    browser.see("bob")
    browser.screenshots("live")
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
        browser.look(size, scheme)
        assert serious(browser) == []
        assert browser.too_wide() == 0

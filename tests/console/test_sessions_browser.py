"""Sessions in a real Chromium: found, picked by keyboard and by dragging, ended; and looked at."""

from collections.abc import Callable

from tests.agent.chrome import needs_chromium
from tests.console.browser import PHONE, Browser
from tests.console.desk import activity, on_day, plain, worked
from tests.stage import Persona, Stage

BrowseAs = Callable[[Persona], Browser]

pytestmark = needs_chromium


def test_a_session_is_found_by_what_was_touched_and_ended(stage: Stage, browse_as: BrowseAs) -> None:
    done = [activity(on_day("10:00:30"), entityId="98662653"), activity(on_day("11:30:00"), entityId="7")]
    number = worked(stage.recorder, "anna", "10:00", activities=done)
    browser = browse_as(stage.owner)
    browser.open("/sessions")
    browser.fill("#find", "98662653")
    browser.leave_by(".finder button")
    browser.see("Touched in 1 session by 1 person")
    browser.leave_by(f'main a[href^="/sessions/{number}?at="]')
    browser.see(f"Session {number} of anna")
    assert browser.evaluate("location.hash") == "#a1"
    browser.fill("#end-reason", "Went home")
    browser.leave_by("form[action*='/end'] button")
    browser.see("The session has ended.")
    browser.see("Went home")
    assert plain(browser.path) == f"/sessions/{number}"
    assert browser.complaints == []


def test_days_are_picked_by_keyboard_and_by_dragging(stage: Stage, browse_as: BrowseAs) -> None:
    for day in ("20", "21", "22"):
        begin, end = f"2026-11-{day}T10:00:00Z", f"2026-11-{day}T11:00:00Z"
        told = stage.recorder.post("/api/v1/sessions", json={"login": "anna", "startedAt": begin, "endedAt": end})
        assert told.status_code == 201
    browser = browse_as(stage.reader)
    browser.open("/sessions")
    browser.see("Drag over several")
    assert browser.evaluate("document.querySelectorAll('.bar[tabindex=\"0\"]').length") == 1
    browser.evaluate("document.querySelector('.bar[tabindex=\"0\"]').focus()")
    for _ in range(2):
        browser.press("ArrowLeft")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowLeft", windowsVirtualKeyCode=37, modifiers=8)
    browser.see("2026-11-20 to 2026-11-21 picked")
    browser.evaluate("window.here = true")
    browser.press("Enter")
    browser.wait_for("window.here === undefined && document.readyState === 'complete'")
    browser.see("2 sessions found")
    assert browser.count(".bar[aria-current]") == 2

    bars = browser.evaluate(
        "['2026-11-20', '2026-11-22'].map(day => document.querySelector(`.bar[data-first='${day}'] .room`)"
        ".getBoundingClientRect()).map(box => [box.x + box.width / 2, box.y + box.height / 2])"
    )
    browser.evaluate("window.here = true")
    (x, y), (far, _) = bars
    for kind, at in (("mousePressed", x), ("mouseMoved", (x + far) / 2), ("mouseMoved", far), ("mouseReleased", far)):
        browser.call("Input.dispatchMouseEvent", type=kind, x=at, y=y, button="left", buttons=1, clickCount=1)
    browser.wait_for("window.here === undefined && document.readyState === 'complete'")
    browser.see("3 sessions found")
    assert "from=2026-11-20&to=2026-11-22" in browser.path


def test_no_page_is_wider_than_a_phone(stage: Stage, browse_as: BrowseAs) -> None:
    long = "x" * 200
    number = worked(
        stage.recorder,
        f"login-{long}",
        "10:00",
        module=long,
        device={"guid": long},
        activities=[activity(on_day("10:00:30"), entityId=long, note=long, name=long)],
        remarks=[{"reason": long, "comment": long}],
    )
    browser = browse_as(stage.owner)
    browser.look(PHONE)
    for path in (
        "/sessions", "/sessions?view=lanes", "/sessions?from=x", f"/sessions/{number}", f"/entities?id={long}",
        "/people", "/people/2", "/find?q=1",
    ):  # fmt: skip
        browser.open(path)
        assert browser.too_wide() == 0, path
    browser.look()

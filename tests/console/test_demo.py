"""What `sojourn demo` makes is worth looking at: every page has something to show. Two pictures are the README's.

`SCREENSHOTS=docs/images make test-slow ARGS='-k worth_looking'` takes them again.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from sojourn.agent.browser.devtools import DevTools
from sojourn.cli import main
from sojourn.services import system_clock
from tests.agent.chrome import needs_chromium
from tests.api.native_v1.samples import SESSIONS
from tests.console.axe import serious
from tests.console.browser import PHONE, PICTURES, WIDE, Browser, tab
from tests.console.listening import listening
from tests.console.visitor import visiting
from tests.stage import Clock, Stage, staged

TOKEN = "sojourn-demo-token-for-tests-0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A server on what the demo made."""
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    monkeypatch.setenv("SOJOURN_DATABASE", url)
    made = CliRunner().invoke(main, ["demo"])
    assert made.exit_code == 0, made.output
    with staged(url, Clock(system_clock())) as stage:
        stage.core.registry.begin("nina@example.org", TOKEN)
        yield stage


@contextmanager
def looking(chromium: DevTools, stage: Stage) -> Iterator[Browser]:
    """A tab with the owner signed in."""
    with visiting(stage) as visitor, listening(stage) as address:
        visitor.get("/sign-in")
        visitor.post("/sign-in/token", {"token": TOKEN})
        with tab(chromium, address) as browser:
            browser.give_cookie("sojourn", visitor.session)
            yield browser
        assert browser.complaints == []


def picture(browser: Browser, name: str) -> None:
    """What a reader sees first of a page, for the README."""
    if folder := os.environ.get(PICTURES):
        told = browser.call("Page.captureScreenshot", format="png")
        Path(folder, f"{name}.png").write_bytes(base64.b64decode(told["data"]))


@pytest.mark.slow
@needs_chromium
def test_every_page_of_the_demo_is_worth_looking_at(demo: Stage, chromium: DevTools) -> None:
    visits = demo.send("GET", "/api/v1/visits", headers=HEADERS, params={"limit": 500}).json()["items"]
    slow = min((v for v in visits if v["hasHar"]), key=lambda v: v.get("experienceScore") or 9)
    (session, *_) = demo.send(
        "GET", SESSIONS, headers=HEADERS, params={"status": "ended", "entityType": "CUSTOMER"}
    ).json()["items"]
    touched = demo.send("GET", f"{SESSIONS}/{session['id']}/activities", headers=HEADERS).json()["items"][0]
    pages = {
        "sessions": "/sessions",
        "lanes": "/sessions?view=lanes",
        "session": f"/sessions/{session['id']}",
        "entity": f"/entities?type={touched['entityType']}&id={touched['entityId']}",
        "people": "/people",
        "person": f"/people/{session['userId']}",
        "visits": "/visits",
        "visit": f"/visits/{slow['userSessionId']}",
        "devices": "/devices",
        "agents": "/agents",
        "live": "/live",
        "access": "/access",
        "organisation": "/organisation",
        "account": "/account",
        "system": "/system",
    }
    with looking(chromium, demo) as browser:
        for name, path in pages.items():
            browser.open(path)
            assert browser.count("main h1") == 1, path
            assert browser.count("main .notice > .over") == 0, f"{path}: {browser.text('main')}"
            assert browser.count("main .empty") == 0 or name == "live", path
            if name in ("lanes", "visit"):
                picture(browser, f"readme-{name}")
            browser.screenshots(name)
            for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
                browser.look(size, scheme)
                assert serious(browser) == [], path
                assert browser.too_wide() == 0, path
            browser.look()

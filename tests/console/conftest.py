"""People before browsers: without scripts, which is quick, and in a real Chromium."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sojourn.agent.browser.devtools import DevTools
from sojourn.agent.browser.process import running
from tests.agent.chrome import SETTINGS
from tests.console.browser import Browser, tab
from tests.console.listening import listening
from tests.console.visitor import Visitor, visiting
from tests.stage import Persona, Stage

SignedIn = Callable[[Persona], Visitor]
BrowseAs = Callable[[Persona], Browser]


@pytest.fixture
def visitor(stage: Stage) -> Iterator[Visitor]:
    """Somebody who has not signed in, and has no scripts."""
    with visiting(stage) as visitor:
        yield visitor


@pytest.fixture
def signed_in(stage: Stage) -> Iterator[SignedIn]:
    """Sign a persona in: `signed_in(stage.owner).get("/sessions")`."""
    with ExitStack() as stack:

        def enter(persona: Persona) -> Visitor:
            visitor = stack.enter_context(visiting(stage))
            answer = visitor.sign_in(persona)
            assert visitor.session, answer.text
            return visitor

        yield enter


@pytest.fixture(scope="session")
def chromium() -> Iterator[DevTools]:
    """A Chromium, started when the first test asks. Tests that need it are marked `needs_chromium`."""
    with running(SETTINGS) as devtools:
        yield devtools


@pytest.fixture
def browser(chromium: DevTools, stage: Stage) -> Iterator[Browser]:
    """A tab on the stage's server. The test fails if any page it opened breaks its policy or throws."""
    with listening(stage) as address:
        with tab(chromium, address) as browser:
            yield browser
        assert browser.complaints == []


@pytest.fixture
def browse_as(browser: Browser, signed_in: SignedIn) -> BrowseAs:
    """The tab with a persona signed in: `browse_as(stage.owner).open("/sessions")`."""

    def enter(persona: Persona) -> Browser:
        browser.give_cookie("sojourn", signed_in(persona).session)
        return browser

    return enter

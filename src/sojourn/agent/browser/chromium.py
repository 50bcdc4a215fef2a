"""Pages opened in a Chromium of our own, and the log of what it took to load them."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sojourn.agent.browser.devtools import BrowserError, DevTools, Event
from sojourn.agent.browser.process import BrowserSettings, found, running
from sojourn.agent.browser.traffic import Traffic
from sojourn.agent.clock import now
from sojourn.agent.pages import PageDraft, assemble
from sojourn.agent.weblog import Entry, WebLog
from sojourn.core.report import Browser

QUIET_SECONDS = 0.5
SETTLE_SECONDS = 5.0


def visit(urls: Sequence[str], settings: BrowserSettings) -> WebLog:
    """Open the pages one after another, as one person with one browser would.

    A page that does not load is in the log too, and a note tells why. Raises: BrowserError.
    """
    with running(settings) as devtools:
        browser = _browser(devtools, found(settings))
        tab = _Tab.opened(devtools, settings.page_seconds)
        loads = [tab.load(f"page_{number}", url) for number, url in enumerate(urls)]
    entries = [entry for load in loads for entry in load.entries]
    log = assemble([load.draft for load in loads], entries, browser)
    notes = [f"page: {load.error}" for load in loads if load.error]
    return WebLog(pages=log.pages, entries=log.entries, browser=browser, notes=tuple(notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    draft: PageDraft
    entries: list[Entry]
    error: str | None


@dataclass(slots=True, kw_only=True)
class _Tab:
    """One tab off the record: history, cookies and cache stay in the browser's memory."""

    devtools: DevTools
    session: str
    frame: str
    page_seconds: float
    frames: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, devtools: DevTools, page_seconds: float) -> "_Tab":
        context = devtools.call("Target.createBrowserContext")["browserContextId"]
        devtools.call("Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
        target = devtools.call("Target.createTarget", url="about:blank", browserContextId=context)
        identity = target["targetId"]
        session = devtools.call("Target.attachToTarget", targetId=identity, flatten=True)
        tab = cls(
            devtools=devtools,
            session=session["sessionId"],
            frame=identity,
            page_seconds=page_seconds,
        )
        devtools.call("Page.enable", session=tab.session)
        devtools.call("Network.enable", session=tab.session)
        # Frames of other sites are processes, and conversations, of their own.
        tab._attach_to_frames(tab.session)
        return tab

    def load(self, page: str, url: str) -> _Load:
        """Load one page until it is quiet, or its time is over."""
        traffic = Traffic(page=page, frame=self.frame)
        begun = now()
        deadline = time.monotonic() + self.page_seconds
        try:
            result = self.devtools.call("Page.navigate", session=self.session, seconds=self.page_seconds, url=url)
        except BrowserError:
            result = {}
            traffic.error = f"no answer within {self.page_seconds:g} s"
            self.devtools.tell("Page.stopLoading", session=self.session)
        traffic.error = result.get("errorText") or traffic.error
        # What it said meanwhile is waiting to be taken, even where the time is over.
        self._listen(traffic, max(deadline, time.monotonic() + QUIET_SECONDS))
        if traffic.loaded is None and traffic.error is None:
            error: str | None = f"not loaded within {self.page_seconds:g} s"
        else:
            error = traffic.error
        entries = traffic.finish()
        draft = PageDraft(
            id=page,
            title=self._title() if traffic.error is None else "",
            started=entries[0].started if entries else begun,
            on_content_load=traffic.since_start(traffic.dom_ready),
            on_load=traffic.since_start(traffic.loaded),
        )
        return _Load(draft=draft, entries=entries, error=error)

    def _listen(self, traffic: Traffic, deadline: float) -> None:
        """Take events until the page has loaded and nothing more happens for a while."""
        end = deadline
        while time.monotonic() < end:
            settled = traffic.loaded is not None or traffic.error is not None
            if settled:
                end = min(end, time.monotonic() + SETTLE_SECONDS)
            quiet = settled and not traffic.pending
            wait = min(end, time.monotonic() + QUIET_SECONDS) if quiet else end
            event = self.devtools.event(wait)
            if event is None and quiet:
                return
            if event is not None:
                self._take(traffic, event)

    def _take(self, traffic: Traffic, event: Event) -> None:
        if event.method == "Target.attachedToTarget":
            self._watch(event.params)
        elif event.method == "Page.javascriptDialogOpening":
            self.devtools.tell("Page.handleJavaScriptDialog", session=event.session, accept=True)
        elif event.session == self.session or (event.session in self.frames and event.method.startswith("Network.")):
            traffic.take(event.method, event.params)

    def _watch(self, params: dict[str, Any]) -> None:
        session = params["sessionId"]
        if params["targetInfo"]["type"] == "iframe":
            self.frames.add(session)
            self.devtools.tell("Network.enable", session=session)
            self._attach_to_frames(session)
        self.devtools.tell("Runtime.runIfWaitingForDebugger", session=session)

    def _attach_to_frames(self, session: str) -> None:
        self.devtools.tell(
            "Target.setAutoAttach",
            session=session,
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
        )

    def _title(self) -> str:
        history = self.devtools.call("Page.getNavigationHistory", session=self.session)
        title: str = history["entries"][history["currentIndex"]]["title"]
        return title


def _browser(devtools: DevTools, executable: str) -> Browser:
    product = devtools.call("Browser.getVersion")["product"]
    version = product.partition("/")[2] or None
    name = "Chromium" if "chromium" in os.path.realpath(executable).lower() else "Google Chrome"
    return Browser(name=name, version=version)

"""A real Chromium, driven as a person would: pages are opened, read, clicked, typed into, and looked at.

Whatever a page violates, of its own policy or of the language, is kept as a complaint; the fixture `browser` fails the
test that has any.
"""

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sojourn.agent.browser.devtools import BrowserError, DevTools

PICTURES = "SCREENSHOTS"
"""The variable that names the folder for screenshots; without it none are kept."""

SECONDS = 60.0
WIDE = (1360, 900)
PHONE = (390, 844)
LOOKS = {"light": (WIDE, "light"), "dark": (WIDE, "dark"), "phone": (PHONE, "light")}


@dataclass(slots=True, kw_only=True)
class Browser:
    """One tab, with cookies of its own, on the server at `address`."""

    devtools: DevTools
    session: str
    address: str
    complaints: list[str] = field(default_factory=list)

    def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Have the tab do something."""
        return self.devtools.call(method, session=self.session, seconds=SECONDS, **params)

    def open(self, path: str) -> None:
        """Open a page, and wait until it and what it loads is there."""
        self.evaluate("window.here = true")
        told = self.call("Page.navigate", url=self.address + path)
        assert "errorText" not in told, told
        if "loaderId" in told:  # another document, which may not be there yet
            self.wait_for("window.here === undefined")
        self.settle()

    def settle(self) -> None:
        """Wait until the page is whole."""
        self.wait_for("document.readyState === 'complete'")
        self._listen()

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript, awaited where it is a promise."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true, also while one page follows another."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                if self.evaluate(condition):
                    return
            except BrowserError:
                pass  # the page was just left
            time.sleep(0.02)
        raise AssertionError(f"never true: {condition}; at {self.evaluate('location.href')}")

    def see(self, text: str) -> None:
        """Wait until a text can be read on the page."""
        self.wait_for(f"document.body?.innerText.includes({json.dumps(text)})")

    def text(self, selector: str = "main") -> str:
        """What can be read in the first element that a selector finds."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def count(self, selector: str) -> int:
        """How many elements a selector finds."""
        return int(self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    @property
    def path(self) -> str:
        """Where the tab is."""
        parts = urlsplit(str(self.evaluate("location.href")))
        return f"{parts.path}?{parts.query}".rstrip("?")

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a mouse does."""
        x, y = self._middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def leave_by(self, selector: str) -> None:
        """Click what leads to another page, and wait for it."""
        self.evaluate("window.here = true")
        self.click(selector)
        self.wait_for("window.here === undefined && document.readyState === 'complete'")
        self._listen()

    def _middle(self, selector: str) -> tuple[float, float]:
        found = self.evaluate(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            " found.scrollIntoView({block: 'center', behavior: 'instant'}); const box = found.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        return float(found[0]), float(found[1])

    def fill(self, selector: str, text: str) -> None:
        """Type a text into a field, in the place of what is there."""
        self.evaluate(
            f"(() => {{ const f = document.querySelector({json.dumps(selector)}); f.focus(); f.select?.(); }})()"
        )
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key, such as `Enter`, `Tab` or `ArrowRight`."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32}
        arrows = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        code = {**codes, **arrows}.get(key, ord(key[0].upper()))
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)

    def give_cookie(self, name: str, value: str) -> None:
        """Put a cookie into the jar."""
        self.call("Network.setCookie", name=name, value=value, url=self.address, sameSite="Lax", httpOnly=True)

    def look(self, size: tuple[int, int] = WIDE, scheme: str = "light") -> None:
        """Another size of the window, and the look that the system has."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}  # a picture waits for nothing
        told = [{"name": name, "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", features=told)

    def screenshots(self, name: str) -> None:
        """Pictures of the whole page, light, dark and on a phone, where a folder is named for them."""
        folder = os.environ.get(PICTURES)
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for look, (size, scheme) in LOOKS.items():
            self.look(size, scheme)
            Path(folder, f"{name}-{look}.png").write_bytes(self.picture())
        self.look()

    def picture(self) -> bytes:
        """A picture of the whole page, as PNG."""
        told = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(told["data"])

    def too_wide(self) -> int:
        """How many pixels the page is wider than its window: 0 where nobody must scroll sideways."""
        return int(self.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def _listen(self) -> None:
        """Keep what the page complained of."""
        self.evaluate("1")  # what was said before this is here with its answer
        while (event := self.devtools.event(time.monotonic())) is not None:
            if event.session == self.session and (words := complaint(event.method, event.params)):
                self.complaints.append(f"{words} at {self.path}")


def complaint(method: str, params: dict[str, Any]) -> str:
    """What an event says is wrong with a page, or nothing."""
    match method:
        case "Runtime.exceptionThrown":
            return f"exception: {json.dumps(params['exceptionDetails'])[:600]}"
        case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
            return f"console: {json.dumps(params['args'])[:600]}"
        case "Log.entryAdded":
            entry = params["entry"]
            page_itself = entry["source"] == "network" and "/static/" not in entry.get("url", "")
            if entry["level"] in ("error", "warning") and not page_itself:
                return f"{entry['source']}: {entry['text']} {entry.get('url', '')}"
        case "Audits.issueAdded":
            issue = params["issue"]
            if issue["code"] in ("ContentSecurityPolicyIssue", "MixedContentIssue"):
                return f"issue: {json.dumps(issue['details'])[:600]}"
    return ""


@contextmanager
def tab(devtools: DevTools, address: str) -> Iterator[Browser]:
    """A tab with an empty jar of cookies, gone afterwards; what it complained of is in `complaints`."""
    context = devtools.call("Target.createBrowserContext")["browserContextId"]
    target = devtools.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    session = devtools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser = Browser(devtools=devtools, session=session, address=address)
    for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
        browser.call(f"{domain}.enable")
    browser.look()
    try:
        yield browser
        browser.settle()
    finally:
        devtools.call("Target.disposeBrowserContext", browserContextId=context)

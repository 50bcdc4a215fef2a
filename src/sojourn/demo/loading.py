"""How a page loads: its own request, what that asks for, and what those ask for, over a few connections to each host.

A browser's network log of it (HAR 1.2) can be kept; the page's times are told by the same log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from sojourn.core.model import SECOND, Instant

CONNECTIONS = 6
"""How many a browser opens to a host that speaks HTTP/1.1."""

_KINDS = (
    ("application/javascript", "js", 26, 48_000),
    ("text/css", "css", 8, 22_000),
    ("image/webp", "webp", 40, 34_000),
    ("image/svg+xml", "svg", 14, 3_000),
    ("font/woff2", "woff2", 4, 38_000),
    ("application/json", "json", 18, 6_000),
)
"""What pages load: the type, the name's end, how often, and how many bytes it has (the median)."""

_NAMES = ("app", "vendor", "search", "table", "chart", "map", "user", "order", "icon", "hero", "tile", "form", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a page is like: times in milliseconds, `rate` in bytes a millisecond.

    `heavy` is a request to another host that holds the page up; `late` ones begin after the page is there.
    """

    host: str
    path: str
    others: Sequence[str]
    requests: int
    round_trip: float
    rate: float
    name: float
    answer: float
    status: int = 200
    heavy: tuple[str, float] | None = None
    redirect: bool = False


@dataclass(slots=True)
class _Browser:
    """The connections, and the log."""

    draw: Random
    plan: Plan
    began: Instant
    page: str
    free: dict[str, list[float]] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def fetch(self, ready: float, url: str, mime: str, size: int, wait: float, status: int = 200) -> float:
        """Ask for something as soon as a connection is free; when it was there, in milliseconds after the start."""
        host = url.split("/")[2]
        lanes = self.free.setdefault(host, [])
        timings = {"blocked": -1.0, "dns": -1.0, "connect": -1.0, "ssl": -1.0}
        if len(lanes) < CONNECTIONS:
            timings |= self._opened(new_host=not lanes)
            lanes.append(0.0)
        lane = min(range(len(lanes)), key=lanes.__getitem__)
        blocked = max(0.0, lanes[lane] - ready) + self.draw.uniform(0, 2)
        received = size / self.plan.rate * self.draw.uniform(0.8, 1.4)
        timings |= {"blocked": blocked, "send": self.draw.uniform(0.05, 0.4), "wait": wait, "receive": received}
        took = sum(spent for phase, spent in timings.items() if spent > 0 and phase != "ssl")
        lanes[lane] = ready + took
        self.entries.append(self._entry(ready, took, url, mime, size, status, timings))
        return ready + took

    def _opened(self, *, new_host: bool) -> dict[str, float]:
        """A new connection: of a host that is new its name is looked up first."""
        trip = self.plan.round_trip * self.draw.uniform(0.95, 1.2)
        tls = trip * self.draw.uniform(1.0, 1.4) + 3
        name = {"dns": self.plan.name * self.draw.uniform(0.7, 1.3)} if new_host else {}
        return {**name, "connect": trip + tls, "ssl": tls}

    def _entry(
        self, ready: float, took: float, url: str, mime: str, size: int, status: int, timings: dict[str, float]
    ) -> dict[str, Any]:
        at = datetime.fromtimestamp((self.began + int(ready * 1_000)) / SECOND, UTC)
        headers = {
            "content-type": mime,
            "content-length": str(size),
            "server": "example",
            "cache-control": "max-age=60",
        }
        return {
            "startedDateTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "time": round(took, 2),
            "pageref": self.page,
            "request": {
                "method": "POST" if url.endswith("/collect") else "GET",
                "url": url,
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": "connection", "value": "keep-alive"}],
            },
            "response": {
                "status": status,
                "statusText": {200: "OK", 302: "Found", 404: "Not Found", 503: "Service Unavailable"}.get(status, ""),
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": name, "value": value} for name, value in headers.items()],
                "content": {
                    "size": int(size * (3 if mime.startswith(("text", "application")) else 1)),
                    "mimeType": mime,
                },
                "bodySize": size,
                "redirectURL": "",
            },
            "cache": {},
            "timings": {phase: round(spent, 2) for phase, spent in timings.items()},
        }

    def resource(self, ready: float) -> float:
        """Something that the page needs, of its own host or another."""
        draw = self.draw
        mime, end, _, typical = draw.choices(_KINDS, [kind[2] for kind in _KINDS])[0]
        host = self.plan.host if draw.random() < 0.55 or not self.plan.others else draw.choice(self.plan.others)
        url = f"https://{host}/{end}/{draw.choice(_NAMES)}-{draw.getrandbits(24):06x}.{end}"
        size = max(200, int(draw.lognormvariate(0, 0.9) * typical))
        wait = self.plan.round_trip * draw.uniform(1.0, 1.3) + draw.lognormvariate(2.2, 0.8)
        status = 404 if draw.random() < 0.006 else 200
        return self.fetch(ready, url, mime, size, wait, status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A page that was loaded: milliseconds to its first byte, its contents, itself; and the requests."""

    first_byte: int
    content: int
    load: int
    entries: Sequence[dict[str, Any]]


def loaded(draw: Random, plan: Plan, began: Instant, page: str) -> Loaded:
    """Load a page."""
    browser = _Browser(draw, plan, began, page)
    at = 0.0
    if plan.redirect:
        at = browser.fetch(0, f"https://{plan.host}/start", "text/html", 300, plan.round_trip + 480, 302)
    document = browser.fetch(at, f"https://{plan.host}{plan.path}", "text/html", 18_000, plan.answer, plan.status)
    first_byte = document - browser.entries[-1]["timings"]["receive"]
    if plan.status >= 400:
        return Loaded(
            first_byte=int(first_byte), content=int(document + 5), load=int(document + 9), entries=browser.entries
        )
    head = max(4, plan.requests // 7)
    content = max([browser.resource(document + draw.uniform(2, 40)) for _ in range(head)]) + draw.uniform(20, 90)
    ends = [browser.resource(content + draw.uniform(0, 260)) for _ in range(plan.requests - head)]
    if plan.heavy is not None:
        host, spent = plan.heavy
        ends.append(browser.fetch(content, f"https://{host}/bundle/all.js", "application/javascript", 3_400_000, spent))
    load = max([content, *ends]) + draw.uniform(10, 60)
    for i in range(3):
        browser.fetch(load + 900 * i**2 + draw.uniform(100, 400), f"https://{plan.host}/collect", "text/plain", 60, 80)
    return Loaded(first_byte=int(first_byte), content=int(content), load=int(load), entries=tuple(browser.entries))

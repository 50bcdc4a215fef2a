"""`make bench-console`: what pages about sessions cost: a list of very many, one session in which very much was done.

Each in turns with the same page where there is little, over HTTP: until the first byte, and to the end. Where there is
a Chromium, also how long it takes to load each page.
"""

import json
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlencode

import click

from benchmarks import machine
from benchmarks.databases import ENGINES, Databases
from benchmarks.hosting import Host
from benchmarks.reading import RESULTS, TOKEN, served
from sojourn.agent.browser.process import running
from sojourn.core.model import DAY, SECOND, Instant
from sojourn.web.times import to_seconds
from tests.agent.chrome import SETTINGS, is_missing
from tests.console.browser import tab

FEW = 10_000
"""Sessions of the list that is held against."""

BUSY = 10_000
ROUNDS = 60
LOADS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: milliseconds until the first byte and to the end (95 of 100), and to load (median; 0: not measured)."""

    what: str
    first_byte: float
    whole: float
    load: float
    kilobytes: float


def entered(host: Host) -> str:
    """The cookie of somebody who has signed in."""
    with closing(HTTPConnection("127.0.0.1", host.port)) as connection:
        connection.request("GET", "/sign-in", headers={"Accept": "text/html"})
        door = connection.getresponse()
        bound = str(door.getheader("Set-Cookie")).partition(";")[0]
        (proof, *_) = re.findall(r'name="proof" value="([^"]+)"', door.read().decode())  # masked anew in each form
        body = urlencode({"proof": proof, "token": TOKEN, "next": "/"})
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": bound}
        connection.request("POST", "/sign-in/token", body, form)
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        return next(value for name, value in answer.getheaders() if name == "set-cookie" and "sojourn=" in value)


def work(host: Host, activities: int) -> int:
    """A session of a working day with so many activities; its number."""
    began: Instant = int(time.time()) * SECOND - DAY // 2
    with closing(HTTPConnection("127.0.0.1", host.port, timeout=60)) as connection:

        def post(path: str, body: object) -> dict[str, int]:
            headers = {"Authorization": host.authorization, "Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status in (200, 201), text
            return dict(json.loads(text))

        number = post("/api/v1/sessions", {"login": "busy", "startedAt": to_seconds(began)})["id"]
        apart = DAY // 2 // activities
        for first in range(0, activities, 1_000):
            some = [
                {
                    "entityType": "CUSTOMER",
                    "entityId": str(i % 997),
                    "name": "CustomerSearched",
                    "at": to_seconds(began + i * apart),
                }
                for i in range(first, min(first + 1_000, activities))
            ]
            post(f"/api/v1/sessions/{number}/activities", some)
    return number


def fetched(host: Host, path: str, cookie: str) -> tuple[float, float, int]:
    """Milliseconds to the first byte and to the end, and how many bytes."""
    with closing(HTTPConnection("127.0.0.1", host.port, timeout=60)) as connection:
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.read()[:200])
        first = answer.read(1)
        told = time.perf_counter() - began
        rest = answer.read()
        return told * 1e3, (time.perf_counter() - began) * 1e3, len(first + rest)


def measured(pages: Sequence[tuple[str, Host, str]]) -> list[Page]:
    """Each page, in turns, so that a noisy machine is noisy for all."""
    cookies = {host.port: entered(host) for _, host, _ in pages}
    taken: list[list[tuple[float, float, int]]] = [[] for _ in pages]
    for _ in range(ROUNDS):
        for (_, host, path), times in zip(pages, taken, strict=True):
            times.append(fetched(host, path, cookies[host.port]))
    return [
        Page(
            what=what,
            first_byte=_p95([first for first, _, _ in times]),
            whole=_p95([whole for _, whole, _ in times]),
            load=loaded(host, path, cookies[host.port]),
            kilobytes=times[0][2] / 1_024,
        )
        for (what, host, path), times in zip(pages, taken, strict=True)
    ]


def loaded(host: Host, path: str, cookie: str) -> float:
    """Milliseconds until a Chromium has loaded the page; 0 where there is none."""
    if is_missing():
        return 0
    address, times = f"http://127.0.0.1:{host.port}", []
    with running(SETTINGS) as chromium, tab(chromium, address) as browser:
        browser.give_cookie("sojourn", cookie.partition(";")[0].partition("=")[2])
        for _ in range(LOADS):
            browser.open(path)
            browser.wait_for("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
            times.append(float(browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")))
    return statistics.median(times)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--sessions", default=1_000_000, show_default=True, type=click.IntRange(FEW), help="Of the long list.")
def main(engine: tuple[str, ...], sessions: int) -> None:
    """Measure pages about sessions."""
    today = int(time.time()) * SECOND // DAY * DAY
    rows = []
    with Databases(None) as databases:
        for name in engine or ENGINES:
            with (
                databases.fresh(name) as long,
                databases.fresh(name) as short,
                served(long, sessions, today - 365 * DAY, 365 * DAY // sessions) as many,
                served(short, FEW, today - 365 * DAY, 365 * DAY // FEW) as few,
            ):
                busy, calm = work(many, BUSY), work(few, 20)
                day = f"from={datetime.fromtimestamp(today // SECOND - 180 * 86_400, UTC):%Y-%m-%d}"
                pages = [
                    (f"list of {FEW:,} sessions", few, "/sessions"),
                    (f"list of {sessions:,} sessions", many, "/sessions"),
                    (f"{FEW:,} sessions, of a person since a day", few, f"/sessions?person=user7&{day}"),
                    (f"{sessions:,} sessions, of a person since a day", many, f"/sessions?person=user7&{day}"),
                    (f"an entity among {sessions:,} sessions", many, "/entities?type=CUSTOMER&id=7"),
                    ("session of 20 activities", few, f"/sessions/{calm}"),
                    (f"session of {BUSY:,} activities", many, f"/sessions/{busy}"),
                ]
                for page in measured(pages):
                    print(
                        f"{name:10} {page.what:44} first byte {page.first_byte:7.1f} ms, whole {page.whole:7.1f} ms,"
                        f" loaded {page.load:6.0f} ms, {page.kilobytes:5.1f} KiB",
                        flush=True,
                    )
                    rows.append({"engine": name, **{field: getattr(page, field) for field in Page.__slots__}})
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}-console.json"
    path.write_text(json.dumps({"commit": machine.commit(), "machine": machine.described(), "pages": rows}, indent=2))
    click.echo(f"The figures are in {path}", err=True)


if __name__ == "__main__":
    main()

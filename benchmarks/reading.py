"""`make bench-reading`: what long and wide answers cost, beside what the engines do without us.

- a window of one day in a year of data, against the same day where there is nothing else (`ekran`);
- the stream of everything, in rows a second, against the bare driver reading the same rows;
- how far a server's resident memory grows over a stream of many sessions;
- a list of a thousand visits and one visit's details as JSON and as XML, against the same stack with storage left out.
"""

import asyncio
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import apsw
import click
import psutil
import psycopg

from benchmarks import machine
from benchmarks.databases import ENGINES, OWNER, Databases, core_on
from benchmarks.hosting import SOJOURN, Host, host
from benchmarks.population import ORGANISATION
from sojourn.app import web
from sojourn.config import Settings
from sojourn.core.access import Scope
from sojourn.core.intent import Deliver, Delivered, Open
from sojourn.core.model import DAY, SECOND, ActivityDraft, DeviceDraft, Instant, PersonDraft
from sojourn.core.visit import Source, VisitKept, VisitPage, VisitQuery
from sojourn.services import Services
from sojourn.web.log import configure
from tests.api.endpoint_v6.agents import measured

TOKEN = "a-token-for-benchmarks-alone"
A_DAY = 200
"""Sessions that begin on a day."""

RESULTS = machine.ROOT / "benchmarks" / "results"

_ALL = """SELECT s.started_at, s.id, s.person, d.guid, s.ended_at FROM session AS s
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device
WHERE s.organisation = 1 AND s.kind = 'work' ORDER BY s.started_at, s.id"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio beside its goal; `least` tells on which side of the goal it must be."""

    what: str
    engine: str
    ours: str
    theirs: str
    ratio: float
    goal: float
    least: bool

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal if self.least else self.ratio <= self.goal


def fill(core: Services, first: Instant, sessions: int, apart: int) -> None:
    """Sessions of a company, the lengths from a second to three days, most of them of minutes."""
    draw = random.Random(7)
    clock = core.clock()
    for begin in range(0, sessions, 500):
        intents = []
        for i in range(begin, min(begin + 500, sessions)):
            started_at = first + i * apart
            ended_at = min(started_at + int(2 ** draw.uniform(20, 38)), clock)
            done = ActivityDraft(entity_type="CUSTOMER", entity_id=str(i % 997), name="CustomerSearched", at=ended_at)
            intents.append(
                Open(
                    scope=Scope(ORGANISATION),
                    person=PersonDraft(login=f"user{i % 50}"),
                    device=DeviceDraft(guid=f"device-{i % 40}"),
                    started_at=started_at,
                    ended_at=ended_at,
                    activities=(done,),
                )
            )
        core.recorder.write(intents)


@contextmanager
def served(url: str, sessions: int, first: Instant, apart: int) -> Iterator[Host]:
    """A server on a database with that many sessions."""
    with core_on(url) as core:
        core.migrate()
        core.registry.begin(OWNER, TOKEN)
        core.registry.change_organisation(ORGANISATION, idle_limit=0, rate_limit=1_000_000)
        fill(core, first, sessions, apart)
    with (
        TemporaryDirectory(prefix="sojourn-bench-") as folder,
        host("sojourn", SOJOURN, url, TOKEN, core=None, log=Path(folder) / "log") as running,
    ):
        yield running


def windows(databases: Databases, engine: str) -> Figure:
    """One day in a year of data against the same day in a day of data."""
    today = int(time.time()) * SECOND // DAY * DAY
    day = today - 180 * DAY
    apart = DAY // A_DAY
    path = f"/ekranapi/sessions?start={_spelled(day)}&end={_spelled(day + DAY - SECOND)}"
    with (
        databases.fresh(engine) as year,
        databases.fresh(engine) as one,
        served(year, 365 * A_DAY, today - 365 * DAY, apart) as wide,
        served(one, A_DAY, day, apart) as narrow,
    ):
        ours, theirs = _in_turns(lambda: _fetch(wide, path), lambda: _fetch(narrow, path), 200)
    return Figure(
        "ekran, one day in a year of data against the same day in a day of data, p95",
        engine,
        f"{_p95(ours) * 1e3:.2f} ms",
        f"{_p95(theirs) * 1e3:.2f} ms",
        _p95(ours) / _p95(theirs),
        1.5,
        least=False,
    )


def stream(databases: Databases, engine: str, sessions: int) -> tuple[Figure, Figure]:
    """Everything, over the wire, against the bare driver; and how the server's memory grows meanwhile."""
    now = int(time.time()) * SECOND
    with databases.fresh(engine) as url, served(url, sessions, now - 365 * DAY, 364 * DAY // sessions) as running:
        _fetch(running, f"/ekranapi/sessions?start={_spelled(now - 2 * DAY)}")
        before = psutil.Process(running.pid).memory_info().rss
        ours, theirs = _in_turns(lambda: _fetch(running, "/ekranapi/sessions"), lambda: _driven(url), 5)
        grown = (psutil.Process(running.pid).memory_info().rss - before) / 2**20
    speed, bare = sessions / statistics.median(ours), sessions / statistics.median(theirs)
    return (
        Figure(
            f"ekran, stream of {sessions:,} sessions against the bare driver",
            engine,
            f"{speed:,.0f} rows/s",
            f"{bare:,.0f} rows/s",
            speed / bare,
            0.4,
            least=True,
        ),
        Figure(
            f"growth of resident memory over five streams of {sessions:,} sessions, in MiB",
            engine,
            f"{grown:.1f} MiB",
            "32 MiB",
            grown,
            32,
            least=False,
        ),
    )


class Unstored:
    """Visits out of memory: the same answers, with storage left out."""

    def __init__(self, kept: VisitKept) -> None:
        self._page = VisitPage(visits=tuple(replace(kept, visit=None) for _ in range(1000)), next=None)
        self._kept = kept

    def newest_visit(self, _scope: Scope) -> Instant:
        return self._kept.date

    def visits(self, _query: VisitQuery) -> VisitPage:
        return self._page

    def visit(self, _scope: Scope, _number: int) -> VisitKept:
        return self._kept


def deliver(core: Services, number: int) -> list[Delivered]:
    """So many visits of yesterday, each with all that there is to measure."""
    moment, visit = core.clock() - DAY, measured()
    told = core.recorder.write([
        Deliver(scope=Scope(ORGANISATION), visit=replace(visit, date=moment + i), facets={}, source=Source())
        for i in range(number)
    ])  # fmt: skip
    return [cast(Delivered, one) for one in told]


def visits(databases: Databases, engine: str) -> list[Figure]:
    """A list of a thousand, and details in both formats, against the same stack without storage."""
    with databases.fresh(engine) as url, core_on(url) as core:
        core.migrate()
        core.registry.begin(OWNER, TOKEN)
        core.registry.change_organisation(ORGANISATION, rate_limit=1_000_000)
        name = deliver(core, 1000)[0].user_session_id
        kept = core.journal.visit(Scope(ORGANISATION), name)
        app, bare = web(Settings(), core), web(Settings(), _without_storage(core, kept))
        listed = "/v6/endpoint-data/user-sessions"
        ours, theirs = _in_turns(lambda: _asked(app, listed), lambda: _asked(bare, listed), 40)
        found = [_ratio("endpoint list of 1,000 visits against the same without storage", engine, ours, theirs, 0.35)]
        details = f"{listed}/{name}"
        for form in ("json", "xml"):
            ours, theirs = _in_turns(
                partial(_asked, app, f"{details}.{form}"), partial(_asked, bare, f"{details}.{form}"), 200
            )
            found.append(
                _ratio(f"endpoint details as {form} against the same without storage", engine, ours, theirs, 0.35)
            )
        as_xml, as_json = _in_turns(lambda: _asked(app, f"{details}.xml"), lambda: _asked(app, f"{details}.json"), 200)
        x, j = statistics.median(as_xml), statistics.median(as_json)
        found.append(
            Figure(
                "endpoint details as XML against JSON",
                engine,
                f"{x * 1e3:.2f} ms",
                f"{j * 1e3:.2f} ms",
                x / j,
                2,
                least=False,
            )
        )
        return found


def _without_storage(core: Services, kept: VisitKept) -> Services:
    journal = type(core.journal)(Unstored(kept))  # type: ignore[arg-type]
    return replace(core, journal=journal)


def _ratio(what: str, engine: str, ours: Sequence[float], theirs: Sequence[float], goal: float) -> Figure:
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return Figure(what, engine, f"{mine * 1e3:.2f} ms", f"{bare * 1e3:.2f} ms", bare / mine, goal, least=True)


def _asked(app: Any, path: str) -> None:
    """One request in this process, without a socket."""
    _LOOP.run_until_complete(_call(app, path))


async def _call(app: Any, path: str) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200, message

    await app(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {TOKEN}".encode())],
            "scheme": "http",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        },
        receive,
        send,
    )


_LOOP = asyncio.new_event_loop()


def _fetch(running: Host, path: str) -> None:
    """Read an answer to its end, and throw it away."""
    with closing(HTTPConnection("127.0.0.1", running.port, timeout=600)) as connection:
        connection.request("GET", path, headers={"Authorization": running.authorization})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        while answer.read(2**16):
            pass


def _driven(url: str) -> None:
    """The same rows by the bare driver."""
    if url.startswith("sqlite"):
        with closing(apsw.Connection(url.removeprefix("sqlite:///"))) as file:
            for _ in file.execute(_ALL):
                pass
        return
    with psycopg.connect(url) as server, server.cursor("all") as cursor:
        cursor.itersize = 2_000
        for _ in cursor.execute(_ALL):
            pass


def _in_turns(ours: Callable[[], None], theirs: Callable[[], None], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each, turn by turn, so that a noisy machine is noisy for both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for work in (ours, theirs):
        work()
    for _ in range(rounds):
        for work, times in zip((ours, theirs), taken, strict=True):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
    return taken


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _spelled(at: Instant) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--sessions", default=200_000, show_default=True, type=click.IntRange(1_000), help="Of the stream.")
def main(engine: tuple[str, ...], sessions: int) -> None:
    """Measure long and wide answers."""
    configure("warning")  # a line for each request would be told between the figures
    figures: list[Figure] = []
    with Databases(None) as databases:
        for name in engine or ENGINES:
            for found in (windows(databases, name), *stream(databases, name, sessions), *visits(databases, name)):
                mark = "✓" if found.reached else "✗"
                sign = "≥" if found.least else "≤"
                print(
                    f"{mark} {found.engine:10} {found.ratio:6.2f} ({sign} {found.goal:g})  {found.what}:"
                    f" {found.ours} against {found.theirs}",
                    flush=True,
                )
                figures.append(found)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}-reading.json"
    rows = [{**{name: getattr(f, name) for name in Figure.__slots__}, "reached": f.reached} for f in figures]
    path.write_text(json.dumps({"commit": machine.commit(), "machine": machine.described(), "figures": rows}, indent=2))
    click.echo(f"The figures are in {path}", err=True)


if __name__ == "__main__":
    main()

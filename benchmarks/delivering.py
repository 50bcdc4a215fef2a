"""`make bench-delivering`: visits in batches of 100 over the wire, against the bare driver writing the same rows.

The visits are the published example's, of 200 agents on 300 sites over a day: about 20 rows each, 3 KiB of JSON. The
server is the real one; callers wait for each answer. The driver writes rows that were made before the clock started, a
transaction for each batch, as durably, in the quickest way that we know of each engine. Both take turns.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import click
import psycopg

from benchmarks.databases import ENGINES, OWNER, Databases, core_on
from benchmarks.hosting import SOJOURN, Host, host
from benchmarks.population import ORGANISATION
from sojourn.api.native_v1.deliveries import Sender, hear
from sojourn.atlas import Files
from sojourn.config import Settings
from sojourn.core.access import Scope
from sojourn.core.intent import Deliver
from sojourn.core.model import FIRST_VISIT, Instant
from sojourn.storage.delivering import deliver_visits
from sojourn.storage.engine import Row
from sojourn.storage.sql import load
from sojourn.storage.tables import tables
from sojourn.storage.tally import Tally
from tests.api.native_v1.traveller import VISITS, golden_body

TOKEN = "a-token-for-benchmarks-alone"
BATCH = 100
GOAL = 0.6

_SQL = {text: name for file in ("people", "agents", "visits", "sessions") for name, text in load(file).items()}
_TABLES = {
    "see_agents": "agent",
    "add_sessions": "session",
    "add_visits": "visit",
    "add_reports": "visit_report",
    "add_activities": "activity",
    "add_terms": "term",
}
_TYPES = {"INTEGER": "bigint", "TEXT": "text", "REAL": "float8"}

Write = Callable[[Mapping[str, Sequence[Row]]], None]


def body(draw: random.Random, now: int) -> bytes:
    """A batch."""
    found = []
    for _ in range(BATCH):
        visit = golden_body()
        site = f"www{draw.randrange(300)}.example.org"
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - draw.randrange(86_400)))
        visit |= {"agentId": f"agent-{draw.randrange(200)}", "visitedSite": site, "date": date}
        for page in visit["pages"]:
            page |= {"startedDateTime": date, "url": f"https://{site}/{draw.randrange(1_000)}"}
        found.append(visit)
    return json.dumps(found).encode()


class Captured:
    """A transaction that writes nothing, and keeps what would have been written, by table."""

    def __init__(self, first: int) -> None:
        self.rows: dict[str, Sequence[Row]] = {}
        self._next = first

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        assert parameters is not None
        assert _SQL[statement] == "take_numbers", statement
        return [(self._next + parameters["n"],)]

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        name = _SQL[statement]
        if name == "devices_by_guid":
            return [(organisation, guid, int(guid.removeprefix("agent-")) + 1, None) for organisation, guid in rows]
        if rows:
            self.rows[_TABLES[name]] = [_whole(name, row) for row in rows]
        return [(row[0], row[1], None) for row in rows] if name == "see_agents" else []

    def reserve(self, table: str) -> None:
        """Nobody else is here."""


def _whole(name: str, row: Row) -> Row:
    """A row as its table has it, where the statement makes two columns of one value."""
    if name == "see_agents":
        return (*row[:3], *row[2:])
    return (*row[:14], *row[13:]) if name == "add_sessions" else row


def captured(intents: Sequence[Deliver], first: int, now: Instant) -> Mapping[str, Sequence[Row]]:
    """The rows that a batch has, with numbers from `first` on."""
    transaction = Captured(first)
    deliver_visits(transaction, Tally(transaction), intents, now)
    return transaction.rows


_SEEN = "ON CONFLICT (organisation, device) DO UPDATE SET last_seen = excluded.last_seen, source = excluded.source"
_COUNT = "UPDATE counter SET next = next + 100 WHERE organisation = 1 AND noun = 'visit'"


def sqlite_writer(path: str) -> tuple[apsw.Connection, Write]:
    """Writes through apsw: as durable as Sojourn, and with the same cache."""
    connection = apsw.Connection(path)
    for _ in connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384"):
        pass

    def write(rows: Mapping[str, Sequence[Row]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_COUNT)
        for table, some in rows.items():
            places = ", ".join("?" * len(some[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({places}) {_SEEN if table == 'agent' else ''}", some)
        connection.execute("COMMIT")

    return connection, write


def postgres_writer(url: str) -> "tuple[psycopg.Connection[Row], Write]":
    """Writes through psycopg: prepared statements over arrays in binary, sent in one pipeline."""
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    statements = {}
    for table in _TABLES.values():
        arrays = ", ".join(f"%b::{_TYPES[kind]}[]" for _, kind in tables()[table].columns)
        end = _SEEN if table == "agent" else ""
        statements[table] = f"INSERT INTO {table} SELECT * FROM unnest({arrays}) {end}".encode()

    def write(rows: Mapping[str, Sequence[Row]]) -> None:
        with connection.pipeline(), connection.transaction():
            connection.execute(_COUNT.encode())
            for table, some in rows.items():
                connection.execute(statements[table], [list(column) for column in zip(*some, strict=True)])

    return connection, write


def deliver(running: Host, bodies: Sequence[bytes], connections: int) -> float:
    """Seconds until all are answered, over so many connections."""
    parts = [bodies[i::connections] for i in range(connections)]
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(lambda some: _send(running, some), parts))
    return time.perf_counter() - began


def _send(running: Host, bodies: Sequence[bytes]) -> None:
    headers = {"Authorization": running.authorization, "Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", running.port, timeout=600)) as connection:
        for one in bodies:
            connection.request("POST", VISITS, one, headers)
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status == 200, told
            assert told.count(b'"status":201') == BATCH, told


def measured(databases: Databases, engine: str, batches: int, rounds: int, connections: int) -> list[float]:
    """The ratios of all rounds; each round's figures are printed."""
    draw, now = random.Random(7), int(time.time())
    bodies = [body(draw, now) for _ in range(batches)]
    sender = Sender(scope=Scope(ORGANISATION), address="127.0.0.1", now=now * 1_000_000, key=None)
    atlas = Files(Settings())
    intents = [hear(one, sender, atlas).intents() for one in bodies]
    ratios = []
    with databases.fresh(engine) as ours, databases.fresh(engine) as theirs, TemporaryDirectory() as folder:
        for url in (ours, theirs):
            with core_on(url) as core:
                core.migrate()
                core.registry.begin(OWNER, TOKEN)
                core.registry.change_organisation(ORGANISATION, idle_limit=0, rate_limit=1_000_000)
        sqlite = theirs.startswith("sqlite:///")
        connection, write = sqlite_writer(theirs.removeprefix("sqlite:///")) if sqlite else postgres_writer(theirs)
        log = Path(folder) / "log"
        with closing(connection), host("sojourn", SOJOURN, ours, TOKEN, core=None, log=log) as running:
            deliver(running, bodies[:2], 1)
            number = FIRST_VISIT
            for _ in range(rounds):
                rows = [captured(some, number + i * BATCH, sender.now) for i, some in enumerate(intents)]
                number += batches * BATCH
                mine = deliver(running, bodies, connections)
                began = time.perf_counter()
                for some in rows:
                    write(some)
                bare = time.perf_counter() - began
                ratios.append(bare / mine)
                each = [seconds / batches / BATCH * 1e6 for seconds in (mine, bare)]
                click.echo(f"  {engine}: {each[0]:.0f} µs a visit, driver {each[1]:.0f} µs, {ratios[-1]:.2f}", err=True)
    return ratios


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--batches", default=40, show_default=True, type=click.IntRange(1), help="Of a round.")
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(1), help="The median is told.")
@click.option("--connections", default=8, show_default=True, type=click.IntRange(1), help="That deliver at once.")
def main(engine: tuple[str, ...], batches: int, rounds: int, connections: int) -> None:
    """Measure deliveries of visits."""
    with Databases(None) as databases:
        for name in engine or ENGINES:
            ratios = measured(databases, name, batches, rounds, connections)
            middle = statistics.median(ratios)
            mark = "✓" if middle >= GOAL else "✗"
            print(
                f"{mark} {name:10} {middle:.2f} ({min(ratios):.2f}–{max(ratios):.2f}, ≥ {GOAL}) visits in batches of"
                f" {BATCH} at {connections} connections, against the engine writing the same rows",
                flush=True,
            )


if __name__ == "__main__":
    main()

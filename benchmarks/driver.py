"""The engine: the rows that recording writes, by the bare driver.

`python -m benchmarks.driver URL CALLS ACTIVITIES SECONDS all|activities` writes transactions of so many calls, of so
many activities each, into a settled database, and prints one line of JSON. The tables and their indexes are Sojourn's
own. With `all`, a call's rows are those that Sojourn writes: its session's update, its activities, and the terms that
the session can be found by; with `activities`, the activities alone. The rows are made while the clock stands still.
Each engine is driven in the quickest way that we know of: prepared statements over rows for SQLite, arrays for
PostgreSQL.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import apsw
import msgspec
import psycopg

from benchmarks.population import ORGANISATION, Population
from sojourn.core.terms import activity_terms

Row = tuple[Any, ...]

CHUNK = 5_000
"""About how many activities' rows are made at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, how many seconds that took, and how many of the processor."""

    transactions: int
    calls: int
    rows: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one transaction, each table's in the order of its key."""

    sessions: Sequence[Row]
    activities: Sequence[Row]
    terms: Sequence[Row]

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.sessions) + len(self.activities) + len(self.terms)


@dataclass(slots=True, kw_only=True)
class Work:
    """Makes rows: of so many calls a transaction, of so many activities each. `starts`: when each session began."""

    calls: int
    activities: int
    everything: bool
    starts: Mapping[int, int]
    population: Population
    numbers: "count[int]" = field(default_factory=lambda: count(time.time_ns() // 1000))

    def transaction(self) -> Rows:
        """The rows of one transaction."""
        now = time.time_ns() // 1000
        sessions: Counter[int] = Counter()
        done: list[Row] = []
        terms: set[tuple[int, str, int, int]] = set()
        for _ in range(self.calls):
            session = self.population.session()
            drafts = [self.population.activity() for _ in range(self.activities)]
            sessions[session] += self.activities
            for d in drafts:
                number = next(self.numbers)
                done.append((ORGANISATION, session, now, number, d.entity_type, d.entity_id, d.name, d.note))
            if self.everything:
                terms |= {(ORGANISATION, term, self.starts[session], session) for term in activity_terms(drafts)}
        touched = [(now, n, ORGANISATION, session) for session, n in sorted(sessions.items())]
        return Rows(
            sessions=touched if self.everything else [], activities=sorted(done, key=_place), terms=sorted(terms)
        )


def _place(row: Row) -> Row:
    return row[:4]


_TOUCH = """UPDATE session SET updated_at = ?1, last_seq = last_seq + ?2, activity_count = activity_count + ?2,
    first_at = coalesce(first_at, ?1), last_at = ?1, seen_at = ?1
WHERE organisation = ?3 AND id = ?4 AND ended_at IS NULL"""
_ACTIVITY = "INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_TERM = "INSERT INTO term VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


def sqlite_writer(path: str) -> tuple[apsw.Connection, Callable[[Rows], None]]:
    """Writes through apsw: as durable as Sojourn, and with the same cache."""
    connection = apsw.Connection(path)
    for _ in connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384"):
        pass

    def write(rows: Rows) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement, some in ((_TOUCH, rows.sessions), (_ACTIVITY, rows.activities), (_TERM, rows.terms)):
            if some:
                connection.executemany(statement, some)
        connection.execute("COMMIT")

    return connection, write


_TOUCH_MANY = b"""UPDATE session SET
    updated_at = b.at, last_seq = last_seq + b.n, activity_count = activity_count + b.n,
    first_at = coalesce(first_at, b.at), last_at = b.at, seen_at = b.at
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[]) AS b (at, n, organisation, id)
WHERE session.organisation = b.organisation AND session.id = b.id AND ended_at IS NULL"""
_ACTIVITIES = b"""INSERT INTO activity SELECT * FROM unnest(
    %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[])"""
_TERMS = b"""INSERT INTO term SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::bigint[])
ON CONFLICT DO NOTHING"""


def postgres_writer(url: str) -> "tuple[psycopg.Connection[Row], Callable[[Rows], None]]":
    """Writes through psycopg: prepared statements over arrays in binary, sent in one pipeline."""
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)

    def write(rows: Rows) -> None:
        with connection.pipeline(), connection.transaction():
            for statement, some in ((_TOUCH_MANY, rows.sessions), (_ACTIVITIES, rows.activities), (_TERMS, rows.terms)):
                if some:
                    connection.execute(statement, [list(column) for column in zip(*some, strict=True)])

    return connection, write


_STARTS = "SELECT id, started_at FROM session"


def run(url: str, calls: int, activities: int, seconds: float, everything: bool) -> Written:
    """Write until so many seconds of writing are over."""
    connection, write = sqlite_writer(url[10:]) if url.startswith("sqlite:///") else postgres_writer(url)
    with closing(connection):
        rows_read: list[Any] = connection.execute(_STARTS).fetchall()
        starts: dict[int, int] = dict(rows_read)
        population = Population(sessions=len(starts), seed=time.time_ns())
        work = Work(calls=calls, activities=activities, everything=everything, starts=starts, population=population)
        spent, used, transactions, rows = 0.0, 0.0, 0, 0
        while spent < seconds:
            chunk = [work.transaction() for _ in range(max(1, CHUNK // (calls * activities)))]
            began, used_before = time.perf_counter(), time.process_time()
            for one in chunk:
                write(one)
                transactions += 1
                rows += one.count
                if spent + time.perf_counter() - began >= seconds:
                    break
            spent += time.perf_counter() - began
            used += time.process_time() - used_before
    return Written(transactions=transactions, calls=transactions * calls, rows=rows, seconds=spent, processor=used)


def main() -> None:
    """The command."""
    url, calls, activities, seconds, what = sys.argv[1:]
    written = run(url, int(calls), int(activities), float(seconds), what == "all")
    print(msgspec.json.encode(written).decode())


if __name__ == "__main__":
    main()

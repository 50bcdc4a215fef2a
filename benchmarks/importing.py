"""`make bench-importing`: `sojourn import` of a year of a company, against the bare driver writing the same rows.

Both write into fresh tables with the same indexes, as durably, in transactions of as many sessions, and take turns.
The driver's rows are read from what the import wrote, each transaction's in the order of their keys, before the clock
starts; it inserts a hundred at a time into SQLite, and copies them into PostgreSQL. Counts it writes once, as they are
at the end.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import click
import psycopg
from psycopg import sql

from benchmarks.company import Company
from benchmarks.databases import ENGINES, OWNER, Databases, core_on
from benchmarks.machine import ROOT
from benchmarks.stores import TOKEN
from sojourn.cli.importing import BATCH_LINES
from sojourn.storage.engine import Row
from tests.servers import environment

GOAL = 1 / 3
AT_ONCE = 100

# By which column a row belongs to a session; what belongs to none is written with the last transaction.
TABLES: Mapping[str, str | None] = {
    "session": "id",
    "activity": "session",
    "remark": "session",
    "term": "session",
    "person": None,
    "device": None,
    "tally": None,
}

Batch = Mapping[str, Sequence[Row]]


def begin(url: str) -> None:
    """The tables, and an organisation."""
    with core_on(url) as core:
        core.migrate()
        core.registry.begin(OWNER, TOKEN)


def imported(url: str, file: Path) -> float:
    """How many seconds the command takes, without its start."""
    command = [str(Path(sys.executable).parent / "sojourn"), "import", str(file)]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment(url), check=True, capture_output=True)
    return time.perf_counter() - began


def rows_of(url: str) -> list[Batch]:
    """What an import wrote, transaction by transaction."""
    with core_on(url) as core, core.engine.read() as transaction:
        found: dict[str, dict[int, list[Row]]] = {}
        for table, column in TABLES.items():
            names = _columns(transaction.run(_KEYS[url[:6]], {"table": table}))
            place = None if column is None else names.index(column)
            parts = found.setdefault(table, {})
            for row in transaction.run(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names[:4])}"):
                batch = -1 if place is None else (row[place] - 1) // BATCH_LINES
                parts.setdefault(batch, []).append(row)
    numbers = sorted({number for parts in found.values() for number in parts if number >= 0})
    last = numbers[-1]
    return [
        {table: parts.get(n, []) + (parts.get(-1, []) if n == last else []) for table, parts in found.items()}
        for n in numbers
    ]


# The columns of a table, in their order.
_KEYS = {
    "sqlite": "SELECT name FROM pragma_table_info(:table) ORDER BY cid",
    "postgr": "SELECT column_name FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position",
}


def _columns(rows: Sequence[Row]) -> list[str]:
    return [str(name) for (name,) in rows]


def driven(url: str, batches: Sequence[Batch]) -> float:
    """How many seconds the bare driver takes."""
    began = time.perf_counter()
    if url.startswith("sqlite"):
        _into_file(url.removeprefix("sqlite:///"), batches)
    else:
        _into_server(url, batches)
    return time.perf_counter() - began


def _into_file(path: str, batches: Sequence[Batch]) -> None:
    with closing(apsw.Connection(path)) as file:
        for _ in file.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384"):
            pass
        for batch in batches:
            file.execute("BEGIN IMMEDIATE")
            for table, rows in batch.items():
                for some, row in _some(rows):
                    values = ", ".join([f"({', '.join('?' * len(row))})"] * (len(some) // len(row)))
                    file.execute(f"INSERT INTO {table} VALUES {values}", some)
            file.execute("COMMIT")


def _some(rows: Sequence[Row]) -> Iterator[tuple[tuple[object, ...], Row]]:
    """The values of up to a hundred rows at a time, and the first of the rows."""
    for i in range(0, len(rows), AT_ONCE):
        yield tuple([value for row in rows[i : i + AT_ONCE] for value in row]), rows[i]


def _into_server(url: str, batches: Sequence[Batch]) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as server:
        for batch in batches:
            with server.transaction(), server.cursor() as cursor:
                for table, rows in batch.items():
                    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        for row in rows:
                            copy.write_row(row)


def measured(databases: Databases, engine: str, sessions: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds of the import and of the driver, round by round."""
    taken = []
    with TemporaryDirectory(prefix="sojourn-bench-") as folder:
        file = Path(folder) / "year.ndjson"
        file.write_bytes(b"".join(Company(sessions=sessions).lines()))
        for _ in range(rounds):
            with databases.fresh(engine) as ours, databases.fresh(engine) as theirs:
                begin(ours)
                begin(theirs)
                mine = imported(ours, file)
                taken.append((mine, driven(theirs, rows_of(ours))))
                click.echo(f"  {engine}: {mine:.1f} s, driver {taken[-1][1]:.1f} s", err=True)
    return taken


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--sessions", default=100_000, show_default=True, type=click.IntRange(100), help="Of the year.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="The median is told.")
def main(engine: Sequence[str], sessions: int, rounds: int) -> None:
    """Measure an import against the engine."""
    with Databases(None) as databases:
        for name in engine or ENGINES:
            taken = measured(databases, name, sessions, rounds)
            ratio = statistics.median(bare / mine for mine, bare in taken)
            rate = sessions / statistics.median(mine for mine, _ in taken)
            mark = "✓" if ratio >= GOAL else "✗"
            print(f"{mark} {name:10} {ratio:.2f} (≥ {GOAL:.2f}) import of {sessions:,} sessions, {rate:,.0f} a second")


if __name__ == "__main__":
    main()

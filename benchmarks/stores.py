"""Stores that hold a year of a company, of several sizes: loaded once, and kept in a folder."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec
import psycopg

from benchmarks import machine
from benchmarks.databases import OWNER, core_on
from benchmarks.population import ORGANISATION
from sojourn.api.native_v1.delivery import Delivery
from sojourn.cli.importing import NOBODY, delivered, lines_of
from sojourn.cli.progress import is_watched, progress
from sojourn.core.access import Scope
from sojourn.core.errors import SojournError
from tests.postgres import KeptServer

TOKEN = "a-token-for-benchmarks-alone"
TOLD_SECONDS = 15
TOLD_LINES = 1_000

SETTINGS = {"shared_buffers": "3GB", "max_wal_size": "4GB", "checkpoint_timeout": "15min", "random_page_cost": "1.1"}
"""What an owner of ten million sessions would set, on a machine with memory to spare and no spinning disk. It forgets
nothing that it has answered for: fsync, full_page_writes and synchronous_commit are as they come, on."""

Say = Callable[[str], None]


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a store holds, and what it took to load it: seconds, and what of them the importing process computed.

    `tables` are bytes on disk by table, each with its indexes; `counting` is how many seconds it took to count what is
    busy, which a server does by itself when it is asked, and `sojourn doctor` at once.
    """

    engine: str
    sessions: int
    seed: int
    held: int
    activities: int
    bytes: int
    tables: dict[str, int]
    counting: float | None = None
    seconds: float
    processor: float
    began: str
    commit: str


@dataclass(slots=True)
class Stores:
    """Stores in a folder. A context manager; PostgreSQL is started when it is first asked for, stopped at the end."""

    folder: Path
    seed: int
    say: Say
    _stack: ExitStack = field(default_factory=ExitStack)
    _server: KeptServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def store(self, engine: str, sessions: int, day: date | None = None) -> tuple[str, Loaded]:
        """The URL of a store, which is loaded if it was not, and what is known of it. With a day, of that day alone."""
        name = f"{sessions}" if day is None else f"{sessions}_of_{day:%m_%d}"
        note = self.folder / f"{engine}-{name}.json"
        found = msgspec.json.decode(note.read_bytes(), type=Loaded) if note.exists() else None
        if found is None or found.seed != self.seed:
            self._drop(engine, name)
            found = load(self._url(engine, name), engine, sessions, self.seed, day, self.say)
            note.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
        url = self._url(engine, name)
        if found.counting is None:
            self.say(f"{engine}, {name}: what is busy is counted")
            found = msgspec.structs.replace(found, counting=count(url), bytes=size(url), tables=tables(url))
            note.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
        return url, found

    def _url(self, engine: str, name: str) -> str:
        if engine == "postgresql":
            return self._postgres().named(f"sojourn_scale_{name}")
        self.folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.folder / name}.db"

    def _drop(self, engine: str, name: str) -> None:
        """Make an end of what was loaded in part, or from another seed."""
        if engine == "postgresql":
            self._postgres().drop(f"sojourn_scale_{name}")
            return
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{suffix}").unlink(missing_ok=True)

    def _postgres(self) -> KeptServer:
        if self._server is None:
            data = self.folder / "postgresql"
            data.mkdir(parents=True, exist_ok=True)
            self._server = self._stack.enter_context(KeptServer(data, SETTINGS))
        return self._server


def load(url: str, engine: str, sessions: int, seed: int, day: date | None, say: Say) -> Loaded:
    """Load a year, or a day of it, into an empty database, by what `sojourn import` does."""
    began = datetime.now(UTC)
    with core_on(url) as core:
        core.migrate()
        core.registry.begin(OWNER, TOKEN)
        # Sessions must not be closed meanwhile, nor callers slowed down.
        core.registry.change_organisation(ORGANISATION, idle_limit=0, rate_limit=1_000_000)
    clock, used = time.monotonic(), time.process_time()
    command = [sys.executable, "-m", "benchmarks.company", "--sessions", str(sessions), "--seed", str(seed)]
    command += [] if day is None else ["--day", day.isoformat()]
    what = f"{engine}, {sessions:,} sessions" + ("" if day is None else f", those of {day}")
    with subprocess.Popen(command, cwd=machine.ROOT, stdout=subprocess.PIPE) as generator:
        assert generator.stdout is not None
        _import(url, cast(BinaryIO, generator.stdout), what, None if day else sessions, say)
    seconds, processor = time.monotonic() - clock, time.process_time() - used
    _settle(url)
    with core_on(url) as core, core.engine.read() as transaction:
        ((held, activities),) = transaction.run("SELECT count(*), sum(activity_count) FROM session")
    return Loaded(
        engine=engine,
        sessions=sessions,
        seed=seed,
        held=held,
        activities=int(activities),
        bytes=size(url),
        tables=tables(url),
        seconds=seconds,
        processor=processor,
        began=began.isoformat(timespec="seconds"),
        commit=machine.commit(),
    )


def _import(url: str, stream: BinaryIO, what: str, sessions: int | None, say: Say) -> None:
    """Raises: SojournError, where a line is refused."""
    began = told_at = time.monotonic()
    with core_on(url) as core, progress(what) as told:
        delivery = Delivery(scope=Scope(ORGANISATION), principal=NOBODY, keep=False)
        for done, (_, verdict) in enumerate(delivered(core.recorder, delivery, lines_of(stream)), 1):
            if isinstance(verdict, SojournError):
                raise verdict
            if done % TOLD_LINES == 0:
                told(done, sessions)
                now = time.monotonic()
                if now - told_at >= TOLD_SECONDS and not is_watched():
                    told_at = now
                    rate = done / (now - began)
                    left = "" if sessions is None else f", {(sessions - done) / rate / 60:.1f} min left"
                    say(f"{what}: {done:,} in, {rate:,.0f}/s{left}")


def count(url: str) -> float:
    """Have busy terms counted; how many seconds that takes."""
    began = time.monotonic()
    with core_on(url) as core:
        core.migrate()
        core.recorder.seek_busy()
        while core.recorder.count_busy(1_000):
            pass
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE tally")
    return time.monotonic() - began


def _settle(url: str) -> None:
    """Leave nothing half done that a run would have to finish: PostgreSQL's statistics, SQLite's log."""
    if url.startswith("sqlite"):
        with core_on(url) as core, core.engine.write() as transaction:
            transaction.run("SELECT 1")
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def size(url: str) -> int:
    """Bytes on disk."""
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        return sum(path.stat().st_size for path in (Path(file), Path(f"{file}-wal")) if path.exists())
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


_TABLES_OF_SQLITE = """SELECT m.tbl_name, sum(d.pgsize) FROM dbstat AS d JOIN sqlite_master AS m ON m.name = d.name
WHERE d.aggregate = TRUE GROUP BY m.tbl_name"""
_TABLES_OF_POSTGRESQL = """SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class AS c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""


def tables(url: str) -> dict[str, int]:
    """Bytes on disk by table, with its indexes."""
    is_file = url.startswith("sqlite")
    with core_on(url) as core, core.engine.read() as transaction:
        rows = transaction.run(_TABLES_OF_SQLITE if is_file else _TABLES_OF_POSTGRESQL)
    return {name: int(count) for name, count in rows if count > 0}

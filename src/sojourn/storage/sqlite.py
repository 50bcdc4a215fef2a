"""SQLite: one file, one writer, readers that do not wait for it.

Write-ahead log with `synchronous=FULL`: a transaction that has ended is on disk. `secure_delete` overwrites what is
deleted.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import apsw

from sojourn.core.errors import Invalid, Unavailable
from sojourn.storage.checkpoint import Checkpointer
from sojourn.storage.engine import Placement, Row, Transaction, batch_columns, plain_insert, statements, with_batch
from sojourn.storage.turn import Turn

WAIT_SECONDS = 10.0
TURN_SECONDS = 0.0005
"""How long a process that may not write yet rests before it looks again.

SQLite by itself rests up to a tenth of a second: of several that write without pause one had the file to itself, and
others waited for seconds (docs/decisions/0190-workers-are-forked.md).
"""

CACHE_KIBIBYTES = 16_384
ROWS_AT_ONCE = 100
"""Rows that one statement inserts: to begin one costs as much as to insert a row."""

# The file cannot be used, now or until somebody mends it: no bug of ours.
_AWAY = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.IOError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
)

_SETTINGS = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -{CACHE_KIBIBYTES};
"""


@cache
def _per_row(statement: str) -> str:
    columns = ", ".join(f"?{i} AS {name}" for i, (name, _) in enumerate(batch_columns(statement), 1))
    return with_batch(statement, f"(SELECT {columns}) AS batch")


@cache
def _many_rows(statement: str) -> str | None:
    """The statement for `ROWS_AT_ONCE` rows, where it inserts them as they are."""
    plain = plain_insert(statement)
    if plain is None:
        return None
    table, columns = plain
    row = f"({', '.join('?' for _ in columns)})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * ROWS_AT_ONCE)}"


class SQLiteTransaction:
    """Statements on one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self._connection.execute(statement, dict(parameters or {})).fetchall()

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        if not rows:
            return []
        many = _many_rows(statement) if len(rows) >= ROWS_AT_ONCE else None
        begun = 0
        if many:
            begun = len(rows) - len(rows) % ROWS_AT_ONCE
            for i in range(0, begun, ROWS_AT_ONCE):
                self._connection.execute(many, tuple(chain.from_iterable(rows[i : i + ROWS_AT_ONCE])))
        return self._connection.executemany(_per_row(statement), rows[begun:]).fetchall()

    def reserve(self, table: str) -> None:
        """Nobody else writes anything meanwhile."""


def _make_private(path: Path) -> None:
    """The file, readable by its owner alone where it is new; what SQLite puts beside it gets the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable from error


class SQLiteEngine:
    """A database in a file. `wait` is how long, in seconds, somebody else's writing is waited for."""

    def __init__(self, path: Path, wait: float = WAIT_SECONDS) -> None:
        _make_private(path)
        self._path = path
        self._wait = wait
        self._writing = Turn()
        self._lending = threading.Lock()
        self._readers: list[apsw.Connection] = []
        self._closed = False
        self._gives_up_at = 0.0
        self._writer = self._connect()
        self._writer.set_busy_handler(self._wait_for_turn)
        self._checkpointer = Checkpointer(self._connect(), self._writing)
        self._checkpointer.watch(self._writer)

    def _wait_for_turn(self, _attempt: int) -> bool:
        """Look again soon: of processes that write all the time, who looks seldom seldom finds the moment between."""
        time.sleep(TURN_SECONDS)
        return time.monotonic() < self._gives_up_at

    def _connect(self) -> apsw.Connection:
        try:
            connection = apsw.Connection(str(self._path))
            try:
                connection.set_busy_timeout(int(self._wait * 1_000))
                self._settle(connection)
            except BaseException:
                connection.close()
                raise
        except apsw.NotADBError as error:
            raise Invalid("database", f"is a file that is no SQLite database: {self._path}") from error
        except _AWAY as error:
            raise Unavailable() from error
        return connection

    def _settle(self, connection: apsw.Connection) -> None:
        """Apply the settings. Of several that turn to the log at once SQLite makes one busy without letting it wait."""
        # Else whatever is given for a LIMIT has a statement prepared anew, which takes several times as long as a page.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        end = time.monotonic() + self._wait
        while True:
            try:
                connection.execute(_SETTINGS).fetchall()
                return
            except apsw.BusyError:
                if time.monotonic() >= end:
                    raise
                time.sleep(0.01)

    @contextmanager
    def read(self) -> Iterator[SQLiteTransaction]:
        with self._reader() as connection:
            connection.execute("BEGIN")
            try:
                yield SQLiteTransaction(connection)
            finally:
                if connection.in_transaction:  # some errors end it
                    connection.execute("ROLLBACK")

    def peek(self, statement: str) -> list[Row]:
        with self._reader() as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def _reader(self) -> Iterator[apsw.Connection]:
        """A connection that nobody else has until it comes back."""
        with self._lending:
            if self._closed:
                raise Unavailable
            connection = self._readers.pop() if self._readers else None
        if connection is None:
            connection = self._connect()
        try:
            yield connection
        except _AWAY as error:
            raise Unavailable() from error
        finally:
            self._take_back(connection)

    def _take_back(self, connection: apsw.Connection) -> None:
        with self._lending:
            if self._closed:
                connection.close()
            else:
                self._readers.append(connection)

    @contextmanager
    def write(self) -> Iterator[SQLiteTransaction]:
        if not self._writing.take(self._wait):
            raise Unavailable
        self._gives_up_at = time.monotonic() + self._wait
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield SQLiteTransaction(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # some errors end it
                    self._writer.execute("ROLLBACK")
                raise
        except _AWAY as error:
            raise Unavailable() from error
        finally:
            self._writing.give()

    def script(self, transaction: Transaction, text: str) -> None:
        for statement in statements(text):
            transaction.run(statement)

    def unplaced(self, transaction: Transaction, placements: Sequence[Placement]) -> list[Placement]:
        return []

    def place(self, transaction: Transaction, placement: Placement) -> None:
        raise NotImplementedError("a file is on one machine")

    @property
    def file(self) -> Path | None:
        return self._path

    def size(self) -> int:
        log = self._path.with_name(f"{self._path.name}-wal")
        return sum(file.stat().st_size for file in (self._path, log) if file.exists())

    def faults(self, *, quick: bool) -> list[str]:
        if quick:
            return []
        try:
            with self.read() as transaction:
                return [str(line) for (line,) in transaction.run("PRAGMA integrity_check") if line != "ok"]
        except Unavailable as error:
            if isinstance(error.__cause__, apsw.CorruptError):
                return [str(error.__cause__)]
            raise

    def scrub(self, tables: Sequence[str], *, whole: bool) -> bool:
        """What is deleted is overwritten, but for copies in the gaps of pages whose rows once moved to another page.

        Only to write all pages anew leaves no gap behind. The log, which may hold what was deleted, is cut off.
        """
        try:
            with self._writing, closing(self._connect()) as connection:
                if whole:
                    connection.execute("PRAGMA temp_store = FILE").fetchall()  # it may be larger than the memory
                    connection.execute("VACUUM").fetchall()
                ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except _AWAY as error:
            raise Unavailable from error
        return whole and not busy

    def close(self) -> None:
        self._checkpointer.close()
        with self._writing:
            self._writer.close()
        with self._lending:  # what is lent is closed when it comes back
            self._closed = True
            while self._readers:
                self._readers.pop().close()

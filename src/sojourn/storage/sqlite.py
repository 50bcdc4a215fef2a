"""SQLite: one file, one writer, readers that do not wait for it.

Write-ahead log with `synchronous=FULL`: a transaction that has ended is on disk. `secure_delete` overwrites what is
deleted.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from sojourn.core.errors import Invalid, Unavailable
from sojourn.storage.engine import Row, Transaction, batch_columns, statements, with_batch

BUSY_MILLISECONDS = 10_000
CACHE_KIBIBYTES = 16_384

# The file cannot be used, now or until somebody mends it: no bug of ours.
_AWAY = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.IOError,
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


class SQLiteTransaction:
    """Statements on one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self._connection.execute(statement, dict(parameters or {})).fetchall()

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        if not rows:
            return []
        return self._connection.executemany(_per_row(statement), rows).fetchall()


def _make_private(path: Path) -> None:
    """The file, readable by its owner alone where it is new; what SQLite puts beside it gets the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable from error


class SQLiteEngine:
    """A database in a file."""

    def __init__(self, path: Path) -> None:
        _make_private(path)
        self._path = path
        self._writing = threading.Lock()
        self._readers: list[apsw.Connection] = []
        self._all: list[apsw.Connection] = []
        self._writer = self._connect()

    def _connect(self) -> apsw.Connection:
        try:
            connection = apsw.Connection(str(self._path))
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            for _ in connection.execute(_SETTINGS):
                pass
        except apsw.NotADBError as error:
            raise Invalid("database", f"is a file that is no SQLite database: {self._path}") from error
        except _AWAY as error:
            raise Unavailable() from error
        self._all.append(connection)
        return connection

    @contextmanager
    def read(self) -> Iterator[SQLiteTransaction]:
        with self._reader() as connection:
            connection.execute("BEGIN")
            try:
                yield SQLiteTransaction(connection)
            finally:
                connection.execute("COMMIT")

    def peek(self, statement: str) -> list[Row]:
        with self._reader() as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def _reader(self) -> Iterator[apsw.Connection]:
        try:
            connection = self._readers.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        except _AWAY as error:
            raise Unavailable() from error
        finally:
            self._readers.append(connection)

    @contextmanager
    def write(self) -> Iterator[SQLiteTransaction]:
        with self._writing:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield SQLiteTransaction(self._writer)
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
            except _AWAY as error:
                raise Unavailable() from error

    def script(self, transaction: Transaction, text: str) -> None:
        for statement in statements(text):
            transaction.run(statement)

    @property
    def file(self) -> Path | None:
        return self._path

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

    def close(self) -> None:
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._readers.clear()

"""PostgreSQL, with `synchronous_commit=on`: a transaction that has ended is on disk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from sojourn.core.errors import Invalid, Unavailable
from sojourn.storage import cluster
from sojourn.storage.binding import copied, for_all, for_one, own
from sojourn.storage.engine import Conflict, Placement, Row, Transaction, batch_columns, statements

CONNECTIONS = 8
WAIT_SECONDS = 5.0

ROWS_TO_COPY = 100
"""From so many rows on, to copy them in is quicker than a statement that is prepared."""

ONE_BY_ONE = 64
"""So many rows of a batch go singly to a cluster, each to its machine; more go at once, and then to all machines."""

_MIGRATING = 0x50_6A_6F_75_72_6E
"""The advisory lock of whoever migrates: PostgreSQL fails where two make the same table at the same time."""

_IN_THE_WAY = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_OUT_OF_REACH = (psycopg.OperationalError, psycopg.InterfaceError)

_SIZE = "SELECT pg_database_size(current_database())"
_FAULTS = """
SELECT 'the index ' || indexrelid::regclass || ' is not valid: REINDEX it'
FROM pg_index WHERE NOT indisvalid
UNION ALL
SELECT 'the setting ' || name || ' is off: a crash can lose what was answered'
FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
UNION ALL
SELECT 'the encoding of the database is ' || pg_encoding_to_char(encoding) || ', not UTF8'
FROM pg_database WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8'
UNION ALL
SELECT 'pages with a wrong checksum were met, ' || checksum_failures || ' times: look at the disk, restore a backup'
FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0
"""

_DEFINITION = re.compile(r"\b(INTEGER|REAL|STRICT, WITHOUT ROWID|STRICT)\b")
_DEFINED = {"INTEGER": "BIGINT", "REAL": "DOUBLE PRECISION", "STRICT, WITHOUT ROWID": "", "STRICT": ""}


class PostgresTransaction:
    """Statements on one connection."""

    def __init__(self, connection: psycopg.Connection[Row], singly: int) -> None:
        self._connection = connection
        self._singly = singly

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self._fetch(own(statement), parameters or {})

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        copy = copied(statement) if len(rows) >= ROWS_TO_COPY else None
        if copy is not None:
            self._copy(*copy, rows)
            return []
        if len(rows) > self._singly:
            return self._fetch(for_all(statement), {"batch": msgspec.json.encode(rows).decode()})
        names = [name for name, _ in batch_columns(statement)] if rows else []
        found = [self._fetch(for_one(statement), dict(zip(names, row, strict=True))) for row in rows]
        return [row for some in found for row in some]

    def _copy(self, text: sql.Composed, types: Sequence[str], rows: Sequence[Row]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(text) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def reserve(self, table: str) -> None:
        text = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table))
        self._connection.execute(text)

    def _fetch(self, statement: str, parameters: Mapping[str, Any]) -> list[Row]:
        return _rows(self._connection.execute(statement.encode(), parameters))


def _rows(cursor: psycopg.Cursor[Row]) -> list[Row]:
    """What a statement returns. To ask psycopg for a description would make an object of each column."""
    told = cursor.pgresult
    return cursor.fetchall() if told is not None and told.nfields else []


def _try(url: str) -> bool:
    """Connect once, and tell whether it is a cluster.

    Unlike the pool, this tells the reason where it cannot be done. Raises: Invalid, Unavailable.
    """
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its text may hold the password
        raise Invalid("database", "cannot be read: a special character in it must be written as %..") from None
    try:
        with psycopg.connect(url, connect_timeout=int(WAIT_SECONDS)) as connection:
            return connection.execute(cluster.IS_ONE.encode()).fetchone() != (0,)
    except psycopg.OperationalError as error:
        raise Unavailable from error


def _settle(connection: psycopg.Connection[Row]) -> None:
    """A page of a list is told sooner than a parallel worker is started, which takes some milliseconds."""
    connection.execute(b"SET max_parallel_workers_per_gather = 0")


class PostgresEngine:
    """A database on a server."""

    def __init__(self, url: str, wait: float = WAIT_SECONDS) -> None:
        self._is_cluster = _try(url)
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=wait,
            # The longer the pool tries, the longer it rests between two tries; a caller who waits makes it try anew.
            reconnect_timeout=wait,
            kwargs={"autocommit": True, "prepare_threshold": 3},
            configure=_settle,
            check=None,
            open=False,
        )
        self._pool.open()

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as transaction:
            yield transaction

    def peek(self, statement: str) -> list[Row]:
        with self._begun(own(statement)) as (_, rows):
            return rows

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        with self._transaction("BEGIN") as transaction:
            yield transaction

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgresTransaction]:
        with self._begun(begin) as (connection, _):
            try:
                yield PostgresTransaction(connection, ONE_BY_ONE if self._is_cluster else 1)
                connection.execute(b"COMMIT")
            except BaseException:
                if not connection.broken:
                    connection.execute(b"ROLLBACK")
                raise

    @contextmanager
    def _begun(self, first: str) -> Iterator[tuple[psycopg.Connection[Row], list[Row]]]:
        """A connection on which a first statement has run, and what that read.

        All in the pool are lost when the server starts again. Nothing was done on them yet: another one is taken.
        """
        others = CONNECTIONS
        try:
            while True:
                with self._pool.connection() as connection:
                    try:
                        cursor = connection.execute(first.encode())
                    except psycopg.OperationalError:
                        if not (connection.broken and others):
                            raise
                        others -= 1
                        continue
                    yield connection, _rows(cursor)
                    return
        except _IN_THE_WAY as error:
            raise Conflict from error
        except _OUT_OF_REACH as error:
            raise Unavailable from error

    def script(self, transaction: Transaction, text: str) -> None:
        transaction.run("SELECT pg_advisory_xact_lock(:lock)", {"lock": _MIGRATING})
        if self._is_cluster:
            transaction.run(cluster.STEP_BY_STEP)
        for statement in statements(_DEFINITION.sub(lambda found: _DEFINED[found[0]], text)):
            transaction.run(statement)

    def unplaced(self, transaction: Transaction, placements: Sequence[Placement]) -> list[Placement]:
        return cluster.unplaced(transaction, placements) if self._is_cluster else []

    def place(self, transaction: Transaction, placement: Placement) -> None:
        cluster.place(transaction, placement)

    @property
    def file(self) -> Path | None:
        return None

    def size(self) -> int:
        with self.read() as transaction:
            ((size,),) = transaction.run(_SIZE)
            return int(size) + (cluster.size(transaction, _SIZE) if self._is_cluster else 0)

    def faults(self, *, quick: bool) -> list[str]:
        with self.read() as transaction:
            found = [str(line) for (line,) in transaction.run(_FAULTS)]
            return found + (cluster.faults(transaction, _FAULTS) if self._is_cluster else [])

    def scrub(self, tables: Sequence[str], *, whole: bool) -> bool:
        """Rows that are deleted stay in their pages until these are vacuumed, and their bytes until others come there.

        Only the owner of a table may vacuum it; whoever is not is warned, and no more is done.
        """
        refused: list[object] = []
        vacuum = sql.SQL("VACUUM (FULL) {}" if whole else "VACUUM {}")
        with self._begun("SELECT 1") as (connection, _):
            connection.add_notice_handler(refused.append)
            try:
                for table in tables:
                    connection.execute(vacuum.format(sql.Identifier(table)))
            finally:
                connection.remove_notice_handler(refused.append)
        return whole and not refused

    def close(self) -> None:
        self._pool.close()

"""What is not delivered yet, kept on disk: one SQLite file that a kill at any moment leaves sound.

Bounded by size and by age: the oldest goes out first, and whatever goes otherwise than by delivery
is counted in the same transaction. Delivered once: each item has the idempotency key that it was
put in with, and leaves only when the server has answered for it.
"""

import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sojourn.agent.clock import SECOND

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    put_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    refusal TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS counted (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;
"""

COUNTS = ("put", "delivered", "refused", "droppedBySize", "droppedByAge", "lost")
DAY = 86_400 * SECOND


class SpoolFull(Exception):
    """An item found no room: the disk is full, or it alone is larger than the spool may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to deliver. `put_at` is in microseconds; `body` is what will be sent."""

    id: int
    key: str
    put_at: int
    body: bytes


class Spool:
    """A queue on disk. Used from any thread; other processes may use the same file.

    `max_bytes` bounds the bodies together, `max_age` (microseconds) each.
    """

    def __init__(self, path: Path, *, max_bytes: int = 64 << 20, max_age: int = 14 * DAY) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.max_age = max_age
        self._lock = threading.RLock()
        self._lost = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database = _opened(path)

    def put(self, key: str, body: bytes, now: int) -> None:
        """Keep an item; one whose key is there already is kept once. Raises: SpoolFull."""
        if len(body) > self.max_bytes:
            self._lose()
            raise SpoolFull(f"{len(body)} bytes are more than the spool may hold")
        try:
            self._put(key, body, now)
        except sqlite3.OperationalError as error:
            # The disk is full, or so slow that it is as good as full: the spool goes on without it.
            self._lose()
            raise SpoolFull(str(error)) from error

    def _put(self, key: str, body: bytes, now: int) -> None:
        with self._transaction() as database:
            self._expire(database, now)
            self._make_room(database, len(body))
            cursor = database.execute(
                "INSERT INTO item (key, put_at, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (key, now, body),
            )
            _count(database, "put", cursor.rowcount)
            _count(database, "lost", self._lost)
        self._lost = 0

    def next(self, *, passing_over: Collection[int] = ()) -> Item | None:
        """Tell the oldest item that waits and is not among those passed over."""
        with self._lock:
            waiting = self._database.execute("SELECT id FROM item WHERE refusal IS NULL ORDER BY id")
            identity = next((row[0] for row in waiting if row[0] not in passing_over), None)
            waiting.close()
            row = self._database.execute("SELECT id, key, put_at, body FROM item WHERE id = ?", (identity,)).fetchone()
        return None if row is None else Item(id=row[0], key=row[1], put_at=row[2], body=row[3])

    def delivered(self, item: Item) -> None:
        """Let go of an item that the server has."""
        with self._transaction() as database:
            cursor = database.execute("DELETE FROM item WHERE id = ?", (item.id,))
            _count(database, "delivered", cursor.rowcount)

    def refused(self, item: Item, reason: str) -> None:
        """Set aside what the server will never take, with the reason, until its room is needed."""
        with self._transaction() as database:
            cursor = database.execute("UPDATE item SET refusal = ? WHERE id = ? AND refusal IS NULL", (reason, item.id))
            _count(database, "refused", cursor.rowcount)

    def expire(self, now: int) -> None:
        """Drop what is too old."""
        with self._transaction() as database:
            self._expire(database, now)

    def shift(self, by: int) -> None:
        """Follow a clock that was set by so many microseconds, so that nothing ages by it."""
        with self._transaction() as database:
            database.execute("UPDATE item SET put_at = put_at + ?", (by,))

    def counts(self) -> Mapping[str, int]:
        """Tell what happened since the spool was made, what waits now, and in how many bytes."""
        with self._lock:
            told = dict(self._database.execute("SELECT name, n FROM counted").fetchall())
            waiting, size = self._database.execute(
                "SELECT count(*) FILTER (WHERE refusal IS NULL), coalesce(sum(length(body)), 0) FROM item"
            ).fetchone()
        told["lost"] = told.get("lost", 0) + self._lost
        return {name: told.get(name, 0) for name in COUNTS} | {"waiting": waiting, "bytes": size}

    def refusals(self) -> list[tuple[str, str]]:
        """Tell the keys and reasons of what was refused and is still kept, oldest first."""
        with self._lock:
            return self._database.execute(
                "SELECT key, refusal FROM item WHERE refusal IS NOT NULL ORDER BY id"
            ).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _lose(self) -> None:
        with self._lock:
            self._lost += 1

    def _expire(self, database: sqlite3.Connection, now: int) -> None:
        cursor = database.execute("DELETE FROM item WHERE put_at < ?", (now - self.max_age,))
        _count(database, "droppedByAge", cursor.rowcount)

    def _make_room(self, database: sqlite3.Connection, size: int) -> None:
        """Drop the oldest until `size` more bytes fit: the refused first, they wait for nothing."""
        rows = database.execute("SELECT id, length(body) FROM item ORDER BY refusal IS NULL, id").fetchall()
        excess = sum(length for _, length in rows) + size - self.max_bytes
        for identity, length in rows:
            if excess <= 0:
                return
            database.execute("DELETE FROM item WHERE id = ?", (identity,))
            _count(database, "droppedBySize", 1)
            excess -= length

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


def _count(database: sqlite3.Connection, name: str, by: int) -> None:
    if by > 0:
        database.execute(
            "INSERT INTO counted (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n",
            (name, by),
        )


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that is no sound database is set aside for whoever wants to look at it."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # no room, no right, locked: the file itself may be well
        path.rename(path.with_name(f"{path.name}.broken-{path.stat().st_mtime_ns}"))
        for companion in ("-wal", "-shm"):
            path.with_name(path.name + companion).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        # A spool that was full once gives its room back.
        database.execute("PRAGMA journal_size_limit = 1048576")
        database.executescript(SCHEMA)
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the spool is damaged")
    except BaseException:
        database.close()
        raise
    return database

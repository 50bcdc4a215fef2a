"""What was told to the server already, so that it is told once: one small SQLite file.

Losing it costs nothing but requests: keys are made of the sessions themselves, and the server knows
them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
    key TEXT PRIMARY KEY,
    id INTEGER NOT NULL,
    source TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS session_open ON session (key) WHERE settled = 0;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A session that the server knows under `id`. Times are in microseconds since the epoch.

    `seen_at` is when it was last known to go on, `told_at` when the server last heard of it; `settled` means that
    nothing more is to be told.
    """

    key: str
    id: int
    source: str
    started_at: int
    seen_at: int
    told_at: int
    settled: bool = False


_SELECT_OPEN = "SELECT key, id, source, started_at, seen_at, told_at, settled FROM session WHERE settled = 0"
_INSERT = (
    "INSERT OR REPLACE INTO session (key, id, source, started_at, seen_at, told_at, settled)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class Ledger:
    """Used by one thread. Each method is on disk when it returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._database = _connected(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            path.unlink()  # damaged: what it knew, the server knows
            self._database = _connected(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def settled(self) -> set[str]:
        """Tell the keys of which nothing more is to be told."""
        return {key for (key,) in self._database.execute("SELECT key FROM session WHERE settled = 1")}

    def open(self) -> dict[str, Entry]:
        """Tell the sessions that the server takes for open, by key."""
        rows = self._database.execute(_SELECT_OPEN)
        return {row[0]: _entry(row) for row in rows}

    def write(self, *entries: Entry) -> None:
        """Keep entries, in place of those with the same keys."""
        rows = [(e.key, e.id, e.source, e.started_at, e.seen_at, e.told_at, int(e.settled)) for e in entries]
        with self._transaction() as database:
            database.executemany(_INSERT, rows)

    def forget(self, before: int) -> None:
        """Forget the settled sessions that began before then: no record that is still there has them."""
        with self._transaction() as database:
            database.execute("DELETE FROM session WHERE settled = 1 AND started_at < ?", (before,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield self._database


def _entry(row: tuple[str, int, str, int, int, int, int]) -> Entry:
    key, identity, source, started_at, seen_at, told_at, settled = row
    return Entry(
        key=key,
        id=identity,
        source=source,
        started_at=started_at,
        seen_at=seen_at,
        told_at=told_at,
        settled=bool(settled),
    )


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(SCHEMA)
    except BaseException:
        database.close()
        raise
    return database

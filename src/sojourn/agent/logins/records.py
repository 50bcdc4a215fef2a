"""The login records on this machine's disk, read again only when they changed."""

import logging
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sojourn.agent.logins import wtmp, wtmpdb
from sojourn.agent.logins.session import LoginSession

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Records:
    """One kind of record: its newest file, how its files are found, and how they are read."""

    newest: Path
    files: Callable[[Path], list[Path]]
    read: Callable[[Path], list[LoginSession]]
    _known: list[LoginSession] = field(default_factory=list)
    _signature: Sequence[tuple[Path, int, int, int]] = ()

    def sessions(self) -> list[LoginSession]:
        """Tell all sessions on record. Files that cannot be read leave what was read before."""
        try:
            signature = [(path, *_changes(path)) for path in self._all_files()]
            if signature != self._signature:
                self._known = self.read(self.newest)
                self._signature = signature
        except (OSError, EOFError, zlib.error, sqlite3.Error) as error:
            _log.warning("%s cannot be read: %s", self.newest, error)
        return self._known

    def _all_files(self) -> list[Path]:
        found = self.files(self.newest)
        journal = self.newest.with_name(self.newest.name + "-wal")
        return [*found, journal] if journal.exists() else found


def of_wtmp(newest: Path) -> Records:
    """Read wtmp and its rotated elders."""
    return Records(newest=newest, files=wtmp.files, read=wtmp.read)


def of_wtmpdb(newest: Path) -> Records:
    """Read wtmpdb and its rotated elders."""
    return Records(newest=newest, files=wtmpdb.files, read=wtmpdb.read)


def _changes(path: Path) -> tuple[int, int, int]:
    told = path.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns

"""When SQLite's log goes over into the file, and who does it: a thread beside those who write.

SQLite by itself lets whoever commits do it, now and then: that transaction takes a tenth of a second, and all who want
to write wait. Here the thread copies while others go on writing. What they wrote meanwhile is little, and for that
alone they wait, so that the log can begin anew. docs/decisions/0142-the-log-is-copied-beside-writing.md
"""

import threading
import time
from typing import Any

import apsw

from sojourn.storage.turn import Turn

PAGES = 16_000
"""When it does: a page that many transactions touch is written once for all."""

FEW = PAGES // 8
"""For how many pages those who write may wait; after three passes for more, where they write as fast as it copies."""

PASSES = 3

PATIENCE_SECONDS = 0.01
"""How long those who write may wait for somebody who still reads what was before: else it is tried again later."""

REST_SECONDS = 0.1
"""Between two tries, where the log could not be copied to its end."""


class Checkpointer:
    """Copies the log of a file by a connection of its own. `turn` is held by whoever writes in this process."""

    def __init__(self, connection: apsw.Connection, turn: Turn) -> None:
        self._connection = connection
        self._connection.set_busy_handler(self._patient)
        self._turn = turn
        self._due = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._gives_up_at = 0.0

    def watch(self, writer: apsw.Connection) -> None:
        """Copy the log when this connection has made it long, and not in its commits."""
        writer.set_wal_hook(self._committed)

    def _committed(self, _writer: apsw.Connection, _name: str, pages: int) -> int:
        if pages >= PAGES:
            self._due.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sojourn-checkpoint", daemon=True)
                self._thread.start()
        return apsw.SQLITE_OK

    def _run(self) -> None:
        while not self._over.is_set():
            self._due.wait()
            try:
                whole = self._copy()
            except apsw.Error:  # whoever writes next meets the same fault, and tells
                whole = False
            if whole:
                self._due.clear()
            else:
                self._over.wait(REST_SECONDS)

    def _copy(self) -> bool:
        """Whether all of the log was copied, so that it begins anew; what comes meanwhile a pass leaves to the next."""
        copied = 0
        for _ in range(PASSES):
            before, (left, copied) = copied, self._checkpoint("PASSIVE")
            if copied < 0:  # another process is at it
                return True
            if left > 0 and copied == before:  # somebody still reads what was before
                return False
            if left + copied - before <= FEW:
                break
        with self._turn:
            self._gives_up_at = time.monotonic() + PATIENCE_SECONDS
            left, _ = self._checkpoint("FULL")
            return left == 0

    def _checkpoint(self, mode: str) -> tuple[int, int]:
        """How many pages of the log, as it was when that began, are then left, and how many are in the file.

        0 and -1 where another process does the same just now.
        """
        row: Any = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        _, log, copied = row
        return log - copied, copied

    def _patient(self, _attempt: int) -> bool:
        time.sleep(PATIENCE_SECONDS / 20)
        return time.monotonic() < self._gives_up_at

    def close(self) -> None:
        """Copy no more. What the log still holds SQLite copies when the last connection is closed."""
        self._over.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        self._connection.close()

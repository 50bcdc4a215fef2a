"""Whose turn it is to write."""

import threading
import time
from types import TracebackType


class Turn:
    """A lock that whoever waits for it gets next, however soon its last holder comes back for it.

    A plain lock goes to whoever asks in the moment in which it is free. Somebody who writes without pause asks again
    before anybody else is awake.
    """

    def __init__(self) -> None:
        self._door = threading.Lock()  # held while waiting: who comes back waits for it
        self._lock = threading.Lock()

    def take(self, wait: float) -> bool:
        """Whether it could be had within so many seconds."""
        end = time.monotonic() + wait
        if not self._door.acquire(timeout=wait):
            return False
        try:
            return self._lock.acquire(timeout=max(0.0, end - time.monotonic()))
        finally:
            self._door.release()

    def give(self) -> None:
        """Let somebody else have it."""
        self._lock.release()

    def __enter__(self) -> None:
        with self._door:
            self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give()

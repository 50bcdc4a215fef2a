"""What the console hands out as files: sessions in the words of the native dialect, which it is given, not knows."""

from collections.abc import Iterator
from typing import Protocol

from sojourn.core.access import Scope
from sojourn.core.model import Session
from sojourn.core.query import Order, SessionFilter


class Telling(Protocol):
    """Tells sessions piece by piece; no transaction outlives a piece."""

    def all_of(self, scope: Scope, which: SessionFilter, order: Order, what: str, spelled: str) -> Iterator[bytes]:
        """All that a filter finds: `sessions` or `activities`, as `csv` or `ndjson`."""

    def one(self, scope: Scope, session: Session) -> Iterator[bytes]:
        """One session with everything in it, as JSON."""

"""What the core needs of a store.

Promises of every method, stated once: it is one transaction, all or nothing; a read sees one moment; it may be called
from many threads; it raises `Unavailable` when the database cannot be reached, and lets bugs be bugs. Whatever belongs
to an organisation is asked for by a `Scope`, which is the first argument or a required field of the argument.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sojourn.core.access import Level, Membership, Resource, Scope, Token
from sojourn.core.intent import Intent, Verdict
from sojourn.core.model import Instant, Session
from sojourn.core.query import ActivityPage, Place, SessionPage, SessionQuery


class SessionStore(Protocol):
    """Sessions and what is in them."""

    def write(self, intents: Sequence[Intent], now: Instant) -> list[Verdict]:
        """Write all that can be written; a verdict for each, in order. On disk when it returns."""

    def page(self, query: SessionQuery) -> SessionPage:
        """A page of sessions."""

    def session(self, scope: Scope, session_id: int, *, activities: bool) -> Session:
        """One session, with all its activities if asked for. Raises: Unknown."""

    def activities(self, scope: Scope, session_id: int, *, after: Place | None, limit: int) -> ActivityPage:
        """A page of a session's activities in order of time. Raises: Unknown."""

    def close_idle(self, now: Instant, limit: int) -> int:
        """Close up to `limit` sessions that were idle for longer than their organisation allows; how many."""

    def forget_keys(self, now: Instant, limit: int) -> int:
        """Forget up to `limit` idempotency keys that have had their day; how many."""


class Credential(Protocol):
    """What the store tells about a presented token."""

    token: Token
    memberships: Sequence[tuple[Membership, Mapping[Resource, Level]]]


class AccessStore(Protocol):
    """Organisations, who belongs to them, and with what they prove it. Every change moves `epoch`."""

    def epoch(self) -> int:
        """A number that changes with every change of access."""

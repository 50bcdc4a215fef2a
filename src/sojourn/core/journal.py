"""The only way to read: it has no clock and changes nothing."""

from sojourn.core.access import Scope
from sojourn.core.model import Session
from sojourn.core.ports import SessionStore
from sojourn.core.query import ActivityPage, Place, SessionPage, SessionQuery


class Journal:
    """Reads sessions back."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def page(self, query: SessionQuery) -> SessionPage:
        """A page of sessions."""
        return self._store.page(query)

    def session(self, scope: Scope, session_id: int, *, activities: bool = False) -> Session:
        """One session, with all its activities if asked for. Raises: Unknown."""
        return self._store.session(scope, session_id, activities=activities)

    def activities(
        self, scope: Scope, session_id: int, *, after: Place | None = None, limit: int = 100
    ) -> ActivityPage:
        """A page of a session's activities in order of time. Raises: Unknown."""
        return self._store.activities(scope, session_id, after=after, limit=limit)

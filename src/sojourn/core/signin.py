"""Signing in: from what a person knows to a session of a browser, which is a token that does not live long."""

import secrets
from collections.abc import Callable

from sojourn.core.access import Token, TokenDraft
from sojourn.core.errors import Unauthenticated
from sojourn.core.model import SECOND, Instant
from sojourn.core.ports import AccessStore
from sojourn.core.registry import Issued, digest, md5_hex

SESSION_LIFE = 12 * 3_600
"""How long a browser's session lives, in seconds."""


class SignIn:
    """Begins and ends the sessions of browsers."""

    def __init__(self, store: AccessStore, clock: Callable[[], Instant]) -> None:
        self._store = store
        self._clock = clock

    def by_token(self, secret: str, browser: str) -> Issued:
        """A session for whoever knows a token; it ends with that token. Raises: Unauthenticated."""
        now = self._clock()
        credential = self._store.credential(digest(secret))
        if credential is None or not credential.token.holds(now) or credential.token.parent:
            raise Unauthenticated
        if not credential.opened():
            raise Unauthenticated
        return self._begin(credential.token, browser, now)

    def _begin(self, parent: Token, browser: str, now: Instant) -> Issued:
        secret = secrets.token_urlsafe(32)
        expires_at = now + SESSION_LIFE * SECOND
        draft = TokenDraft(
            email=parent.principal.email,
            name=browser,
            client_key=secrets.token_hex(12),
            digest=digest(secret),
            md5_digest=digest(md5_hex(secret)),
            organisation=parent.organisation,
            parent=parent.id,
            expires_at=min(expires_at, parent.expires_at or expires_at),
        )
        return Issued(token=self._store.add_token(draft, now), secret=secret)

    def end(self, token: int) -> None:
        """Sign out: the session opens nothing any more."""
        self._store.end(token, self._clock())

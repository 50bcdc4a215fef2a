"""Signing in: from what a person knows to a session of a browser, which is a token that does not live long."""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sojourn.core.access import EVERYWHERE, Caller, Invitation, Known, Means, Principal, Token, TokenDraft
from sojourn.core.errors import Invalid, Unauthenticated, Unknown
from sojourn.core.model import DAY, SECOND, Instant
from sojourn.core.ports import AccessStore, SignInStore
from sojourn.core.registry import Issued, address, digest, md5_hex

IDLE = 12 * 3_600 * SECOND
"""How long a session lives on after it was last used."""

MOST = 7 * DAY
"""How long a session lives however much it is used."""

LINK_LIFE = 3 * DAY
"""How long a link lives by which somebody chooses a password."""

LEAST_LENGTH = 12
MOST_LENGTH = 256


class Passwords(Protocol):
    """How passwords are kept. It takes a while on purpose, and as long for one that is not known."""

    def hash(self, password: str) -> str:
        """What is kept of a password."""

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether that is it."""

    def is_dated(self, kept: str) -> bool:
        """Whether one keeps passwords in a better way by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A link for somebody: its secret, the only time that it is told."""

    secret: str
    expires_at: Instant


class SignIn:
    """Begins and ends the sessions of browsers; sets passwords."""

    def __init__(
        self, access: AccessStore, store: SignInStore, passwords: Passwords, clock: Callable[[], Instant]
    ) -> None:
        self._access = access
        self._store = store
        self._passwords = passwords
        self._clock = clock

    def by_token(self, secret: str, browser: str) -> Issued:
        """A session for whoever knows a token; it ends with that token. Raises: Unauthenticated."""
        credential = self._access.credential(digest(secret))
        if credential is None or not credential.token.holds(self._clock()) or not credential.token.is_lasting:
            raise Unauthenticated
        if not credential.opened():
            raise Unauthenticated
        return self._begin(credential.token.principal, Means.TOKEN, browser, credential.token)

    def by_password(self, email: str, password: str, browser: str) -> Issued:
        """A session for whoever knows a password, in the organisations that it opens. Raises: Unauthenticated."""
        known = self._known(email)
        kept = known.hash if known is not None else None
        if not self._passwords.verify(kept, _plain(password)) or known is None or kept is None or not known.opened:
            raise Unauthenticated
        if self._passwords.is_dated(kept):
            self._store.rehash(known.principal.id, kept, self._passwords.hash(_plain(password)))
        return self._begin(known.principal, Means.PASSWORD, browser)

    def by_address(self, email: str, browser: str) -> Issued:
        """A session for the owner of an address, of which somebody else has made sure. Raises: Unauthenticated."""
        known = self._known(email)
        if known is None or not known.organisations:
            raise Unauthenticated
        return self._begin(known.principal, Means.OPENID, browser)

    def prolong(self, caller: Caller) -> None:
        """Let a session that is used live on, but not longer than any may."""
        session = self._store.token(caller.token)
        if session is None or session.expires_at is None:
            return
        until = self._until(session.created_at, self._store.token(session.parent) if session.parent else None)
        if until > session.expires_at:
            self._store.prolong(session.id, until)

    def sessions(self, caller: Caller) -> list[Token]:
        """The caller's sessions that hold, newest first."""
        return self._own(caller, self._store.sessions(caller.principal))

    def tokens(self, caller: Caller) -> list[Token]:
        """The caller's tokens for programs that hold, newest first."""
        return self._own(caller, self._store.own_tokens(caller.principal))

    def end(self, caller: Caller, token: int) -> None:
        """End a session or a token of the caller's own. Raises: Unknown; Invalid, for the token that they came with.

        That might be the last with which they can come: whoever wants it to end comes with something else.
        """
        if not any(token == one.id for one in (*self.sessions(caller), *self.tokens(caller))):
            raise Unknown("token", token)
        if token != caller.token and token in self.came_with(caller):
            raise Invalid("number", "must not be that of the token that you came with: come with something else")
        self._store.end(caller.principal, token, self._clock())

    def end_all(self, caller: Caller) -> None:
        """Sign out everywhere."""
        for session in self.sessions(caller):
            self._store.end(caller.principal, session.id, self._clock())

    def came_with(self, caller: Caller) -> frozenset[int]:
        """The token that the caller shows, and the one that it was bought with or began with, if any."""
        shown = self._store.token(caller.token)
        return frozenset({caller.token} if shown is None else {shown.id, shown.parent} - {0})

    def longest_life(self, caller: Caller) -> int | None:
        """How many seconds a token that the caller makes may live: not longer than the one that they came with."""
        session = self._store.token(caller.token)
        parent = self._store.token(session.parent) if session is not None and session.parent else None
        if parent is None or parent.expires_at is None:
            return None
        return max(1, (parent.expires_at - self._clock()) // SECOND)

    def password_of(self, caller: Caller) -> Known:
        """What is known of the caller's password."""
        known = self._store.known(caller.email)
        assert known is not None
        return known

    def change_password(self, caller: Caller, old: str, new: str) -> None:
        """Change the caller's password, or set the first one; other sessions that an old one began are over.

        A first one opens what the caller's session does. Raises: Invalid (old, new).
        """
        known = self.password_of(caller)
        if known.has_password and not self._passwords.verify(known.hash, _plain(old)):
            raise Invalid("old", "is not your password")
        hash_ = self._passwords.hash(_checked(new, caller.email))
        first = EVERYWHERE if caller.everywhere else caller.maker
        vouched = None if known.has_password else first
        self._store.set_password(caller.principal, hash_, self._clock(), vouched=vouched, keep=caller.token)

    def set_password(self, email: str, new: str) -> None:
        """Set the password of somebody, for all their organisations: for who is at the machine.

        Raises: Invalid, Unknown.
        """
        known = self._store.known(address(email))
        if known is None:
            raise Unknown("user", email)
        hash_ = self._passwords.hash(_checked(new, email))
        self._store.set_password(known.principal.id, hash_, self._clock(), vouched=EVERYWHERE, keep=0)

    def invite(self, organisation: int, email: str) -> Invited:
        """A link by which a member chooses a password for an organisation, once. Raises: Invalid, Unknown."""
        secret = secrets.token_urlsafe(32)
        expires_at = self._clock() + LINK_LIFE
        self._store.invite(organisation, address(email), digest(secret), expires_at)
        return Invited(secret=secret, expires_at=expires_at)

    def invitation(self, secret: str) -> tuple[Invitation, bool]:
        """What a link is for, and whether its owner has a password already. Raises: Unknown."""
        found = self._store.invitation(digest(secret), self._clock())
        if found is None:
            raise Unknown("invitation", "with that link")
        known = self._store.known(found.email)
        return found, known is not None and known.has_password

    def accept(self, secret: str, password: str, browser: str) -> Issued:
        """Use up a link, and begin a session.

        Whoever has a password already, which others vouch for, proves it: an organisation that has somebody as a
        member must not be able to take them over in the others. Raises: Unknown, Invalid (password), Exists.
        """
        found, _ = self.invitation(secret)
        known = self._store.known(found.email)
        assert known is not None
        hash_ = None
        if not known.has_password:
            hash_ = self._passwords.hash(_checked(password, found.email))
        elif not self._passwords.verify(known.hash, _plain(password)):
            raise Invalid("password", "is not the one that you have here already")
        self._store.accept(digest(secret), hash_, self._clock())
        return self._begin(known.principal, Means.PASSWORD, browser)

    def _known(self, email: str) -> Known | None:
        try:
            return self._store.known(address(email))
        except Invalid:
            return None

    def _own(self, caller: Caller, tokens: list[Token]) -> list[Token]:
        """Those that the caller may know of: what opens one organisation does not tell of others."""
        now = self._clock()
        opened = {membership.organisation for membership in caller.memberships}
        return [
            token
            for token in tokens
            if token.holds(now)
            and (caller.everywhere or token.organisation in opened or token.means is caller.means is Means.PASSWORD)
        ]

    def _until(self, began: Instant, parent: Token | None) -> Instant:
        until = min(self._clock() + IDLE, began + MOST)
        return until if parent is None or parent.expires_at is None else min(until, parent.expires_at)

    def _begin(self, principal: Principal, means: Means, browser: str, parent: Token | None = None) -> Issued:
        now = self._clock()
        secret = secrets.token_urlsafe(32)
        draft = TokenDraft(
            email=principal.email,
            name=browser,
            client_key=secrets.token_hex(12),
            digest=digest(secret),
            md5_digest=digest(md5_hex(secret)),
            organisation=parent.organisation if parent else EVERYWHERE,
            parent=parent.id if parent else 0,
            expires_at=self._until(now, parent),
            means=means,
        )
        return Issued(token=self._access.add_token(draft, now), secret=secret)


def _plain(password: str) -> str:
    """A password in one form, however the keyboard composes its letters."""
    return unicodedata.normalize("NFC", password[: MOST_LENGTH + 1])


def _checked(password: str, email: str) -> str:
    """A new password. Raises: Invalid."""
    plain = _plain(password)
    if not LEAST_LENGTH <= len(plain) <= MOST_LENGTH:
        raise Invalid("password", f"must have {LEAST_LENGTH} to {MOST_LENGTH} characters")
    if plain.casefold() == email.casefold() or len(set(plain)) < 4:
        raise Invalid("password", "can be guessed: take another")
    return plain

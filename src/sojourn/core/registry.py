"""Organisations, the principals in them, and their tokens: who may call, and as what.

A secret has 256 bits and is told once, when it is made. What is kept is the SHA-256 of it, and of its MD5 in
hexadecimal, because one published scheme sends that in the secret's place.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sojourn.core.access import (
    EVERYWHERE,
    AccessGroup,
    Caller,
    Level,
    Means,
    Membership,
    Organisation,
    Resource,
    Scope,
    Token,
    TokenDraft,
)
from sojourn.core.errors import Exists, Invalid, Unauthenticated, Unknown
from sojourn.core.model import MINUTE, SECOND, Instant, PersonDraft, name_of
from sojourn.core.ports import AccessStore

ACCESS_LIFE = 300
"""How long a short-lived token lives, in seconds (published)."""

MOST_IDLE = 366 * 86_400
MOST_REQUESTS = 1_000_000

OWNERS = "Owners"
"""The access group with Write to everything, made with each organisation."""

_EMAIL = re.compile(r"[^\s:@\0]+(@[^\s:@\0]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What a request shows: a secret, perhaps with a user's name, and the organisation that it asks for.

    `browser`: as a cookie. A token for programs is no session, and a session opens nothing to programs.
    """

    secret: str
    user: str | None = None
    organisation: int | None = None
    browser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token, and its secret: the only time that it is told."""

    token: Token
    secret: str


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def md5_hex(secret: str) -> str:
    """What one published scheme sends in the place of a secret."""
    return hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()


class Registry:
    """Administration, and the door."""

    def __init__(self, store: AccessStore, clock: Callable[[], Instant]) -> None:
        self._store = store
        self._clock = clock

    def epoch(self) -> int:
        """A number that changes with every change of access."""
        return self._store.epoch()

    def begin(self, email: str, secret: str | None) -> Issued | None:
        """The first organisation and its owner, in a store where nobody can call yet; None in any other.

        Raises: Invalid, when the address or the secret cannot be one.
        """
        owner = address(email)
        if secret is not None and (not secret.strip() or "\0" in secret):
            raise Invalid("secret", "must not be empty")
        known = self._store.organisations()
        if known and self._store.tokens(known[0].id):
            return None
        try:
            organisation = known[0] if known else self.add_organisation("Default")
        except Exists:  # made just now, by another process that begins
            organisation = self._store.organisations()[0]
        self.add_member(organisation.id, owner, OWNERS)
        try:
            return self.add_token(organisation.id, owner, "owner", secret=secret)
        except Exists:  # given just now, by another process that was told the same secret
            return None

    def organisations(self) -> list[Organisation]:
        """All of them, by number."""
        return self._store.organisations()

    def organisation(self, number: int) -> Organisation:
        """One of them. Raises: Unknown."""
        return self._store.organisation(number)

    def add_organisation(self, name: str) -> Organisation:
        """A new one, with a device of its own and access groups. Raises: Invalid, Exists."""
        return self._store.add_organisation(name_of("name", name), str(uuid4()), self._clock())

    def change_organisation(
        self,
        number: int,
        *,
        name: str | None = None,
        idle_limit: int | None = None,
        rate_limit: int | None = None,
        time_zone: str | None = None,
    ) -> Organisation:
        """Change what is given. Raises: Invalid, Unknown, Exists."""
        changed = self._store.organisation(number)
        if name is not None:
            changed = replace(changed, name=name_of("name", name))
        if idle_limit is not None:
            changed = replace(changed, idle_limit=_within("idle_limit", idle_limit, 0, MOST_IDLE))
        if rate_limit is not None:
            changed = replace(changed, rate_limit=_within("rate_limit", rate_limit, 1, MOST_REQUESTS))
        if time_zone is not None:
            changed = replace(changed, time_zone=zone(time_zone).key)
        self._store.change_organisation(changed)
        return changed

    def members(self, organisation: int) -> list[Membership]:
        """Who belongs to it, by address."""
        return self._store.members(organisation)

    def add_member(self, organisation: int, email: str, group: str, own: PersonDraft | None = None) -> Membership:
        """Make somebody a member, or change the membership; `own` narrows it to that person's sessions.

        Raises: Invalid, also for the last who may administer; Unknown (organisation, access group).
        """
        known = address(email)
        self._store.organisation(organisation)
        self._known_group(organisation, group)
        person = None if own is None else own.checked()
        self._store.add_principal(known, self._clock())
        return self._store.join(organisation, known, group, person)

    def remove_member(self, organisation: int, email: str) -> None:
        """End a membership, and the tokens that the organisation made for it.

        Raises: Unknown; Invalid, also for the last who may administer.
        """
        self._store.leave(organisation, address(email), self._clock())

    def make_default(self, organisation: int, email: str) -> None:
        """The organisation that a principal works in when it names none. Raises: Unknown."""
        self._store.make_default(organisation, address(email))

    def groups(self, organisation: int) -> list[AccessGroup]:
        """The access groups, by name."""
        return self._store.groups(organisation)

    def set_group(self, organisation: int, name: str, levels: Mapping[Resource, Level]) -> AccessGroup:
        """Make an access group or change what it opens; what is not named stays. Raises: Invalid, Unknown."""
        self._store.organisation(organisation)
        return self._store.set_group(organisation, name_of("name", name), levels)

    def drop_group(self, organisation: int, name: str) -> None:
        """Drop an access group that nobody is in. Raises: Unknown, Invalid."""
        self._store.drop_group(organisation, name)

    def add_token(
        self,
        organisation: int,
        email: str,
        name: str,
        *,
        life: int | None = None,
        secret: str | None = None,
    ) -> Issued:
        """A token of a member for this organisation, that lives `life` seconds or until it is revoked.

        Raises: Invalid, Unknown.
        """
        return self._make_token(organisation, email, name, life, secret)

    def add_own_token(self, email: str, name: str, *, life: int | None = None) -> Issued:
        """A token that opens all organisations of a principal, now and later. Raises: Invalid, Unknown.

        It is for the principal, or for who is at the machine, to make; not for an organisation.
        """
        return self._make_token(EVERYWHERE, email, name, life, None)

    def _make_token(self, organisation: int, email: str, name: str, life: int | None, secret: str | None) -> Issued:
        now = self._clock()
        if life is not None and life < 1:
            raise Invalid("life", "must be at least one second")
        return self._issue(
            TokenDraft(
                email=address(email),
                name=name_of("name", name),
                client_key=secrets.token_hex(12),
                digest="",
                md5_digest="",
                organisation=organisation,
                expires_at=None if life is None else now + life * SECOND,
            ),
            secret or secrets.token_urlsafe(32),
        )

    def buy_access(self, client_key: str, secret: str) -> Issued:
        """A short-lived token for a client's key and secret. Raises: Unauthenticated."""
        now = self._clock()
        credential = self._store.client(client_key, digest(secret))
        if credential is None or not credential.token.holds(now) or not credential.token.is_lasting:
            raise Unauthenticated
        parent = credential.token
        expires_at = now + ACCESS_LIFE * SECOND
        return self._issue(
            TokenDraft(
                email=parent.principal.email,
                name=f"access by {parent.name}"[:255],
                client_key=secrets.token_hex(12),
                digest="",
                md5_digest="",
                organisation=parent.organisation,
                parent=parent.id,
                expires_at=min(expires_at, parent.expires_at or expires_at),
            ),
            secrets.token_urlsafe(32),
        )

    def tokens(self, organisation: int) -> list[Token]:
        """The tokens that it made, newest first."""
        return self._store.tokens(organisation)

    def revoke(self, organisation: int, token: int) -> None:
        """End a token that it made and all that were bought with it. Raises: Unknown."""
        self._store.revoke(organisation, token, self._clock())

    def identify(self, presented: Presented) -> Caller:
        """Who it is, in the organisation asked for or else its default one.

        Raises: Unauthenticated; Unknown, when it does not belong to the organisation that it asks for.
        """
        epoch = self._store.epoch()  # before the look-up: what changes in between is noticed
        credential = self._store.credential(digest(presented.secret))
        if credential is None or not credential.token.holds(self._clock()):
            raise Unauthenticated
        token = credential.token
        if presented.browser is (token.means is Means.KEY):
            raise Unauthenticated
        user = presented.user
        if user is not None and user.casefold() not in (token.principal.email.casefold(), token.client_key):
            raise Unauthenticated
        opened = credential.opened()
        membership, group = _chosen(opened, presented.organisation)
        return Caller(
            principal=token.principal.id,
            email=token.principal.email,
            scope=Scope(membership.organisation, membership.person),
            organisation=self._store.organisation(membership.organisation),
            levels=dict(group.levels),
            memberships=tuple([membership for membership, _ in opened]),
            token=token.id,
            epoch=epoch,
            until=token.expires_at,
            maker=token.organisation,
            everywhere=credential.everywhere,
            means=token.means,
        )

    def note_use(self, uses: Mapping[int, Instant]) -> None:
        """When tokens were last used."""
        if uses:
            self._store.note_use(uses)

    def drop_expired(self, limit: int = 500) -> int:
        """Drop short-lived tokens that have been over for a minute, at most `limit`; how many."""
        return self._store.drop_expired(self._clock() - MINUTE, limit)

    def _issue(self, draft: TokenDraft, secret: str) -> Issued:
        kept = replace(draft, digest=digest(secret), md5_digest=digest(md5_hex(secret)))
        return Issued(token=self._store.add_token(kept, self._clock()), secret=secret)

    def _known_group(self, organisation: int, name: str) -> None:
        if name not in {group.name for group in self._store.groups(organisation)}:
            raise Unknown("access group", name)


def _chosen(
    opened: tuple[tuple[Membership, AccessGroup], ...], organisation: int | None
) -> tuple[Membership, AccessGroup]:
    """The membership to work in."""
    by_number = {m.organisation: (m, group) for m, group in opened}
    if organisation is not None:
        if organisation not in by_number:
            raise Unknown("organisation", organisation)
        return by_number[organisation]
    if not by_number:
        raise Unauthenticated
    defaults = [pair for pair in by_number.values() if pair[0].is_default]
    return defaults[0] if defaults else by_number[min(by_number)]


def address(email: str) -> str:
    """An address as it is kept. Raises: Invalid."""
    trimmed = name_of("email", email)
    if not _EMAIL.fullmatch(trimmed):
        raise Invalid("email", "must be an address, or a name without spaces and colons")
    return trimmed.casefold()


def _within(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Invalid(field, f"must be a number from {least} to {most}")
    return value


def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises: Invalid, when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("time_zone", "must be a name of the IANA time zone database") from error

"""Who may do what: resources, levels, and the scope that every question and every write carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from sojourn.core.errors import Forbidden
from sojourn.core.model import Instant


class Resource(StrEnum):
    """What an access group opens, by the name that people see."""

    ACTIVITY_SESSIONS = "Activity Sessions"
    LOGIN_SESSIONS = "Login Sessions"
    ENDPOINT_SESSIONS = "Endpoint Sessions"
    ADMINISTRATION = "Administration"


class Means(StrEnum):
    """How a browser's session began; a token for programs is none."""

    KEY = "key"
    PASSWORD = "password"  # noqa: S105
    OPENID = "openid"
    TOKEN = "token"  # noqa: S105


class Level(IntEnum):
    """How far a resource is open. Write includes Read."""

    NONE = 0
    READ = 1
    WRITE = 2

    @property
    def label(self) -> str:
        """None, Read or Write: how people see it."""
        return self.name.capitalize()


EVERYWHERE = 0
"""The organisation of a token that opens all those of its principal."""

EVERYBODY = 0
"""The person of a scope that is not narrowed to one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may touch: one organisation, and either everybody in it or one person (`person` > 0)."""

    organisation: int
    person: int = EVERYBODY

    def require_everybody(self) -> None:
        """Raises: Forbidden, when it is narrowed to one person."""
        if self.person != EVERYBODY:
            raise Forbidden("access that is not narrowed to one person's sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who has proved who they are, in the organisation they chose.

    It holds while the store's epoch is `epoch`, and `until` then, if it does not hold for ever. `maker` is the
    organisation that made the token, 0 = none; `everywhere` tells whether it opens all of the principal's, and `means`
    how it began, where it is a browser's session.
    """

    principal: int
    email: str
    scope: Scope
    organisation: "Organisation"
    levels: Mapping[Resource, Level]
    memberships: tuple["Membership", ...]
    token: int
    epoch: int
    until: Instant | None
    maker: int = EVERYWHERE
    everywhere: bool = False
    means: Means = Means.KEY

    def require(self, resource: Resource, level: Level) -> Scope:
        """The scope to work in.

        Raises: Forbidden, when the access group does not open `resource` that far.
        """
        if self.levels.get(resource, Level.NONE) < level:
            raise Forbidden(f"{level.label} access to {resource}")
        return self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An account group: its sessions, people and devices are numbered and seen by itself alone.

    `idle_limit` is in seconds, 0 = sessions are never closed for idleness. `rate_limit` is in requests a minute.
    """

    id: int
    name: str
    device_guid: str
    idle_limit: int
    rate_limit: int
    time_zone: str
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody, or some program, that calls."""

    id: int
    email: str
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A principal in an organisation, through an access group; `person` > 0 narrows it to that person's sessions."""

    organisation: int
    principal: Principal
    group: str
    person: int
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGroup:
    """A named set of resources with None, Read or Write. What is not named is None."""

    organisation: int
    name: str
    levels: Mapping[Resource, Level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential as it is kept: never the secret.

    `client_key` is public: the `key` of OAuth client credentials. `organisation` is the one that made it, and the only
    one that it opens; 0 = the principal made it, and it opens all of the principal's.
    `parent` > 0: a short-lived token that was bought with that one.
    """

    id: int
    principal: Principal
    name: str
    client_key: str
    organisation: int
    parent: int
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None
    means: Means = Means.KEY

    @property
    def is_lasting(self) -> bool:
        """Whether it is neither a browser's session nor bought with another: only such a one begins others."""
        return not self.parent and self.means is Means.KEY

    def holds(self, now: Instant) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDraft:
    """A token to keep: for whom, under which name, and the digests that it is found by."""

    email: str
    name: str
    client_key: str
    digest: str
    md5_digest: str
    organisation: int = 0
    parent: int = 0
    expires_at: Instant | None = None
    means: Means = Means.KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody who may sign in: where they belong, and the hash of their password, where they have one.

    `vouched` are the organisations that the password opens, 0 among them = all.
    """

    principal: Principal
    organisations: frozenset[int]
    hash: str | None
    changed_at: Instant | None
    vouched: frozenset[int]

    @property
    def has_password(self) -> bool:
        """Whether there is a password that anybody vouches for."""
        return self.hash is not None and bool(self.vouched)

    @property
    def opened(self) -> frozenset[int]:
        """Where the password leads."""
        return self.organisations if EVERYWHERE in self.vouched else self.organisations & self.vouched


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link by which a member chooses a password, once."""

    organisation: int
    organisation_name: str
    email: str
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A token that was found, and what its principal may do in each organisation that it belongs to.

    `vouched` is what `Known` says of the principal's password.
    """

    token: Token
    memberships: tuple[tuple[Membership, AccessGroup], ...]
    vouched: frozenset[int] = frozenset()

    @property
    def everywhere(self) -> bool:
        """Whether it opens all organisations of the principal, also those to come."""
        by_password = self.token.means is Means.PASSWORD
        return self.token.organisation == EVERYWHERE and not (by_password and EVERYWHERE not in self.vouched)

    def opened(self) -> tuple[tuple[Membership, AccessGroup], ...]:
        """What the token opens of it: one that an organisation made, or vouches for, opens that organisation alone.

        Otherwise whoever administers one organisation could act in another, as a member that they share.
        """
        if self.everywhere:
            return self.memberships
        maker = self.token.organisation
        open_ = {maker} if maker != EVERYWHERE else self.vouched
        return tuple([pair for pair in self.memberships if pair[0].organisation in open_])

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who has proved who they are, in the organisation they chose.

    It holds while the store's epoch is `epoch`, and `until` then, if it does not hold for ever.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A token that was found, and what its principal may do in each organisation that it belongs to."""

    token: Token
    memberships: tuple[tuple[Membership, AccessGroup], ...]

    def opened(self) -> tuple[tuple[Membership, AccessGroup], ...]:
        """What the token opens of it: one that an organisation made opens that organisation alone.

        Otherwise whoever administers one organisation could act in another, as a member that they share.
        """
        maker = self.token.organisation
        return tuple([pair for pair in self.memberships if maker in (EVERYWHERE, pair[0].organisation)])

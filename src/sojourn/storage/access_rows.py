"""Rows of access as nouns, and the look-ups that several statements share."""

from sojourn.core.access import (
    AccessGroup,
    Credential,
    Level,
    Means,
    Membership,
    Organisation,
    Principal,
    Resource,
    Token,
)
from sojourn.core.errors import Unknown
from sojourn.core.model import Instant
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("access")
_SIGNIN = load("signin")


def find_principal(transaction: Transaction, email: str) -> Principal:
    """Who has that address. Raises: Unknown."""
    rows = transaction.run(_SQL["principal"], {"email": email})
    if not rows:
        raise Unknown("principal", email)
    return principal_of(rows[0])


def find_membership(transaction: Transaction, organisation: int, principal: Principal) -> None:
    """Raises: Unknown, when a principal does not belong to an organisation."""
    rows = transaction.run(_SQL["memberships"], {"principal": principal.id})
    if organisation not in {row[0] for row in rows}:
        raise Unknown("member", principal.email)


def groups_of(transaction: Transaction, organisation: int) -> dict[str, AccessGroup]:
    """The access groups of an organisation, by name."""
    levels: dict[str, dict[Resource, Level]] = {}
    for name, resource, level in transaction.run(_SQL["groups"], {"organisation": organisation}):
        levels.setdefault(name, {})[Resource(resource)] = Level(level)
    return {name: AccessGroup(organisation=organisation, name=name, levels=some) for name, some in levels.items()}


def is_administered(transaction: Transaction, organisation: int) -> bool:
    """Whether anybody may let others in there."""
    values = {"resource": Resource.ADMINISTRATION.value, "level": int(Level.WRITE)}
    return bool(transaction.run(_SQL["administered"], {"organisation": organisation, **values}))


def set_levels(transaction: Transaction, group: AccessGroup) -> None:
    """What an access group opens, every resource named."""
    for resource in Resource:
        level = group.levels.get(resource, Level.NONE)
        values = {"organisation": group.organisation, "name": group.name}
        transaction.run(_SQL["set_level"], {**values, "resource": resource.value, "level": int(level)})


def let_go(transaction: Transaction, organisation: int, principal: int, now: Instant) -> None:
    """A membership has ended: with it all that the organisation made for the principal, and said of them."""
    key = {"organisation": organisation, "principal": principal}
    transaction.run(_SQL["revoke_made_for"], {**key, "now": now})
    transaction.run(_SIGNIN["withdraw"], key)
    transaction.run(_SIGNIN["stop_vouching"], key)


def credential_of(transaction: Transaction, row: Row) -> Credential:
    """A token with all that its principal may."""
    token = token_of(row)
    rows = transaction.run(_SQL["memberships"], {"principal": token.principal.id})
    pairs = []
    for membership in map(membership_of, rows):
        groups = groups_of(transaction, membership.organisation)
        pairs.append((membership, groups[membership.group]))
    vouched: frozenset[int] = frozenset()
    if token.means is Means.PASSWORD:
        vouched = frozenset(row[0] for row in transaction.run(_SIGNIN["vouched"], {"principal": token.principal.id}))
    return Credential(token=token, memberships=tuple(pairs), vouched=vouched)


def organisation_of(row: Row) -> Organisation:
    """An organisation."""
    number, name, device_guid, idle_limit, rate_limit, time_zone, created_at = row
    return Organisation(
        id=number,
        name=name,
        device_guid=device_guid,
        idle_limit=idle_limit,
        rate_limit=rate_limit,
        time_zone=time_zone,
        created_at=created_at,
    )


def principal_of(row: Row) -> Principal:
    """A principal."""
    return Principal(id=row[0], email=row[1], created_at=row[2])


def membership_of(row: Row) -> Membership:
    """A membership."""
    organisation, group, person, is_default, *principal = row
    return Membership(
        organisation=organisation,
        principal=principal_of(tuple(principal)),
        group=group,
        person=person,
        is_default=bool(is_default),
    )


def token_of(row: Row) -> Token:
    """A token."""
    number, principal, email, born, name, client_key, organisation, parent, created_at, *times = row
    expires_at, revoked_at, last_used_at, means = times
    return Token(
        id=number,
        principal=Principal(id=principal, email=email, created_at=born),
        name=name,
        client_key=client_key,
        organisation=organisation,
        parent=parent,
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
        last_used_at=last_used_at,
        means=Means(means),
    )

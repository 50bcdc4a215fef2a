"""Access on disk: `sojourn.core.ports.AccessStore` on an engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sojourn.core.access import (
    AccessGroup,
    Credential,
    Level,
    Membership,
    Organisation,
    Principal,
    Resource,
    Token,
    TokenDraft,
)
from sojourn.core.errors import Exists, Invalid, Unknown
from sojourn.core.model import FIRST_VISIT, Instant, PersonDraft
from sojourn.storage import numbers
from sojourn.storage.access_rows import (
    credential_of,
    find_membership,
    find_principal,
    groups_of,
    is_administered,
    let_go,
    membership_of,
    organisation_of,
    principal_of,
    set_levels,
    token_of,
)
from sojourn.storage.engine import Engine, Transaction
from sojourn.storage.people import find_people
from sojourn.storage.sql import load

_SQL = load("access")
_SIGNIN = load("signin")

IDLE_LIMIT = 1_800
RATE_LIMIT = 240
TIME_ZONE = "UTC"

_FIRST_NUMBERS = {"session": 1, "visit": FIRST_VISIT, "person": 1, "device": 1, "hold": 1, "erasure": 1}
_FIRST_GROUPS = {
    "Owners": dict.fromkeys(Resource, Level.WRITE),
    "Recorders": {
        Resource.ACTIVITY_SESSIONS: Level.WRITE,
        Resource.LOGIN_SESSIONS: Level.READ,
        Resource.ENDPOINT_SESSIONS: Level.WRITE,
    },
    "Readers": {
        Resource.ACTIVITY_SESSIONS: Level.READ,
        Resource.LOGIN_SESSIONS: Level.READ,
        Resource.ENDPOINT_SESSIONS: Level.READ,
    },
}


_LAST = {
    "email": "is that of the last member who may administer this organisation",
    "group": "must be one that may administer this organisation: no other member may",
    "own": "must not narrow the last member who may administer this organisation",
    "administration": "must stay write: nobody would be left who may administer this organisation",
}
"""Why a change is refused after which nobody could let others in, by what would have to be another."""


class AccessOnDisk:
    """Organisations, principals, memberships, access groups and tokens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _change(self) -> Iterator[Transaction]:
        """A change of access: the row of the epoch is locked first, so that one comes after the other."""
        with self._engine.write() as transaction:
            transaction.run(_SQL["move_epoch"])
            yield transaction

    @contextmanager
    def _keep_administered(self, organisation: int, field: str) -> Iterator[Transaction]:
        """A change that is refused, naming the field, where it takes the last one away who may let others in.

        It sees what the change before it has left, so no two can each count on the one whom the other takes away.
        """
        with self._change() as transaction:
            before = is_administered(transaction, organisation)
            yield transaction
            if before and not is_administered(transaction, organisation):
                raise Invalid(field, _LAST[field])

    def epoch(self) -> int:
        ((number,),) = self._engine.peek(_SQL["epoch"])
        return int(number)

    def organisations(self) -> list[Organisation]:
        with self._engine.read() as transaction:
            return [organisation_of(row) for row in transaction.run(_SQL["organisations"])]

    def organisation(self, number: int) -> Organisation:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["organisation"], {"id": number})
        if not rows:
            raise Unknown("organisation", number)
        return organisation_of(rows[0])

    def add_organisation(self, name: str, device_guid: str, now: Instant) -> Organisation:
        with self._change() as transaction:
            if transaction.run(_SQL["organisation_named"], {"name": name}):
                raise Exists("organisation", name)
            (number,) = numbers.take(transaction, numbers.EVERYWHERE, "organisation", 1)
            values = {
                "id": number,
                "name": name,
                "device_guid": device_guid,
                "idle_limit": IDLE_LIMIT,
                "rate_limit": RATE_LIMIT,
                "time_zone": TIME_ZONE,
                "created_at": now,
            }
            transaction.run(_SQL["add_organisation"], values)
            for noun, first in _FIRST_NUMBERS.items():
                numbers.begin(transaction, number, noun, first)
            for group, levels in _FIRST_GROUPS.items():
                set_levels(transaction, AccessGroup(organisation=number, name=group, levels=levels))
            return Organisation(**values)  # type: ignore[arg-type]

    def change_organisation(self, organisation: Organisation) -> None:
        with self._change() as transaction:
            same = transaction.run(_SQL["organisation_named"], {"name": organisation.name})
            if same and same[0][0] != organisation.id:
                raise Exists("organisation", organisation.name)
            values = {
                "id": organisation.id,
                "name": organisation.name,
                "idle_limit": organisation.idle_limit,
                "rate_limit": organisation.rate_limit,
                "time_zone": organisation.time_zone,
            }
            if not transaction.run(_SQL["change_organisation"], values):
                raise Unknown("organisation", organisation.id)

    def add_principal(self, email: str, now: Instant) -> Principal:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["principal"], {"email": email})
        if rows:  # as most are: nothing changes
            return principal_of(rows[0])
        with self._change() as transaction:
            rows = transaction.run(_SQL["principal"], {"email": email})
            if rows:
                return principal_of(rows[0])
            (number,) = numbers.take(transaction, numbers.EVERYWHERE, "principal", 1)
            transaction.run(_SQL["add_principal"], {"id": number, "email": email, "created_at": now})
            return Principal(id=number, email=email, created_at=now)

    def members(self, organisation: int) -> list[Membership]:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["members"], {"organisation": organisation})
            return sorted(map(membership_of, rows), key=lambda member: member.principal.email)

    def join(self, organisation: int, email: str, group: str, person: PersonDraft | None) -> Membership:
        field = "group" if person is None else "own"
        with self._keep_administered(organisation, field) as transaction:
            principal = find_principal(transaction, email)
            if not any(known == group for known in groups_of(transaction, organisation)):
                raise Unknown("access group", group)
            number = 0
            if person is not None:
                number = find_people(transaction, [(organisation, person)])[organisation, person].id
            others = transaction.run(_SQL["memberships"], {"principal": principal.id})
            values = {
                "organisation": organisation,
                "principal": principal.id,
                "access_group": group,
                "person": number,
                "is_default": 0 if others else 1,
            }
            transaction.run(_SQL["join"], values)
            rows = transaction.run(_SQL["memberships"], {"principal": principal.id})
            return next(m for m in map(membership_of, rows) if m.organisation == organisation)

    def leave(self, organisation: int, email: str, now: Instant) -> None:
        with self._keep_administered(organisation, "email") as transaction:
            principal = find_principal(transaction, email)
            key = {"organisation": organisation, "principal": principal.id}
            if not transaction.run(_SQL["leave"], key):
                raise Unknown("member", email)
            let_go(transaction, organisation, principal.id, now)

    def make_default(self, organisation: int, email: str) -> None:
        with self._change() as transaction:
            principal = find_principal(transaction, email)
            find_membership(transaction, organisation, principal)
            transaction.run(_SQL["make_default"], {"organisation": organisation, "principal": principal.id})

    def groups(self, organisation: int) -> list[AccessGroup]:
        with self._engine.read() as transaction:
            return sorted(groups_of(transaction, organisation).values(), key=lambda group: group.name)

    def set_group(self, organisation: int, name: str, levels: Mapping[Resource, Level]) -> AccessGroup:
        with self._keep_administered(organisation, "administration") as transaction:
            known = groups_of(transaction, organisation).get(name)
            whole = dict.fromkeys(Resource, Level.NONE) | dict(known.levels if known else {}) | dict(levels)
            group = AccessGroup(organisation=organisation, name=name, levels=whole)
            set_levels(transaction, group)
            return group

    def drop_group(self, organisation: int, name: str) -> None:
        with self._change() as transaction:
            key = {"organisation": organisation, "name": name}
            ((members,),) = transaction.run(_SQL["group_members"], key)
            if members:
                raise Invalid("name", "must be an access group that nobody is in")
            if not transaction.run(_SQL["drop_group"], key):
                raise Unknown("access group", name)

    def add_token(self, draft: TokenDraft, now: Instant) -> Token:
        with self._change() as transaction:
            principal = find_principal(transaction, draft.email)
            if draft.organisation:
                find_membership(transaction, draft.organisation, principal)
            (number,) = numbers.take(transaction, numbers.EVERYWHERE, "token", 1)
            values = {
                "id": number,
                "principal": principal.id,
                "name": draft.name,
                "client_key": draft.client_key,
                "digest": draft.digest,
                "md5_digest": draft.md5_digest,
                "organisation": draft.organisation,
                "parent": draft.parent,
                "created_at": now,
                "expires_at": draft.expires_at,
                "means": draft.means.value,
            }
            if not transaction.run(_SQL["add_token"], values):
                raise Exists("token", "with that secret")
            return Token(
                id=number,
                principal=principal,
                name=draft.name,
                client_key=draft.client_key,
                organisation=draft.organisation,
                parent=draft.parent,
                created_at=now,
                expires_at=draft.expires_at,
                revoked_at=None,
                last_used_at=None,
                means=draft.means,
            )

    def tokens(self, organisation: int) -> list[Token]:
        with self._engine.read() as transaction:
            return [token_of(row) for row in transaction.run(_SQL["tokens"], {"organisation": organisation})]

    def revoke(self, organisation: int, token: int, now: Instant) -> None:
        with self._change() as transaction:
            rows = transaction.run(_SQL["tokens"], {"organisation": organisation})
            if token not in {row[0] for row in rows}:
                raise Unknown("token", token)
            transaction.run(_SQL["revoke"], {"id": token, "now": now})

    def credential(self, digest: str) -> Credential | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["token_by_digest"], {"digest": digest})
            return credential_of(transaction, rows[0]) if rows else None

    def client(self, client_key: str, digest: str) -> Credential | None:
        credential = self.credential(digest)
        return credential if credential and credential.token.client_key == client_key else None

    def note_use(self, uses: Mapping[int, Instant]) -> None:
        with self._engine.write() as transaction:
            transaction.each(_SQL["note_use"], sorted(uses.items()))

    def drop_expired(self, now: Instant, limit: int) -> int:
        with self._engine.write() as transaction:
            rows = transaction.run(_SQL["expired"], {"before": now, "limit": limit})
            for (number,) in rows:
                transaction.run(_SQL["drop_token"], {"id": number})
            transaction.run(_SIGNIN["drop_invitations"], {"now": now})
            return len(rows)

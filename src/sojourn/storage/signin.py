"""Signing in, on disk: `sojourn.core.ports.SignInStore` on an engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from sojourn.core.access import Invitation, Known, Token
from sojourn.core.errors import Exists, Unknown
from sojourn.core.model import Instant
from sojourn.storage.access_rows import find_membership, find_principal, principal_of, token_of
from sojourn.storage.engine import Engine, Transaction
from sojourn.storage.sql import load

_SQL = load("signin")
_ACCESS = load("access")


class SignInOnDisk:
    """Passwords, links, and the sessions of browsers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _change(self) -> Iterator[Transaction]:
        with self._engine.write() as transaction:
            transaction.run(_ACCESS["move_epoch"])
            yield transaction

    def known(self, email: str) -> Known | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["known"], {"email": email})
            if not rows:
                return None
            *principal, hash_, changed_at = rows[0]
            key = {"principal": principal[0]}
            return Known(
                principal=principal_of(tuple(principal)),
                organisations=frozenset(row[0] for row in transaction.run(_SQL["belongs"], key)),
                hash=hash_,
                changed_at=changed_at,
                vouched=frozenset(row[0] for row in transaction.run(_SQL["vouched"], key)),
            )

    def set_password(self, principal: int, hash_: str, now: Instant, *, vouched: int | None, keep: int) -> None:
        with self._change() as transaction:
            key = {"principal": principal}
            transaction.run(_SQL["set_password"], {**key, "hash": hash_, "now": now})
            transaction.run(_SQL["end_password_sessions"], {**key, "keep": keep, "now": now})
            if vouched is not None:
                transaction.run(_SQL["drop_vouching"], key)
                transaction.run(_SQL["vouch"], {**key, "organisation": vouched})

    def rehash(self, principal: int, old: str, new: str) -> None:
        with self._engine.write() as transaction:
            transaction.run(_SQL["rehash"], {"principal": principal, "old": old, "hash": new})

    def invite(self, organisation: int, email: str, digest: str, expires_at: Instant) -> None:
        with self._change() as transaction:
            principal = find_principal(transaction, email)
            find_membership(transaction, organisation, principal)
            values = {"organisation": organisation, "principal": principal.id}
            transaction.run(_SQL["invite"], {**values, "digest": digest, "expires_at": expires_at})

    def invitation(self, digest: str, now: Instant) -> Invitation | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["invitation"], {"digest": digest, "now": now})
        if not rows:
            return None
        organisation, name, email, expires_at = rows[0]
        return Invitation(organisation=organisation, organisation_name=name, email=email, expires_at=expires_at)

    def accept(self, digest: str, hash_: str | None, now: Instant) -> None:
        with self._change() as transaction:
            taken = transaction.run(_SQL["take_invitation"], {"digest": digest, "now": now})
            if not taken:
                raise Unknown("invitation", "with that link")
            organisation, principal = taken[0]
            key = {"principal": principal}
            if hash_ is not None:
                if transaction.run(_SQL["vouched"], key):
                    raise Exists("password", "of this user")
                transaction.run(_SQL["set_password"], {**key, "hash": hash_, "now": now})
                transaction.run(_SQL["end_password_sessions"], {**key, "keep": 0, "now": now})
            transaction.run(_SQL["vouch"], {**key, "organisation": organisation})

    def sessions(self, principal: int) -> list[Token]:
        with self._engine.read() as transaction:
            return [token_of(row) for row in transaction.run(_SQL["sessions"], {"principal": principal})]

    def own_tokens(self, principal: int) -> list[Token]:
        with self._engine.read() as transaction:
            return [token_of(row) for row in transaction.run(_SQL["own_tokens"], {"principal": principal})]

    def token(self, number: int) -> Token | None:
        with self._engine.read() as transaction:
            rows = transaction.run(_SQL["token"], {"id": number})
        return token_of(rows[0]) if rows else None

    def end(self, principal: int, token: int, now: Instant) -> None:
        with self._change() as transaction:
            if not transaction.run(_SQL["end"], {"principal": principal, "id": token, "now": now}):
                raise Unknown("token", token)

    def prolong(self, token: int, until: Instant) -> None:
        with self._change() as transaction:
            transaction.run(_SQL["prolong"], {"id": token, "until": until})

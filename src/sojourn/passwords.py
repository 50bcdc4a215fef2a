"""Passwords as Argon2 keeps them: `sojourn.core.signin.Passwords`."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

DECOY = "$argon2id$v=19$m=65536,t=3,p=4$c29qb3Vybi1kZWNveS0wMQ$qv4GZgW0yqHnZpDqk8o2kWQDBZ0HqJQy2aVbSx1jv5U"
"""What is verified for somebody who has no password, so that nobody can tell by the time it takes."""


class Argon2:
    """Argon2id with the parameters of RFC 9106 for little memory: 64 MiB, three passes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        try:
            self._hasher.verify(kept or DECOY, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_dated(self, kept: str) -> bool:
        return self._hasher.check_needs_rehash(kept)

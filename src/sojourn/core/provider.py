"""Somebody else who makes sure who people are: the port to an OpenID Connect provider, and what can go wrong with it.

People are sent to the provider, and come back with a code; the server asks the provider whose it is.
"""

from dataclasses import dataclass, field
from typing import Protocol

from sojourn.core.errors import SojournError


class Away(SojournError):
    """The provider cannot be reached, or does not answer what it must. The message is for who runs the server."""


class NotVouched(SojournError):
    """The provider does not vouch for an address of whoever came back. The message is for who runs the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One way to the provider and back. All of it but `back` can be guessed by nobody.

    `state` comes back with the person, `nonce` in what the provider signs, and `verifier` proves that it is us who sent
    them. `back` is the address that they come back to.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back: str


class Provider(Protocol):
    """Makes sure who people are."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def way(self, errand: Errand) -> str:
        """The address that somebody is sent to. Raises: Away."""

    async def email(self, code: str, errand: Errand) -> str:
        """The address that the provider has verified of who came back with a code. Raises: Away, NotVouched."""

    async def check(self) -> None:
        """Raises: Away, when it cannot be reached or does not say what we need."""

"""The door: who calls, by whatever credentials they bring, and whether they may.

Accepted everywhere: `Authorization: Basic` (user and token, or user and the token's MD5), `Authorization: Bearer`,
`ApiKey`, and `X-CAP-API-OAUTH-TOKEN`.

A change of access acts at once, and costs a request no look-up of its own: a caller that has been seen is remembered
together with the store's epoch, and what writes or reads for it looks at the epoch first, in the same thread. Where it
has moved, `AccessChanged` sends the request back to the door.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from starlette.requests import Request

from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Forbidden, Invalid, Unauthenticated, Unavailable
from sojourn.core.model import Instant
from sojourn.core.registry import Presented, Registry
from sojourn.web.headers import header

T = TypeVar("T")
U = TypeVar("U")

MOST_REMEMBERED = 10_000
MOST_CREDENTIAL_BYTES = 4_096


class AccessUnavailable(Unavailable):
    """Whether the caller may cannot be told just now."""


class AccessChanged(AccessUnavailable):
    """What was known of the caller may hold no longer."""


class Gate:
    """Lets callers in."""

    def __init__(self, registry: Registry, clock: Callable[[], Instant], executor: Executor) -> None:
        self._registry = registry
        self._clock = clock
        self._executor = executor
        self._known: dict[bytes, Caller] = {}
        self._uses: dict[int, Instant] = {}

    async def enter(
        self, request: Request, resource: Resource, level: Level, organisation: int | None = None
    ) -> Caller:
        """The caller of a request, in `organisation` if one is given, if it may use `resource` that far.

        Raises: Unauthenticated, Forbidden, Invalid (organisation), Unknown (organisation), AccessUnavailable,
        AccessChanged.
        """
        shown = presented(request)
        if organisation is not None:
            shown = replace(shown, organisation=organisation)
        return await self.admit(request, shown, resource, level)

    async def admit(
        self, request: Request, shown: Presented, resource: Resource | None, level: Level = Level.READ
    ) -> Caller:
        """The same for credentials that were found elsewhere; without a `resource`, for whoever it is."""
        key = _fingerprint(shown)
        caller = self._known.get(key)
        if caller is None:
            caller = await self._run(self._registry.identify, shown)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = caller
        now = self._clock()
        if caller.until is not None and now >= caller.until:
            raise Unauthenticated
        self._uses[caller.token] = now
        request.scope["state"]["caller"] = caller
        if resource is None:
            return caller
        try:
            caller.require(resource, level)
        except Forbidden:  # unless it has meanwhile been allowed
            await self._run(self.check, caller)
            raise
        return caller

    def check(self, caller: Caller) -> None:
        """Raises: AccessChanged, when access has changed since the caller was identified; AccessUnavailable."""
        if self.epoch() != caller.epoch:
            raise AccessChanged

    def epoch(self) -> int:
        """What a caller's epoch must be now. Raises: AccessUnavailable."""
        try:
            return self._registry.epoch()
        except Unavailable as error:
            raise AccessUnavailable from error

    def forget(self) -> None:
        """Access has changed: everybody shows their credentials again."""
        self._known.clear()

    def note_use(self) -> None:
        """Write down when tokens were last used."""
        uses, self._uses = self._uses, {}
        self._registry.note_use(uses)

    async def _run(self, look: Callable[[T], U], at: T) -> U:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, look, at)
        except AccessUnavailable:
            raise
        except Unavailable as error:
            raise AccessUnavailable from error


def _fingerprint(shown: Presented) -> bytes:
    """What a caller is remembered by: never the secret itself."""
    return hashlib.sha256(f"{shown.browser}\0{shown.organisation}\0{shown.user}\0{shown.secret}".encode()).digest()


def presented(request: Request) -> Presented:
    """The credentials that a request brings. Raises: Unauthenticated, Invalid (organisation)."""
    organisation = number_of_organisation("X-Organisation", header(request, "x-organisation"))
    scheme, _, rest = header(request, "authorization").partition(" ")
    rest = _bounded(rest.strip())
    match scheme.lower():
        case "bearer" | "apikey" if rest:
            return Presented(secret=rest, organisation=organisation)
        case "basic" if rest:
            user, secret = _basic(rest)
            return Presented(user=user, secret=secret, organisation=organisation)
    for name in ("apikey", "x-cap-api-oauth-token"):
        if secret := header(request, name):
            return Presented(secret=_bounded(secret), organisation=organisation)
    raise Unauthenticated


def _bounded(secret: str) -> str:
    if len(secret) > MOST_CREDENTIAL_BYTES:
        raise Unauthenticated
    return secret


def _basic(encoded: str) -> tuple[str, str]:
    try:
        user, colon, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated from error
    if not colon or not secret:
        raise Unauthenticated
    return user, secret


def number_of_organisation(field: str, text: str) -> int | None:
    """The organisation that somebody asks for, if any. Raises: Invalid."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text) > 18:
        raise Invalid(field, "must be the number of an organisation")
    return int(text)

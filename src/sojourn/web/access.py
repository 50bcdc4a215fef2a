"""The door: who calls, by whatever credentials they bring, and whether they may.

Accepted everywhere: `Authorization: Basic` (user and token, or user and the token's MD5), `Authorization: Bearer`,
`ApiKey`, and `X-CAP-API-OAUTH-TOKEN`. A change of access acts at once: what was learnt about a caller is believed only
while the store's epoch stands still, and the epoch is looked at for every request; requests that wait at the same time
share one look.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from concurrent.futures import Executor

from starlette.requests import Request

from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Invalid, Unauthenticated, Unavailable
from sojourn.core.model import Instant
from sojourn.core.registry import Presented, Registry
from sojourn.web.gather import Gather

MOST_REMEMBERED = 10_000
MOST_CREDENTIAL_BYTES = 4_096


class AccessUnavailable(Unavailable):
    """Whether the caller may cannot be told just now."""


class Gate:
    """Lets callers in."""

    def __init__(self, registry: Registry, clock: Callable[[], Instant], executor: Executor) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[bytes, tuple[Caller, Instant | None]] = {}
        self._epoch = -1
        self._uses: dict[int, Instant] = {}
        self._looks: Gather[None, int] = Gather(self._look, executor)
        self._names: Gather[Presented, tuple[Caller, Instant | None]] = Gather(self._identify, executor)

    async def enter(self, request: Request, resource: Resource, level: Level) -> Caller:
        """The caller of a request, if it may use `resource` that far.

        Raises: Unauthenticated, Forbidden, Invalid (organisation), Unknown (organisation), AccessUnavailable.
        """
        caller = await self.caller(presented(request))
        request.state.caller = caller
        caller.require(resource, level)
        return caller

    async def caller(self, shown: Presented) -> Caller:
        """Who shows these credentials. Raises: Unauthenticated, Unknown (organisation), AccessUnavailable."""
        try:
            epoch = await self._looks.put(None)
            if epoch != self._epoch:
                self._known.clear()
                self._epoch = epoch
            key = _fingerprint(shown)
            caller, until = self._known.get(key) or await self._names.put(shown)
        except AccessUnavailable:
            raise
        except Unavailable as error:
            raise AccessUnavailable from error
        now = self._clock()
        if until is not None and now >= until:
            raise Unauthenticated
        if epoch == self._epoch and len(self._known) < MOST_REMEMBERED:
            self._known[key] = (caller, until)
        self._uses[caller.token] = now
        return caller

    def note_use(self) -> None:
        """Write down when tokens were last used."""
        uses, self._uses = self._uses, {}
        self._registry.note_use(uses)

    def _look(self, waiting: list[None]) -> list[int]:
        return [self._registry.epoch()] * len(waiting)

    def _identify(self, waiting: list[Presented]) -> list[tuple[Caller, Instant | None] | BaseException]:
        told: list[tuple[Caller, Instant | None] | BaseException] = []
        for shown in waiting:
            try:
                told.append(self._registry.identify(shown))
            except Exception as error:  # each caller gets its own
                told.append(error)
        return told


def _fingerprint(shown: Presented) -> bytes:
    """What a caller is remembered by: never the secret itself."""
    return hashlib.sha256(f"{shown.organisation}\0{shown.user}\0{shown.secret}".encode()).digest()


def presented(request: Request) -> Presented:
    """The credentials that a request brings. Raises: Unauthenticated, Invalid (organisation)."""
    headers = request.headers
    organisation = _organisation(headers.get("x-organisation"))
    for name in ("apikey", "x-cap-api-oauth-token"):
        if secret := headers.get(name):
            return Presented(secret=_bounded(secret), organisation=organisation)
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    rest = _bounded(rest.strip())
    match scheme.lower():
        case "bearer" if rest:
            return Presented(secret=rest, organisation=organisation)
        case "apikey" if rest:
            return Presented(secret=rest, organisation=organisation)
        case "basic" if rest:
            user, secret = _basic(rest)
            return Presented(user=user, secret=secret, organisation=organisation)
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


def _organisation(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    if not text.strip().isdecimal() or len(text) > 18:
        raise Invalid("X-Organisation", "must be the number of an organisation")
    return int(text)

"""What a provider says, and asking it: bounded in time and size, without redirects."""

import asyncio
import ssl
from functools import cache
from typing import Any, TypeVar

import httpx
import msgspec

from sojourn.core.provider import Away

SECONDS = 10
MOST_BYTES = 1_048_576

T = TypeVar("T")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is exchanged for."""

    id_token: str
    access_token: str = ""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why it is not (RFC 6749, section 5.2)."""

    error: str = ""


async def ask(method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """The status and the body of an answer. Raises: Away."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(verify=_authorities(), timeout=SECONDS) as client,
            client.stream(method, url, **more) as response,
        ):
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise Away(f"{url} answers with more than {MOST_BYTES} bytes")
            return response.status_code, bytes(content)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise Away(f"{url} cannot be reached: {' '.join(str(error).split()) or type(error).__name__}") from error


async def fetch(url: str, told: type[T], **more: Any) -> T:
    """A document of JSON. Raises: Away."""
    status, content = await ask("GET", url, **more)
    if status != 200:
        raise Away(f"{url} answers with status {status}")
    return read(url, content, told)


def read(url: str, content: bytes, told: type[T]) -> T:
    """What an answer says. Raises: Away."""
    try:
        return msgspec.json.decode(content, type=told)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Away(f"{url} does not answer as it must: {error}") from error


@cache
def _authorities() -> ssl.SSLContext:
    """Whom the machine trusts; reading them takes a while."""
    return ssl.create_default_context()

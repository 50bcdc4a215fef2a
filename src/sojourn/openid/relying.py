"""The code flow with a provider: `sojourn.core.provider.Provider`."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from joserfc.jwk import KeySet

from sojourn.config import Settings
from sojourn.core.model import MINUTE, SECOND, Instant
from sojourn.core.provider import Away, Errand, NotVouched
from sojourn.loopback import is_private
from sojourn.openid.idtoken import Claims, NoKey, claims_of, key_set
from sojourn.openid.wire import Metadata, Refusal, Tokens, ask, fetch, read

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email"

FRESH = 60 * MINUTE
"""How long what a provider says of itself is believed before it is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the provider, and since when."""

    metadata: Metadata
    keys: KeySet
    since: Instant


class OpenID:
    """The provider that the settings name."""

    def __init__(self, settings: Settings, clock: Callable[[], Instant]) -> None:
        self._issuer = settings.openid_issuer
        self._name = settings.openid_name
        self._client = settings.openid_client_id
        self._secret = settings.openid_client_secret
        self._clock = clock
        self._known: Known | None = None

    @property
    def name(self) -> str:
        return self._name or urlsplit(self._issuer).netloc

    async def check(self) -> None:
        await self._learn()

    async def way(self, errand: Errand) -> str:
        metadata = (await self._provider()).metadata
        challenge = base64.urlsafe_b64encode(hashlib.sha256(errand.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": errand.back,
            "scope": SCOPE,
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"

    async def email(self, code: str, errand: Errand) -> str:
        known = await self._provider()
        tokens = await self._exchange(known.metadata, code, errand)
        claims = await self._claims(known, tokens.id_token, errand)
        if "email" not in claims:
            claims = await self._more(known.metadata, tokens, claims)
        email = claims.get("email")
        if not isinstance(email, str) or not email:
            raise NotVouched("the provider tells no email address: let it tell the client the scope email")
        if claims.get("email_verified") is not True:
            raise NotVouched("the provider does not say that the email address is verified")
        return email

    async def _provider(self) -> Known:
        known = self._known
        return known if known is not None and self._clock() - known.since < FRESH else await self._learn()

    async def _learn(self) -> Known:
        """Ask the provider what it is."""
        url = self._issuer.rstrip("/") + WELL_KNOWN
        metadata = await fetch(url, Metadata)
        if metadata.issuer.rstrip("/") != self._issuer.rstrip("/"):
            raise Away(f"{url} speaks for another issuer: {metadata.issuer!r:.200}")
        for address in (
            metadata.authorization_endpoint,
            metadata.token_endpoint,
            metadata.jwks_uri,
            metadata.userinfo_endpoint,
        ):
            if address and not is_private(address):
                raise Away(f"{url} names an address without TLS: {address!r:.200}")
        told = await fetch(metadata.jwks_uri, dict[str, Any])
        keys = told.get("keys")
        if not isinstance(keys, list):
            raise Away(f"{metadata.jwks_uri} holds no keys")
        found = key_set([key for key in keys if isinstance(key, dict)])
        if not found:
            raise Away(f"{metadata.jwks_uri} holds no key that can sign ID tokens")
        self._known = Known(metadata=metadata, keys=found, since=self._clock())
        return self._known

    async def _exchange(self, metadata: Metadata, code: str, errand: Errand) -> Tokens:
        """What the provider gives for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": errand.back,
            "code_verifier": errand.verifier,
        }
        headers = {"Accept": "application/json"}
        if self._secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(self._client, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client
            if self._secret:
                form["client_secret"] = self._secret
        url = metadata.token_endpoint
        status, content = await ask("POST", url, data=form, headers=headers)
        if status == 200:
            return read(url, content, Tokens)
        told = _refusal(content)
        if told == "invalid_grant":
            raise NotVouched("the provider does not take the code: it was used, is too old, or is another's")
        raise Away(f"{url} answers with status {status} {told!r:.100}")

    async def _claims(self, known: Known, token: str, errand: Errand) -> Claims:
        """What an ID token claims; a key that is not known may be a new one, so they are asked for once more."""
        try:
            return self._read(known, token, errand)
        except NoKey:
            return self._read(await self._learn(), token, errand)

    def _read(self, known: Known, token: str, errand: Errand) -> Claims:
        return claims_of(
            token,
            known.keys,
            issuer=known.metadata.issuer,
            client=self._client,
            nonce=errand.nonce,
            now=self._clock() // SECOND,
        )

    async def _more(self, metadata: Metadata, tokens: Tokens, claims: Claims) -> Claims:
        """What a provider tells apart from the ID token, as the standard lets it (OpenID Connect Core 1.0, 5.4)."""
        if not metadata.userinfo_endpoint or not tokens.access_token:
            return claims
        headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
        more = await fetch(metadata.userinfo_endpoint, dict[str, Any], headers=headers)
        if more.get("sub") != claims["sub"]:
            raise NotVouched("the provider tells of somebody else than the ID token does")
        return more


def _refusal(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""

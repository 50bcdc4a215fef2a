"""ID tokens: who signed one, for whom, and until when it holds (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from sojourn.core.provider import NotVouched

ALGORITHMS = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)]
"""Signatures that only who holds a private key can make: neither `none`, nor one with a secret that is shared."""

LEEWAY = 60
"""How many seconds the clocks may differ."""

_KINDS = ("RSA", "EC")

Claims = dict[str, Any]


class NoKey(NotVouched):
    """None of the keys that are known has signed it: the provider may have others by now."""


def key_set(keys: Sequence[dict[str, Any]]) -> KeySet:
    """Those of a provider's published keys that can have signed an ID token; others are left out."""
    found = []
    for key in keys:
        if key.get("kty") not in _KINDS or key.get("use", "sig") != "sig":
            continue
        try:
            found.append(KeySet.registry_cls.import_key(key))
        except (JoseError, ValueError, TypeError):
            continue  # a curve, say, that is not known here
    return KeySet(found)


def claims_of(token: str, keys: KeySet, *, issuer: str, client: str, nonce: str, now: int) -> Claims:
    """What a token claims, once it is sure that the issuer says so, to this client, now. Raises: NoKey, NotVouched."""
    try:
        # What else stands in the header is none of our business, but what is critical must be known.
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS, registry=registry).claims
        JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client},
            azp={"value": client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise NoKey(f"the ID token is signed by a key that is not the provider's: {error}") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotVouched(f"the ID token is not good: {error}") from error
    return claims

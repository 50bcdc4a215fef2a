"""OpenID Connect, the side of who relies on a provider: discovery, the code flow with PKCE, ID tokens."""

from collections.abc import Callable

from sojourn.config import Settings
from sojourn.core.model import Instant
from sojourn.core.provider import Provider


def provider_of(settings: Settings, clock: Callable[[], Instant]) -> Provider | None:
    """By whom people may sign in besides, if by anybody.

    What it stands on (httpx, cryptography) takes 11 MiB and a while to import, so it is where there is one only.
    """
    if not settings.openid_issuer:
        return None
    from sojourn.openid.relying import OpenID  # noqa: PLC0415

    return OpenID(settings, clock)

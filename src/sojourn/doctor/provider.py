"""The OpenID Connect provider, where one is set: whether it can be reached, and says what is needed of it."""

import asyncio
from collections.abc import Iterator

from sojourn.config import Settings, variable_of
from sojourn.core.provider import Away
from sojourn.doctor.finding import Finding
from sojourn.openid import provider_of
from sojourn.services import system_clock


def examine_provider(settings: Settings) -> Iterator[Finding]:
    """A provider that nobody can sign in with."""
    provider = provider_of(settings, system_clock)
    if provider is None:
        return
    try:
        asyncio.run(provider.check())
    except Away as error:
        yield Finding(
            what=f"The OpenID Connect provider is of no use: {error.message}.",
            why="Nobody can sign in to the console with it.",
            mend=f"Start it, let this machine reach it, or mend {variable_of('openid_issuer')}.",
        )

"""The proxies that are set up for the person: in the environment, or by a desktop's PAC.

A PAC (a program that chooses a proxy for each address) is told, not run. Credentials in a proxy's
address are left out: a measurement is no place for them.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from sojourn.agent.probes.program import ask
from sojourn.core.measurement import Proxy, ProxyProfile

_DIRECT = "<direct>"
_GNOME = ("gsettings", "get", "org.gnome.system.proxy")


async def proxy_profile() -> ProxyProfile:
    """What programs of this session go through."""
    return profile_of(urllib.request.getproxies(), await _gnome_pac())


def profile_of(proxies: Mapping[str, str], desktop_pac: str | None) -> ProxyProfile:
    """Proxies as the environment has them, by scheme, and the desktop's PAC if it uses one.

    Two keys are no schemes: `no` holds the hosts that go past the proxies, `auto` a PAC's
    address, as Chromium reads `auto_proxy`.
    """
    pac_url = proxies.get("auto") or desktop_pac
    bypass = ";".join(host.strip() for host in proxies.get("no", "").split(",") if host.strip())
    chosen = dict.fromkeys(bare(url) for key, url in proxies.items() if key not in ("no", "auto"))
    return ProxyProfile(
        method="PAC" if pac_url else "System",
        proxies=tuple(Proxy(proxy=url, bypass=bypass or None) for url in chosen or (_DIRECT,)),
        pac_url=bare(pac_url) if pac_url else None,
    )


def bare(url: str) -> str:
    """An address without user, password, query and fragment."""
    if "://" not in url:
        return url.rpartition("@")[2].partition("?")[0]
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


async def _gnome_pac() -> str | None:
    """The PAC that GNOME's settings name, if they say `auto`; they quote their answers."""
    mode = await ask(*_GNOME, "mode", within=2.0)
    if mode is None or mode.status or mode.out.strip(" '\n") != "auto":
        return None
    url = await ask(*_GNOME, "autoconfig-url", within=2.0)
    return url.out.strip(" '\n") or None if url and not url.status else None

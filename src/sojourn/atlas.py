"""What is known of addresses and names: the owner's mmdb files, and the public suffixes that tldextract bundles.

Nothing is asked of any network. A file is one in the MaxMind DB format with the fields of GeoLite2 (DB-IP's have the
same): `autonomous_system_number` and `autonomous_system_organization`; `location`, `city`, `subdivisions`, `country`.
"""

from __future__ import annotations

import gc
import ipaddress
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from sojourn.config import Settings, variable_of
from sojourn.core.errors import Invalid
from sojourn.core.origin import Area, Network
from sojourn.core.report import Coordinates

REMEMBERED = 10_000
"""Routers, addresses and sites come again and again."""

Found = tuple[Mapping[str, Any], str, str]
"""A record, the prefix that it is about, and the range of that prefix."""


class Files:
    """`sojourn.core.origin.Atlas` on the files that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Raises: Invalid, naming the variable, when a file cannot be read."""
        self._networks = _opened("mmdb_asn", settings.mmdb_asn)
        self._areas = _opened("mmdb_city", settings.mmdb_city)
        self.network: Callable[[str], Network | None] = lru_cache(REMEMBERED)(self._network)
        self.area: Callable[[str], Area | None] = lru_cache(REMEMBERED)(self._area)
        self.domain: Callable[[str], str] = lru_cache(REMEMBERED)(_domain)

    def close(self) -> None:
        """Let go of the files."""
        for reader in (self._networks, self._areas):
            if reader is not None:
                reader.close()

    def _network(self, address: str) -> Network | None:
        found = _look_up(self._networks, address)
        number = found[0].get("autonomous_system_number") if found else None
        if found is None or not isinstance(number, int):
            return None
        return Network(asn=number, prefix=found[1], org_name=_text(found[0].get("autonomous_system_organization")))

    def _area(self, address: str) -> Area | None:
        found = _look_up(self._areas, address)
        return None if found is None else Area(coordinates=_coordinates(found[0]), addresses=found[2])


def _opened(name: str, path: str) -> maxminddb.Reader | None:
    if not path:
        return None
    try:
        return maxminddb.open_database(Path(path))
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise Invalid(variable_of(name), f"cannot be read: {error}") from error


def _look_up(reader: maxminddb.Reader | None, address: str) -> Found | None:
    """A miss has a prefix length too, but no record."""
    if reader is None:
        return None
    try:
        record, length = reader.get_with_prefix_len(address)
    except ValueError:  # an IPv6 address, and the file knows IPv4 only
        return None
    if not isinstance(record, dict):
        return None
    prefix = ipaddress.ip_network((address, length), strict=False)
    return record, str(prefix), f"{prefix[0]}-{prefix[-1]}"


def _coordinates(record: Mapping[str, Any]) -> Coordinates | None:
    place = _mapping(record.get("location"))
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        return None
    return Coordinates(latitude=latitude, longitude=longitude, location=_place_name(record))


def _place_name(record: Mapping[str, Any]) -> str | None:
    """`Ljubljana, Slovenia`: as much as is known, the smallest first."""
    divisions = record.get("subdivisions")
    division = divisions[0] if isinstance(divisions, list) and divisions else None
    names = [_english(part) for part in (record.get("city"), division, record.get("country"))]
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def _english(part: object) -> str | None:
    return _text(_mapping(_mapping(part).get("names")).get("en"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


@cache
def _suffixes() -> Callable[[str], Any]:
    # Imported when the first visit comes: it brings an HTTP client along that is never used, and 21 MiB with it.
    from tldextract import TLDExtract  # noqa: PLC0415

    extract = TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
    extract("example.org")  # reads the list
    gc.freeze()  # it is large and stays: to look through it at each full collection took a tenth of a delivery
    return extract


def _domain(host: str) -> str:
    bare = host.casefold().rstrip(".")
    return _suffixes()(bare).top_domain_under_public_suffix or bare

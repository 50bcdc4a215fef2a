"""Autonomous systems: who announces a public address, from a database that the owner supplies."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import maxminddb


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRecord:
    """An autonomous system's number, and the announced prefix that holds the address."""

    asn: int
    prefix: str


AsLookup = Callable[[str], AsRecord | None]
"""Tells who announces a numeric address; `None` if the database has no record of it."""


class AsDatabase:
    """A MaxMind DB file with `autonomous_system_number` records (GeoLite2 ASN and its like)."""

    def __init__(self, path: Path) -> None:
        self._reader = maxminddb.open_database(path)

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def __call__(self, address: str) -> AsRecord | None:
        """Look an address up; a miss has a prefix length too, but no record."""
        record, length = self._reader.get_with_prefix_len(address)
        asn = record.get("autonomous_system_number") if isinstance(record, dict) else None
        if not isinstance(asn, int):
            return None
        network = ipaddress.ip_network((address, length), strict=False)
        return AsRecord(asn=asn, prefix=str(network))

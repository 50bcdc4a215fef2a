"""MaxMind DB files that hold a prefix and a number."""

from collections.abc import Mapping
from pathlib import Path

from tests import mmdb


def write(path: Path, numbers: Mapping[str, int]) -> None:
    """Write a database that says which autonomous system announces which IPv4 or IPv6 prefix."""
    mmdb.write(path, {prefix: {"autonomous_system_number": number} for prefix, number in numbers.items()})

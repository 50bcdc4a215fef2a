"""The maker of a device, by its hardware address, from the machine's own hardware database."""

from __future__ import annotations

from sojourn.agent.probes.program import ask

_LOCAL = 0x02  # the bit of the first byte that says: not given out by a maker


async def vendor_of(address: str) -> str | None:
    """The maker; `None` for a made-up address, an unknown one, or a machine without database."""
    digits = address.replace(":", "").upper()
    try:
        first = bytes.fromhex(digits)[0]
    except (ValueError, IndexError):
        return None
    if first & _LOCAL:
        return None
    reply = await ask("systemd-hwdb", "query", f"OUI:{digits}", within=2.0)
    return read_vendor(reply.out) if reply else None


def read_vendor(properties: str) -> str | None:
    """The maker among `KEY=value` lines."""
    for line in properties.splitlines():
        key, _, value = line.partition("=")
        if key == "ID_OUI_FROM_DATABASE":
            return value.strip() or None
    return None

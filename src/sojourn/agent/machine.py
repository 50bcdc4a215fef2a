"""What this machine is: ids made from its own, and what it tells of itself when it registers."""

import hmac
import ipaddress
import os
import platform
import socket
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

AGENT = UUID("0b8a3c52-61f4-4c0e-8b0a-8f3d5a5c2e91")
DEVICE = UUID("5d2f6a0c-8e0b-4f7e-9a52-3a8a6f5d1c77")
"""What the machine's id is asked for: the agent's id and the device's GUID tell nothing of each other."""

_DMI = Path("/sys/class/dmi/id")
_MACHINE_ID = Path("/etc/machine-id")


class NoMachineId(Exception):
    """The machine has no id of its own; the message tells how to give it one."""


def machine_id(path: Path = _MACHINE_ID) -> str:
    """Read the machine's id: 32 hexadecimal digits. Raises: NoMachineId."""
    try:
        text = path.read_text(encoding="ascii").strip()
        UUID(hex=text)
    except (OSError, ValueError) as error:
        raise NoMachineId(f"{path} holds no machine id ({error}): run systemd-machine-id-setup") from error
    return text


def id_for(purpose: UUID, machine: str) -> str:
    """Make a stable id of this machine for one purpose, as `systemd-id128 --app-specific` does.

    An HMAC-SHA256 keyed by the machine id, cut to 128 bits and marked as a version 4 UUID: nobody gets back to the
    machine id from it, nor from one purpose's id to another's.
    """
    digest = bytearray(hmac.digest(bytes.fromhex(machine), purpose.bytes, "sha256")[:16])
    digest[6] = (digest[6] & 0x0F) | 0x40
    digest[8] = (digest[8] & 0x3F) | 0x80
    return str(UUID(bytes=bytes(digest)))


def hostname() -> str:
    """Tell the machine's name."""
    return socket.gethostname()


def description(name: str | None = None) -> dict[str, Any]:
    """Describe the machine in the words of the native wire; what it does not tell is absent."""
    told = {
        "agentName": name or hostname(),
        "computerName": hostname(),
        "osVersion": _os_version(),
        "kernelVersion": platform.release(),
        "platform": "Linux",
        "manufacturer": _dmi("sys_vendor"),
        "model": _dmi("product_name"),
        "totalMemory": _total_memory(),
        "version": version("sojourn"),
        "addresses": _addresses(),
    }
    return {key: value for key, value in told.items() if value}


def _addresses() -> list[str]:
    """Tell the machine's own addresses; those that mean something on one link only are left out."""
    told = [address.address for interface in psutil.net_if_addrs().values() for address in interface if _is_ip(address)]
    own = {ipaddress.ip_address(address.partition("%")[0]) for address in told}
    return sorted(str(address) for address in own if not address.is_loopback and not address.is_link_local)


def _is_ip(address: Any) -> bool:
    return address.family in (socket.AF_INET, socket.AF_INET6)


def _os_version() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return None


def _dmi(name: str) -> str | None:
    try:
        return (_DMI / name).read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None


def _total_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

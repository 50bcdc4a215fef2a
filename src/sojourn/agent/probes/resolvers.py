"""The name servers of the machine."""

from __future__ import annotations

from pathlib import Path

_STUB = "127.0.0.53"  # systemd-resolved's own listener: the real servers stand in its own file
_CONFIGURED = Path("/etc/resolv.conf")
_RESOLVED = Path("/run/systemd/resolve/resolv.conf")


def name_servers(configured: Path = _CONFIGURED, resolved: Path = _RESOLVED) -> tuple[str, ...]:
    """The servers in use, in order of preference; empty if no file names any."""
    servers = _read(configured)
    if _STUB in servers:
        return _read(resolved) or servers
    return servers


def _read(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ()
    lines = (line.split() for line in text.splitlines())
    servers = (words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")
    return tuple(dict.fromkeys(servers))

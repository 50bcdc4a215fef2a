"""What is around the data: settings, files, disk, addresses."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sojourn.config import CONFIG, PREFIX, Settings, variables
from sojourn.doctor.finding import Finding
from sojourn.loopback import is_loopback
from sojourn.web.limits import unreachable

GIBIBYTE = 2**30
NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"}

# What other programs of the project read: the agent and the tests.
_OTHERS = {"SERVER_URL", "TOKEN", "TOKEN_FILE", "AGENT_CONFIG", "TEST_POSTGRES", "TEST_CITUS"}


def examine_variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Names that nobody looks at, and files of secrets that others may read."""
    known = variables() | {f"{PREFIX}{name}" for name in _OTHERS}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            yield Finding(
                what=f"The variable {name} is set, and nothing looks at it.",
                why="A setting that is misspelled is not in force.",
                mend=f"Spell it as in docs/reference/settings.md, or unset it: unset {name}",
            )
        elif (name == CONFIG or (name in known and name.endswith("_FILE"))) and environment[name]:
            path = Path(environment[name])
            yield from examine_mode(path, "may hold secrets", f"chmod 600 {path}")


def examine_mode(path: Path, why: str, mend: str) -> Iterator[Finding]:
    """A file that others than its owner may read or write."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return
    if mode & 0o077:
        yield Finding(
            what=f"{path} can be read or written by others than its owner (mode {mode:04o}).",
            why=f"It {why}.",
            mend=mend,
        )


def examine_database_file(path: Path) -> Iterator[Finding]:
    """The file that holds the data, and the disk that it is on."""
    # What SQLite puts beside it has the same mode.
    yield from examine_mode(path, "holds everything that was recorded, unencrypted", f"chmod 600 {path}*")
    free = shutil.disk_usage(path.parent).free
    if free < GIBIBYTE:
        yield Finding(
            what=f"The disk of {path.parent} has {free / GIBIBYTE:.2f} GiB left.",
            why="When it is full, nothing can be recorded.",
            mend="Make room, or move the database: stop the server, move the file, set SOJOURN_DATABASE.",
        )
    kind = filesystem(path, Path("/proc/mounts"))
    if kind in NETWORK_FILESYSTEMS:
        yield Finding(
            what=f"{path} is on a file system of the network ({kind}).",
            why="SQLite's locks do not hold there: two writers can destroy the database.",
            mend="Move the file to a disk of this machine, or go over to PostgreSQL: docs/how-to/scale-out.md",
        )


def filesystem(path: Path, mounts: Path) -> str:
    """The kind of the file system that a path is on, as the kernel tells it; empty where it tells nothing."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    target = path.resolve()
    found = ("", "")
    for _, place, kind, *_ in (line.split() for line in lines):
        folder = place.replace("\\040", " ")
        if target.is_relative_to(folder) and len(folder) >= len(found[0]):
            found = (folder, kind)
    return found[1]


def examine_addresses(settings: Settings) -> Iterator[Finding]:
    """Where the server listens, and how people reach it."""
    public = urlsplit(settings.public_url)
    if not is_loopback(settings.host) and public.scheme != "https":
        yield Finding(
            what=f"The server listens on {settings.host}, and no public address with TLS is set.",
            why="Sojourn speaks plain HTTP: who is on the way can read every token.",
            mend="Put a proxy with TLS before it and set SOJOURN_PUBLIC_URL=https://…, or SOJOURN_HOST=127.0.0.1",
        )
    if public.scheme == "http" and not is_loopback(public.hostname or ""):
        yield Finding(
            what=f"The public address is {settings.public_url}, without TLS.",
            why="Who is on the way can read every token.",
            mend="Put a proxy with TLS before the server, and set SOJOURN_PUBLIC_URL=https://…",
        )


def examine_redis(settings: Settings) -> Iterator[Finding]:
    """Where several processes count together how often one may ask."""
    if not settings.redis:
        if settings.workers > 1:
            yield Finding(
                what=f"{settings.workers} workers serve, and each counts by itself how often one may ask.",
                why=f"An organisation may ask up to {settings.workers} times as often as its limit says.",
                mend="Set SOJOURN_REDIS to the address of a Redis.",
            )
        return
    trouble = unreachable(settings.redis)
    if trouble is not None:
        yield Finding(
            what=f"The Redis of SOJOURN_REDIS cannot be reached: {trouble}",
            why="Until it can, each process counts by itself how often one may ask.",
            mend="Start it, let this machine in, or mend SOJOURN_REDIS.",
        )

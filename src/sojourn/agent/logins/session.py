"""One login of one person on this workstation, whatever record tells of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How a session came to its end, as far as the records tell."""

    OPEN = "open"
    LOGOUT = "logout"
    SHUTDOWN = "shutdown"
    CRASH = "crash"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """A login with its times in microseconds since the epoch, UTC.

    `line` is the terminal (`tty2`, `pts/0`, `:0`), empty where there is none. `source` names the
    record that told of it, and is no part of what the session is.
    """

    login: str
    line: str
    started_at: int
    ended_at: int | None = None
    ending: Ending = Ending.OPEN
    pid: int | None = None
    source: str = ""
    identity: str = ""
    """What tells this session from all others, where the record has such a thing of its own."""

    def key(self, device: str) -> str:
        """Name the session so that every later reading of the same records names it the same."""
        own = self.identity or f"{self.line}\0{self.started_at}"
        digest = hashlib.sha256(f"{device}\0{self.login}\0{own}".encode()).hexdigest()
        return f"login-{digest[:40]}"

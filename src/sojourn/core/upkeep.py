"""What can be wrong with what is kept, though each row by itself is right."""

from enum import StrEnum
from typing import Protocol

from sojourn.core.model import Instant


class Flaw(StrEnum):
    """Rows that do not fit together. None can come of what Sojourn does; a bug, a disk or a hand can make them."""

    STRAY_ACTIVITIES = "stray_activities"
    STRAY_REMARKS = "stray_remarks"
    STRAY_VISITS = "stray_visits"
    STRAY_TERMS = "stray_terms"
    STRAY_KEYS = "stray_keys"
    STRAY_TOKENS = "stray_tokens"
    STRAY_MEMBERSHIPS = "stray_memberships"
    LOST_PEOPLE = "lost_people"
    LOST_DEVICES = "lost_devices"
    LOST_AGENTS = "lost_agents"
    MISSING_TERMS = "missing_terms"
    WRONG_COUNTS = "wrong_counts"
    WRONG_TALLIES = "wrong_tallies"


class Deed(StrEnum):
    """What an owner should do now and then."""

    BACKUP = "backup"


class UpkeepStore(Protocol):
    """What the core needs of a store to look after it. The promises are those of `core.ports`."""

    def pending(self) -> list[str]:
        """The steps to this release's tables that are missing, oldest first."""

    def faults(self, *, quick: bool) -> list[str]:
        """What the database itself finds wrong with it; `quick` leaves out what reads all of it."""

    def count(self, flaw: Flaw) -> int:
        """How many rows have it. Reads every row that can."""

    def mend(self, flaw: Flaw) -> None:
        """Make the rows fit together again: what belongs to nothing is deleted, what was counted is recounted."""

    def latest(self) -> Instant | None:
        """The latest start of a session, of any organisation; None where there is none."""

    def size(self) -> int:
        """How many bytes the database takes on its disk."""

    def note(self, deed: Deed, at: Instant) -> None:
        """It was done then."""

    def last(self, deed: Deed) -> Instant | None:
        """When it was done last; None where it never was."""

    def is_empty(self) -> bool:
        """Whether no session was ever recorded."""

    def hold(self, duty: str, holder: str, now: Instant, until: Instant) -> bool:
        """Take a duty until then, or keep it; whether it is this holder's. Another's is free when its time is over."""

    def release(self, duty: str, holder: str) -> None:
        """Let go of a duty, if it is this holder's."""

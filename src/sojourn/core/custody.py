"""What the core needs of a store to keep sessions no longer, and no shorter, than they are to be kept.

The promises are those of `core.ports`. What deletes does so in pieces: each call is one short transaction, after which
every list and every total is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sojourn.core.erasure import Counts, Erasure, Subject
from sojourn.core.hold import Hold, Holdable
from sojourn.core.model import Instant, PersonDraft
from sojourn.core.retention import Retention, Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a search for old sessions came: through which class of length, and up to which of its sessions."""

    span: int = 0
    at: Instant = -1
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """Sessions that have had their time, each with how much it holds; and where to go on, if there may be more."""

    sessions: Sequence[tuple[int, int]] = field(default_factory=tuple)
    next: Mark | None = None


class CustodyStore(Protocol):
    """Retention, legal hold, erasure."""

    def organisations(self) -> list[int]:
        """The numbers of all."""

    def retention(self, organisation: int) -> Retention:
        """How long an organisation keeps what. Raises: Unknown."""

    def set_retention(self, organisation: int, retention: Retention) -> None:
        """From now on. Raises: Unknown."""

    def old(self, organisation: int, sort: Sort, before: Instant, after: Mark, limit: int) -> Old:
        """Sessions of a sort that ended before then, oldest start first within each class of length."""

    def remove_old(self, organisation: int, sessions: Sequence[int], before: Instant) -> Counts:
        """Remove those of them that ended before then, still, and are not on hold."""

    def clear(self, limit: int) -> Counts | None:
        """Delete up to `limit` rows of what is left of sessions that are gone; None where nothing is."""

    def holds(self, organisation: int) -> list[Hold]:
        """All of an organisation, oldest first."""

    def hold(self, hold: Hold) -> tuple[Hold, bool]:
        """Hold it, or go on holding it: as it stands, and whether it is new. Raises: Unknown."""

    def release(self, organisation: int, noun: Holdable, number: int) -> None:
        """Let it go. Raises: Unknown."""

    def person(self, organisation: int, draft: PersonDraft) -> tuple[int, str]:
        """The number and the login of somebody who is known. Raises: Unknown."""

    def ask(
        self, organisation: int, subject: Subject, *, salt: str, why: str, asked_by: str, asked_at: Instant
    ) -> Erasure:
        """Note an erasure; the same that is asked for again before it is done is one. Raises: Unknown."""

    def erasures(self, organisation: int) -> list[Erasure]:
        """All of an organisation, newest first."""

    def erasure(self, organisation: int, number: int) -> Erasure:
        """One of them. Raises: Unknown."""

    def erase(self, now: Instant, limit: int) -> Counts | None:
        """Go on with an erasure, by up to `limit` rows; None where none is to be done."""

    def scrub(self) -> bool:
        """Write the database's files anew, so that nothing of what was erased is left there; whether that was done."""

"""How long sessions are kept: an organisation's rule, for each sort of session.

The age of a session is counted from its end; one that was closed for idleness ended with its last sign of life. One
that runs has no age.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sojourn.core.errors import Invalid
from sojourn.core.model import Kind

LEAST = 86_400
MOST = 100 * 366 * 86_400
"""Between how many seconds a sort may be kept for: a day, so that a slip does not empty the record, and a century."""

LOGINS = "login"
"""The module of the sessions that the collector of logins delivers."""


class Sort(StrEnum):
    """What a session is of, as far as it matters for how long it is kept."""

    WORK = "work"
    LOGIN = "login"
    VISIT = "visit"

    @property
    def kind(self) -> Kind:
        """The kind that its sessions have."""
        return Kind.VISIT if self is Sort.VISIT else Kind.WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many seconds after its end a session is kept, by sort; what is not named is kept for ever."""

    seconds: Mapping[Sort, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sort, seconds in self.seconds.items():
            if not LEAST <= seconds <= MOST:
                raise Invalid(sort.value, f"must be a number of seconds from {LEAST} to {MOST}, or absent")

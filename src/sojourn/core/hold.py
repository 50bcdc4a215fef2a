"""Legal hold: a session, or everything of a person, that nothing and nobody deletes until it is let go."""

from dataclasses import dataclass
from enum import StrEnum

from sojourn.core.errors import Invalid
from sojourn.core.model import Instant, note_of


class Holdable(StrEnum):
    """What can be held. Of a person it is the sessions, those to come too, and the name."""

    SESSION = "session"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What is held (a session's number, or a person's), why, by whom, and since when."""

    organisation: int
    noun: Holdable
    number: int
    why: str
    held_by: str
    at: Instant


def reason_of(field: str, text: str | None) -> str:
    """Why something is held, or erased: 1 to 4,000 characters. Raises: Invalid."""
    why = note_of(field, text)
    if why is None:
        raise Invalid(field, "must tell why")
    return why

"""Erasure of a person or of an entity: a job, and the receipt that it leaves.

A receipt says how much was deleted, when, and on whose word. It holds nothing of what was erased, but for a digest by
which somebody who knows the name can tell that it was meant.
"""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from sojourn.core.model import Instant

MOST_NAMED = 1_000
"""How many sessions a receipt names one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased:
    """A person: all sessions, and the name."""

    id: int
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityErased:
    """An entity: whatever was done to it."""

    type: str
    id: str


Subject: TypeAlias = PersonErased | EntityErased


class State(StrEnum):
    """How far an erasure is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows are gone, by what they were; `narrowed` are sessions that stayed, with less in them."""

    sessions: int = 0
    narrowed: int = 0
    activities: int = 0
    remarks: int = 0
    terms: int = 0
    keys: int = 0
    people: int = 0
    memberships: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in Counts.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is still there, and for whom to look at.

    `held` are sessions on hold. `mentioned` are sessions in which a note, a reason or a comment still speaks of what
    was erased, `visits` measured visits that touched the entity. `more`: each list is cut at `MOST_NAMED`.
    """

    held: tuple[int, ...] = ()
    mentioned: tuple[int, ...] = ()
    visits: tuple[int, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A job. `subject` is there until it is done; `digest` is `chained` over the sessions that it went through.

    `scrubbed`: whether the database's files were written anew since, so that no byte of it is left there.
    """

    organisation: int
    id: int
    noun: str
    subject: Subject | None
    salt: str
    subject_digest: str
    why: str
    asked_by: str
    asked_at: Instant
    begun_at: Instant | None = None
    ended_at: Instant | None = None
    deleted: Counts = field(default_factory=Counts)
    left: Left = field(default_factory=Left)
    digest: str = ""
    scrubbed: bool = False

    @property
    def state(self) -> State:
        """How far it is."""
        if self.ended_at is not None:
            return State.DONE
        return State.WAITING if self.begun_at is None else State.RUNNING


def noun_of(subject: Subject) -> str:
    """What is erased, in a word."""
    return "person" if isinstance(subject, PersonErased) else "entity"


def subject_digest(subject: Subject, salt: str) -> str:
    """SHA-256 of the salt and what is erased, as JSON: so that who knows the name can tell whether it was meant."""
    words = [subject.login] if isinstance(subject, PersonErased) else [subject.type, subject.id]
    return hashlib.sha256(json.dumps([salt, *words], ensure_ascii=False).encode()).hexdigest()


def chained(digest: str, session: int) -> str:
    """A digest over sessions in the order in which they were gone through: SHA-256 of the one before and the number."""
    return hashlib.sha256(f"{digest}{session}".encode()).hexdigest()

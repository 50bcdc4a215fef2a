"""What somebody wants written, and what they are told when it is on disk.

An intent is complete: it says for whom (`scope`), what, and under which idempotency key. A list of intents is written
in one transaction, each with a verdict of its own: the told thing, or the error that refused it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sojourn.core.access import Scope
from sojourn.core.agent import Agent, AgentDraft
from sojourn.core.errors import SojournError
from sojourn.core.model import (
    Activity,
    ActivityDraft,
    Closing,
    DeviceDraft,
    Instant,
    PersonDraft,
    Remark,
    RemarkDraft,
    Session,
)
from sojourn.core.report import Visit
from sojourn.core.visit import Facet, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An idempotency key: whose, its text, and a digest of the request that came with it."""

    principal: int
    text: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open a session, or hand in a whole one at once. `id` keeps a number when moving between stores.

    `closing` tells who ended it, where `ended_at` is given.
    """

    scope: Scope
    person: PersonDraft
    device: DeviceDraft | None = None
    module: str | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    closing: Closing = Closing.ENDED
    activities: tuple[ActivityDraft, ...] = ()
    remarks: tuple[RemarkDraft, ...] = ()
    id: int | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record activities; none at all is a heartbeat.

    `late` allows what a collector needs that was offline: an activity from before the end of an ended session, and
    one that shows a session to have been alive which the server closed for idleness.
    """

    scope: Scope
    session_id: int
    activities: tuple[ActivityDraft, ...] = ()
    late: bool = False
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotate:
    """Add remarks. One that the session already has is not repeated."""

    scope: Scope
    session_id: int
    remarks: tuple[RemarkDraft, ...]
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """End a session, perhaps with remarks. `at` absent: now."""

    scope: Scope
    session_id: int
    remarks: tuple[RemarkDraft, ...] = ()
    at: Instant | None = None
    late: bool = False
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete a session with everything in it."""

    scope: Scope
    session_id: int
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The session as it stands, without its activities."""

    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The activities with their numbers and times, in the order handed in."""

    activities: tuple[Activity, ...]
    updated_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """All remarks of the session, oldest first."""

    remarks: tuple[Remark, ...]
    updated_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The session is over."""

    remarks: tuple[Remark, ...]
    ended_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """Nothing of the session is left."""

    session_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Deliver a visit. `facets` is what it can be filtered by, `source` what the server knows of where it came from."""

    scope: Scope
    visit: Visit
    facets: Mapping[Facet, str]
    source: Source
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The visit is kept."""

    session_id: int
    user_session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """An agent describes itself, from `source`. The same again changes nothing but when it was last seen: no key."""

    scope: Scope
    agent: AgentDraft
    source: Source
    key: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The agent as it is known now; `first` when it was not known before."""

    agent: Agent
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregister:
    """Forget an agent. What it delivered stays, and so does its device."""

    scope: Scope
    agent_id: str
    key: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Nothing of what the agent told of itself is left."""

    agent_id: str


Intent: TypeAlias = Open | Record | Annotate | End | Delete | Deliver | Register | Unregister
Told: TypeAlias = Opened | Recorded | Annotated | Finished | Deleted | Delivered | Registered | Unregistered
Verdict: TypeAlias = Told | SojournError

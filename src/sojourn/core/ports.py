"""What the core needs of a store.

Promises of every method, stated once: it is one transaction, all or nothing; a read sees one moment; it may be called
from many threads; it raises `Unavailable` when the database cannot be reached, and lets bugs be bugs. Whatever belongs
to an organisation is asked for by a `Scope`, which is the first argument or a required field of the argument.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from sojourn.core.access import (
    AccessGroup,
    Credential,
    Invitation,
    Known,
    Level,
    Membership,
    Organisation,
    Principal,
    Resource,
    Scope,
    Token,
    TokenDraft,
)
from sojourn.core.agent import Agent, AgentPage
from sojourn.core.intent import Intent, Verdict
from sojourn.core.live import Glance, Seen
from sojourn.core.model import Device, Instant, PersonDraft, Session
from sojourn.core.presence import Stay, Window
from sojourn.core.query import (
    ActivityPage,
    DevicePage,
    Order,
    PersonPage,
    Place,
    SessionFilter,
    SessionPage,
    SessionQuery,
)
from sojourn.core.touch import Beat, Touchers, TouchPage
from sojourn.core.visit import VisitKept, VisitPage, VisitQuery


class SessionStore(Protocol):
    """Sessions and what is in them."""

    def write(self, intents: Sequence[Intent], now: Instant) -> list[Verdict]:
        """Write all that can be written; a verdict for each, in order. On disk when it returns."""

    def page(self, query: SessionQuery) -> SessionPage:
        """A page of sessions."""

    def days(self, scope: Scope, wanted: SessionFilter, zone: ZoneInfo) -> list[tuple[date, int]]:
        """How many sessions began on each day of a zone's calendar, oldest first; days without any are left out."""

    def session(self, scope: Scope, session_id: int, *, activities: bool) -> Session:
        """One session, with all its activities if asked for. Raises: Unknown."""

    def activities(
        self, scope: Scope, session_id: int, *, after: Place | None, limit: int, order: Order = Order.OLDEST
    ) -> ActivityPage:
        """A page of a session's activities in order of time, or from the last one back. Raises: Unknown."""

    def rhythm(self, scope: Scope, session_id: int, *, beats: int) -> tuple[Beat, ...]:
        """What was done in each of so many even parts of a session; empty ones are left out. Raises: Unknown."""

    def touches(self, query: SessionQuery) -> TouchPage:
        """A page of sessions that touched what the filter names, each with up to `listed` activities that did."""

    def touchers(self, query: SessionQuery) -> Touchers:
        """Who the sessions are of, counted over as many of the newest as the query's limit says."""

    def stays(self, scope: Scope, window: Window, *, after: Place | None, limit: int, offset: int) -> list[Stay]:
        """Who was there in a window, in order of start and number of the sessions."""

    def measured_stays(
        self, scope: Scope, window: Window, until: Instant, *, after: Place | None, limit: int, offset: int
    ) -> list[tuple[Stay, list[Instant]]]:
        """The same, each with the times of what was done in it; one without a logout is looked at until then."""

    def logins(self, scope: Scope, people: Sequence[int]) -> dict[int, str]:
        """The login names of people, by number."""

    def people(self, scope: Scope, *, after: Place | None, limit: int) -> PersonPage:
        """A page of the people that the scope may know."""

    def device(self, scope: Scope, guid: str) -> Device:
        """One device. Raises: Unknown."""

    def devices(self, scope: Scope, *, after: Place | None, limit: int) -> DevicePage:
        """A page of the organisation's devices."""

    def visits(self, query: VisitQuery) -> VisitPage:
        """A page of visits."""

    def visit(self, scope: Scope, number: int) -> VisitKept:
        """One visit, whole. Raises: Unknown."""

    def har(self, scope: Scope, number: int) -> str:
        """The HAR of a visit: JSON. Raises: Unknown."""

    def look(self, glance: Glance) -> Seen:
        """What is going on now: what was touched, ended or added since the last look."""

    def newest_visit(self, scope: Scope) -> Instant | None:
        """The date of the newest visit, where there is one."""

    def agents(self, scope: Scope, *, after: int | None, limit: int) -> AgentPage:
        """A page of agents in the order in which they were first seen, after that number."""

    def agent(self, scope: Scope, agent_id: str) -> Agent:
        """One agent. Raises: Unknown."""

    def close_idle(self, now: Instant, limit: int) -> int:
        """Close up to `limit` sessions that were idle for longer than their organisation allows; how many."""

    def forget_keys(self, now: Instant, limit: int) -> int:
        """Forget up to `limit` idempotency keys that have had their day; how many."""

    def note_busy(self) -> int:
        """What was met in very many sessions since the last call is to be counted; how many terms were not before."""

    def seek_busy(self) -> int:
        """The same of all that stands in very many sessions. Goes over the whole index, in short reads."""

    def count_busy(self) -> bool:
        """Count one more piece of what is to be counted, in milliseconds; False where nothing is left."""


class AccessStore(Protocol):
    """Organisations, who belongs to them, and with what they prove it. Every change but `note_use` moves `epoch`.

    Where somebody may administer an organisation, that is, may write its administration and is not narrowed to a
    person, no change leaves it without anybody who may, however many are made at the same time.
    """

    def epoch(self) -> int:
        """A number that changes with every change of access."""

    def organisations(self) -> list[Organisation]:
        """All of them, by number."""

    def organisation(self, number: int) -> Organisation:
        """One of them. Raises: Unknown."""

    def add_organisation(self, name: str, device_guid: str, now: Instant) -> Organisation:
        """A new one, with access groups for owners, recorders and readers. Raises: Exists."""

    def change_organisation(self, organisation: Organisation) -> None:
        """Everything but its number, its device and its birth. Raises: Unknown, Exists."""

    def add_principal(self, email: str, now: Instant) -> Principal:
        """The principal of that address, made on first sight."""

    def members(self, organisation: int) -> list[Membership]:
        """Who belongs to an organisation, by address."""

    def join(self, organisation: int, email: str, group: str, person: PersonDraft | None) -> Membership:
        """Make a principal a member, or change its membership.

        Raises: Unknown (principal, access group), Invalid (group, own), when it is the last to administer.
        """

    def leave(self, organisation: int, email: str, now: Instant) -> None:
        """End a membership, and the tokens that the organisation made for the principal.

        Raises: Unknown, Invalid (email), when it is the last to administer.
        """

    def make_default(self, organisation: int, email: str) -> None:
        """The organisation that a principal works in when it names none. Raises: Unknown."""

    def groups(self, organisation: int) -> list[AccessGroup]:
        """The access groups of an organisation, by name."""

    def set_group(self, organisation: int, name: str, levels: Mapping[Resource, Level]) -> AccessGroup:
        """Make or change an access group; what is not named stays, or is None in a new one.

        Raises: Invalid (administration), when nobody would be left to administer.
        """

    def drop_group(self, organisation: int, name: str) -> None:
        """Drop an access group that nobody is in. Raises: Unknown, Invalid."""

    def add_token(self, draft: TokenDraft, now: Instant) -> Token:
        """Keep a token's digests. Raises: Unknown (principal, membership), Exists."""

    def tokens(self, organisation: int) -> list[Token]:
        """The tokens that an organisation made, newest first, without short-lived ones; 0: those of principals."""

    def revoke(self, organisation: int, token: int, now: Instant) -> None:
        """End a token that the organisation made and all that were bought with it. Raises: Unknown."""

    def credential(self, digest: str) -> Credential | None:
        """The token with that digest of its secret, or of its secret's MD5; None where there is none."""

    def client(self, client_key: str, digest: str) -> Credential | None:
        """The token with that public key and that digest; None where there is none."""

    def note_use(self, uses: Mapping[int, Instant]) -> None:
        """When tokens were last used."""

    def drop_expired(self, now: Instant, limit: int) -> int:
        """Drop short-lived tokens and sessions that are over, at most `limit`; how many."""


class SignInStore(Protocol):
    """Passwords, links, and the sessions of browsers. Every change but `rehash` moves `epoch`."""

    def known(self, email: str) -> Known | None:
        """Who has that address; None where nobody has."""

    def set_password(self, principal: int, hash_: str, now: Instant, *, vouched: int | None, keep: int) -> None:
        """Set a password. What was begun with the old one is over, but for the session `keep`.

        With `vouched`, it opens that organisation alone (0 = all); without, the same ones as before.
        """

    def rehash(self, principal: int, old: str, new: str) -> None:
        """Keep the same password in a better way, unless it was changed meanwhile."""

    def invite(self, organisation: int, email: str, digest: str, expires_at: Instant) -> None:
        """Keep the digest of a link for a member, in place of the one before. Raises: Unknown."""

    def invitation(self, digest: str, now: Instant) -> Invitation | None:
        """What a link is for, as long as it and the membership hold."""

    def accept(self, digest: str, hash_: str | None, now: Instant) -> None:
        """Use up a link: the password opens its organisation. Raises: Unknown, Exists (password).

        With `hash_` it is the principal's first password. Without, it is the one that there is.
        """

    def sessions(self, principal: int) -> list[Token]:
        """The browsers' sessions of a principal, newest first."""

    def own_tokens(self, principal: int) -> list[Token]:
        """The tokens of a principal for programs, whoever made them, newest first, without short-lived ones."""

    def token(self, number: int) -> Token | None:
        """One token; None where there is none."""

    def end(self, principal: int, token: int, now: Instant) -> None:
        """End a token of a principal and all that were bought with it. Raises: Unknown, where none holds."""

    def prolong(self, token: int, until: Instant) -> None:
        """Let a session that holds live until then."""

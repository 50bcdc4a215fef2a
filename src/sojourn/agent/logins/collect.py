"""Collecting: what the records tell and what logind tells, made one, and told to the server."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sojourn.agent.clock import SECOND, now
from sojourn.agent.logins import merge
from sojourn.agent.logins.ledger import Ledger
from sojourn.agent.logins.records import Records
from sojourn.agent.logins.reporter import Reporter
from sojourn.agent.logins.session import Ending, LoginSession

DAY = 86_400 * SECOND

SETTLING = 10 * SECOND
"""How long a login that only logind tells of is waited with: its record may be on the way."""

ALIVE = 5 * 60 * SECOND
"""How often an open session is told to be alive: well within the time after which servers take it for idle."""

WATCHED = 2 * 60 * SECOND
"""A session of logind's that was seen this short a time ago ended just now; else when it was last seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """One list of the sessions, and the keys of the open ones that are known to go on."""

    sessions: Sequence[LoginSession]
    alive: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Collector:
    """Makes one list of all logins, and tells it.

    Where there is no such source, `records` is None, or `live` tells None.
    """

    records: Records | None
    live: Callable[[], list[LoginSession] | None]
    ledger: Ledger
    reporter: Reporter
    clock: Callable[[], int] = now
    processes: Path = Path("/proc")
    _forgot_at: int = 0

    def collect(self) -> None:
        """Tell the server all that it does not know yet. Raises: NotTold."""
        at = self.clock()
        recorded = self.records.sessions() if self.records is not None else []
        live = self.live()
        merged = self.merged(recorded, live, at)
        self.reporter.tell(merged.sessions, at)
        if live is not None:
            self._end_the_gone(live, at)
        self._keep_alive(merged, at)
        self._forget(recorded, at)

    def merged(self, recorded: Iterable[LoginSession], live: Sequence[LoginSession] | None, at: int) -> Merged:
        """Make one list of the two; whoever is known to the server under logind's key stays under it."""
        known, settled = self.ledger.open(), self.ledger.settled()
        sessions = {self._key(record): record for record in recorded}
        alive = {key for key, record in sessions.items() if self._runs(record, live)}
        told = {self._key(each): each for each in live or ()}
        for record, each in merge.pairs(list(sessions.values()), list(told.values())):
            of_record, of_logind = self._key(record), self._key(each)
            if of_logind not in known:
                del told[of_logind]
                alive.add(of_record)
                continue
            del sessions[of_record]
            if of_record not in settled:
                alias = replace(known[of_logind], key=of_record, started_at=record.started_at, settled=True)
                self.ledger.write(alias)
        sessions |= {key: each for key, each in told.items() if key in known or at - each.started_at >= SETTLING}
        return Merged(sessions=list(sessions.values()), alive=frozenset(alive | told.keys()))

    def _end_the_gone(self, live: Iterable[LoginSession], at: int) -> None:
        """End the sessions that only logind knew of, and knows no more."""
        here = {self._key(each) for each in live}
        for entry in self.ledger.open().values():
            if entry.source == "logind" and entry.key not in here:
                watched = abs(at - entry.seen_at) <= WATCHED
                self.reporter.end(entry, at if watched else entry.seen_at, Ending.LOGOUT)

    def _keep_alive(self, merged: Merged, at: int) -> None:
        for key, entry in self.ledger.open().items():
            if key not in merged.alive:
                continue
            if abs(at - entry.told_at) >= ALIVE:
                self.reporter.keep_alive(entry, at)
            elif abs(at - entry.seen_at) >= WATCHED // 2:
                self.ledger.write(replace(entry, seen_at=at))

    def _forget(self, recorded: Sequence[LoginSession], at: int) -> None:
        """Let the ledger forget, once a day, what has left the records by their rotation."""
        if recorded and abs(at - self._forgot_at) >= DAY:
            self._forgot_at = at
            self.ledger.forget(min(record.started_at for record in recorded))

    def _runs(self, record: LoginSession, live: Sequence[LoginSession] | None) -> bool:
        """Tell whether an open session on record goes on: its process does, or nobody can tell otherwise."""
        if record.ended_at is not None:
            return False
        if record.pid is not None:
            return (self.processes / str(record.pid)).exists()
        return live is None

    def _key(self, session: LoginSession) -> str:
        return session.key(self.reporter.device.guid)

"""Sessions on disk: the port of the core, told in SQL. It knows tables and no driver."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sojourn.core.access import EVERYBODY, Scope
from sojourn.core.agent import Agent, AgentPage
from sojourn.core.intent import (
    Annotate,
    Delete,
    Deliver,
    End,
    Intent,
    Open,
    Record,
    Register,
    Unregister,
    Verdict,
)
from sojourn.core.live import Glance, Seen
from sojourn.core.model import Device, Instant, Session
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
from sojourn.storage import agents, busy, ending, keys, live, people, presence, reading, touching, visits
from sojourn.storage.deleting import delete_sessions
from sojourn.storage.delivering import deliver_visits
from sojourn.storage.ending import end_sessions
from sojourn.storage.engine import Conflict, Engine, Transaction
from sojourn.storage.opening import open_sessions
from sojourn.storage.recording import record_activities
from sojourn.storage.remarking import annotate_sessions
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")

# Each is handed intents of its own type only. In this order within a transaction: what is recorded at the same time as
# the end was recorded before it.
_WRITERS: Mapping[type[Intent], Callable[[Transaction, Tally, Sequence[Any], Instant], list[Verdict]]] = {
    Open: open_sessions,
    Record: record_activities,
    Annotate: annotate_sessions,
    End: end_sessions,
    Register: agents.register_agents,
    Deliver: deliver_visits,
    Delete: delete_sessions,
    Unregister: agents.unregister_agents,
}

ATTEMPTS = 5

Done = TypeVar("Done")


class Store:
    """`sojourn.core.ports.SessionStore` on an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted = busy.Noted()

    def write(self, intents: Sequence[Intent], now: Instant) -> list[Verdict]:
        def work(transaction: Transaction, again: bool) -> list[Verdict]:
            if again:
                _hold(transaction, intents)
            tally = Tally(transaction)
            verdicts = keys.once(transaction, intents, now, partial(_write, transaction, tally, now))
            tally.write()
            return verdicts

        return self._try(work)

    def page(self, query: SessionQuery) -> SessionPage:
        with self._engine.read() as transaction:
            return reading.read_page(transaction, query, self._noted)

    def days(self, scope: Scope, wanted: SessionFilter, zone: ZoneInfo) -> list[tuple[date, int]]:
        with self._engine.read() as transaction:
            return reading.read_days(transaction, scope, wanted, zone)

    def session(self, scope: Scope, session_id: int, *, activities: bool) -> Session:
        with self._engine.read() as transaction:
            return reading.read_session(transaction, scope, session_id, activities)

    def activities(
        self, scope: Scope, session_id: int, *, after: Place | None, limit: int, order: Order = Order.OLDEST
    ) -> ActivityPage:
        with self._engine.read() as transaction:
            return reading.read_activities(transaction, scope, session_id, after, limit, order)

    def rhythm(self, scope: Scope, session_id: int, *, beats: int) -> tuple[Beat, ...]:
        with self._engine.read() as transaction:
            return touching.read_rhythm(transaction, scope, session_id, beats)

    def touches(self, query: SessionQuery) -> TouchPage:
        with self._engine.read() as transaction:
            return touching.read_touches(transaction, query, self._noted)

    def touchers(self, query: SessionQuery) -> Touchers:
        with self._engine.read() as transaction:
            return touching.read_touchers(transaction, query)

    def stays(self, scope: Scope, window: Window, *, after: Place | None, limit: int, offset: int) -> list[Stay]:
        with self._engine.read() as transaction:
            return presence.read_stays(transaction, scope, window, after, limit, offset)

    def measured_stays(
        self, scope: Scope, window: Window, until: Instant, *, after: Place | None, limit: int, offset: int
    ) -> list[tuple[Stay, list[Instant]]]:
        with self._engine.read() as transaction:
            stays = presence.read_stays(transaction, scope, window, after, limit, offset)
            return presence.with_moments(transaction, scope, stays, until)

    def logins(self, scope: Scope, people: Sequence[int]) -> dict[int, str]:
        with self._engine.read() as transaction:
            return presence.read_logins(transaction, scope, people)

    def people(self, scope: Scope, *, after: Place | None, limit: int) -> PersonPage:
        with self._engine.read() as transaction:
            return people.read_people(transaction, scope, after, limit)

    def device(self, scope: Scope, guid: str) -> Device:
        with self._engine.read() as transaction:
            return people.read_device(transaction, scope, guid)

    def devices(self, scope: Scope, *, after: Place | None, limit: int) -> DevicePage:
        with self._engine.read() as transaction:
            return people.read_devices(transaction, scope, after, limit)

    def visits(self, query: VisitQuery) -> VisitPage:
        with self._engine.read() as transaction:
            return visits.read_visits(transaction, query)

    def visit(self, scope: Scope, number: int) -> VisitKept:
        with self._engine.read() as transaction:
            return visits.read_visit(transaction, scope, number)

    def har(self, scope: Scope, number: int) -> str:
        with self._engine.read() as transaction:
            return visits.read_har(transaction, scope, number)

    def look(self, glance: Glance) -> Seen:
        with self._engine.read() as transaction:
            return live.look(transaction, glance)

    def newest_visit(self, scope: Scope) -> Instant | None:
        with self._engine.read() as transaction:
            return visits.newest_date(transaction, scope)

    def agents(self, scope: Scope, *, after: int | None, limit: int) -> AgentPage:
        with self._engine.read() as transaction:
            return agents.read_agents(transaction, scope, after, limit)

    def agent(self, scope: Scope, agent_id: str) -> Agent:
        with self._engine.read() as transaction:
            return agents.read_agent(transaction, scope, agent_id)

    def close_idle(self, now: Instant, limit: int) -> int:
        return self._try(lambda transaction, _: ending.close_idle(transaction, now, limit))

    def forget_keys(self, now: Instant, limit: int) -> int:
        return self._try(lambda transaction, _: keys.forget(transaction, now - keys.KEPT_FOR, limit))

    def note_busy(self) -> int:
        return busy.begin(self._engine, self._noted.take())

    def count_busy(self) -> bool:
        return busy.count_piece(self._engine)

    def seek_busy(self) -> int:
        return busy.begin(self._engine, busy.seek(self._engine))

    def _try(self, work: Callable[[Transaction, bool], Done]) -> Done:
        """Do it in one transaction; again where another was in the way. Raises: Unavailable, where one always is."""
        for attempt in range(ATTEMPTS - 1):
            with suppress(Conflict), self._engine.write() as transaction:
                return work(transaction, attempt > 0)
        with self._engine.write() as transaction:
            return work(transaction, True)


def _hold(transaction: Transaction, intents: Sequence[Intent]) -> None:
    """Lock all sessions that are spoken of, in one order: two that met crosswise do not meet so again."""
    spoken_of = {
        (i.scope.organisation, i.session_id) for i in intents if isinstance(i, Record | Annotate | End | Delete)
    }
    for organisation, number in sorted(spoken_of):
        transaction.run(_SQL["hold"], {"organisation": organisation, "id": number, "person": EVERYBODY})


def _write(transaction: Transaction, tally: Tally, now: Instant, intents: Sequence[Intent]) -> list[Verdict]:
    verdicts: dict[int, Verdict] = {}
    for kind, write in _WRITERS.items():
        chosen = [i for i, intent in enumerate(intents) if type(intent) is kind]
        if chosen:
            verdicts |= zip(chosen, write(transaction, tally, [intents[i] for i in chosen], now), strict=True)
    return [verdicts[i] for i in range(len(intents))]

"""The ceiling: Sojourn's own app with storage left out.

What stays: uvicorn, the doors, Starlette's routing, the credentials gate, reading, decoding and checking of bodies, the
recorder, the handlers, the answers' structs and JSON, the metrics of requests, the log line. What is left out: the
database and everything that is there for its sake, which is the write queue, the threads, the look at the epoch of
access, the metrics of commits, the statements and rows. What is read comes from memory.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from starlette.types import ASGIApp

from benchmarks.population import FIRST_PERSON, ORGANISATION, Population
from sojourn import app
from sojourn.config import Settings
from sojourn.core.access import Caller, Scope
from sojourn.core.intent import Intent, Record, Recorded, Verdict
from sojourn.core.journal import Journal
from sojourn.core.model import Activity, Instant
from sojourn.core.query import SessionFilter, SessionPage, SessionQuery
from sojourn.core.recorder import Recorder
from sojourn.core.registry import Registry
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.engine import Engine
from sojourn.storage.store import Store
from sojourn.web.backend import Backend
from sojourn.web.gather import Gather

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")


class StoreInMemory(Store):
    """Takes activities and forgets them; tells pages that it read once."""

    def __init__(self, engine: Engine, population: Population) -> None:
        super().__init__(engine)
        people = range(FIRST_PERSON, FIRST_PERSON + population.people)
        self._pages = cycle([super(StoreInMemory, self).page(_page_of(person)) for person in people])

    def write(self, intents: Sequence[Intent], now: Instant) -> list[Verdict]:
        return [_recorded(intent, now) if isinstance(intent, Record) else _refuse(intent) for intent in intents]

    def page(self, query: SessionQuery) -> SessionPage:
        return next(self._pages)


def _page_of(person: int) -> SessionQuery:
    return SessionQuery(scope=Scope(ORGANISATION), filter=SessionFilter(person=person), activities=True, total=True)


def _recorded(intent: Record, now: Instant) -> Recorded:
    told = tuple([
        Activity(seq=seq, at=now, entity_type=a.entity_type, entity_id=a.entity_id, name=a.name, note=a.note)
        for seq, a in enumerate(intent.activities, 1)
    ])  # fmt: skip
    return Recorded(activities=told, updated_at=now)


def _refuse(intent: Intent) -> Verdict:
    raise TypeError(f"no case measures this: {intent}")


class AccessInMemory(AccessOnDisk):
    """Who may is looked up once; nothing changes."""

    def epoch(self) -> int:
        return 1


class Straight(Gather[Item, Result]):
    """Nobody waits for anybody."""

    async def put(self, item: Item, weight: int = 1) -> Result:
        (result,) = self._work([item])
        if isinstance(result, BaseException):
            raise result
        return result


def unstored(settings: Settings, population: Population) -> ASGIApp:
    """The app without storage. The database of the settings is settled already; only access is read from it."""
    core = app.services(settings)
    store = StoreInMemory(core.engine, population)
    memory = app.Services(
        engine=core.engine,
        recorder=Recorder(store, core.clock),
        journal=Journal(store),
        registry=Registry(AccessInMemory(core.engine), core.clock),
        signin=core.signin,
        custodian=core.custodian,
        upkeep=core.upkeep,
        clock=core.clock,
    )
    # Whatever is renamed in the app fails here, loudly, instead of being measured.
    with ExitStack() as stack:
        stack.enter_context(patch("sojourn.web.backend.Gather", Straight))
        stack.enter_context(patch("sojourn.app.Backend", _StraightBackend))
        stack.enter_context(patch("sojourn.app.Metrics.commit", _count_nothing))
        return app.web(settings, memory)


class _StraightBackend(Backend):
    """Reads where it stands."""

    async def read(self, caller: Caller, ask: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return ask(*arguments, **named)

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return work(*arguments, **named)


def _count_nothing(_metrics: object, _count: int, _seconds: float) -> None:
    """A commit that never was."""

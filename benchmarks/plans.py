"""How an engine goes about the statements of a question: EXPLAIN of each, with what it takes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import httpx
from anyio.from_thread import start_blocking_portal

from benchmarks.databases import core_on
from benchmarks.stores import TOKEN
from benchmarks.traffic import Call
from sojourn.app import web
from sojourn.config import Settings
from sojourn.core.journal import Journal
from sojourn.storage.engine import Engine, Row, Transaction
from sojourn.storage.store import Store
from sojourn.web.log import configure

SQLITE, POSTGRESQL = "EXPLAIN QUERY PLAN ", "EXPLAIN (ANALYZE, BUFFERS) "


@dataclass(slots=True)
class Plans:
    """An engine that tells of each statement that reads how it goes about it, and then runs it."""

    engine: Engine
    explain: str
    told: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    @contextmanager
    def read(self) -> Iterator["_Explained"]:
        """A transaction that reads."""
        with self.engine.read() as transaction:
            yield _Explained(transaction, self)


@dataclass(frozen=True, slots=True)
class _Explained:
    transaction: Transaction
    plans: Plans

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        self._tell(statement, parameters, self.transaction.run(self.plans.explain + statement, parameters))
        return self.transaction.run(statement, parameters)

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        if rows:
            self._tell(statement, rows[:1], self.transaction.each(self.plans.explain + statement, rows[:1]))
        return self.transaction.each(statement, rows)

    def _tell(self, statement: str, given: object, plan: Sequence[Row]) -> None:
        # SQLite's rows are number, parent, nothing, text; PostgreSQL's are text.
        self.plans.told.append("\n".join([statement, f"-- {given}", *[f"    {row[-1]}" for row in plan]]))


def plans(url: str, call: Call) -> list[str]:
    """The statements that answer a request, each with its plan. Raises: httpx.HTTPStatusError."""
    configure("warning")
    with core_on(url) as core:
        spy = Plans(core.engine, SQLITE if url.startswith("sqlite") else POSTGRESQL)
        app = web(Settings(database=url), replace(core, journal=Journal(Store(cast(Engine, spy)))))
        transport, headers = httpx.ASGITransport(app), {"Authorization": f"Bearer {TOKEN}"}
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(
                httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
            ) as asking,
        ):
            portal.call(partial(asking.request, call.method, call.path)).raise_for_status()
    return spy.told

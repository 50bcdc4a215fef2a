"""What reading costs, in the engine's own measure, and crowds of sessions that it must not cost more for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import apsw
import pytest

from sojourn.core.model import Instant, Kind
from sojourn.core.span import span_class
from sojourn.storage.engine import Engine, Row
from sojourn.storage.postgres import PostgresTransaction
from sojourn.storage.sql import load
from sojourn.storage.sqlite import SQLiteTransaction
from tests.storage.desk import Desk

_SQL = load("sessions")


@dataclass(slots=True)
class Cost:
    """What reading took, in the engine's own measure: rows that the plans' nodes read, or steps of the machine."""

    amount: int = 0
    sorted: int = 0


@contextmanager
def measured(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cost]:
    """Measure all that is read inside."""
    cost = Cost()
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def note_asked(self: PostgresTransaction, statement: str, parameters: Any = None) -> list[Row]:
        asked.append((statement, parameters or {}))
        return original(self, statement, parameters)

    def count_steps(self: SQLiteTransaction, statement: str, parameters: Any = None) -> list[Row]:
        def note(event: dict[str, Any]) -> None:
            cost.amount += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

        self._connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, note)
        try:
            return original_sqlite(self, statement, parameters)
        finally:
            self._connection.trace_v2(0)

    original, original_sqlite = PostgresTransaction.run, SQLiteTransaction.run
    with monkeypatch.context() as patch:
        patch.setattr(PostgresTransaction, "run", note_asked)
        patch.setattr(SQLiteTransaction, "run", count_steps)
        yield cost
    for statement, parameters in asked:
        _add(_plan(engine, statement, parameters), cost)


def _plan(engine: Engine, statement: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """How PostgreSQL ran it. A cluster explains nothing after it read something by itself in the same transaction."""
    with engine.read() as transaction:
        assert isinstance(transaction, PostgresTransaction)
        transaction.run("SET LOCAL citus.explain_all_tasks = on")  # a name that nobody asks for elsewhere
        ((((told,),)),) = transaction.run(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    plan: dict[str, Any] = told["Plan"]
    return plan


def _add(node: dict[str, Any], cost: Cost) -> None:
    rows = node["Actual Rows"] * node["Actual Loops"]
    if "Scan" in node["Node Type"]:
        cost.amount += rows + node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
    for inner in (*node.get("Plans", ()), *_elsewhere(node.get("Distributed Query"))):
        # What other machines bring is sorted to be merged: each has sorted and cut its own.
        if "Sort" in node["Node Type"] and inner.get("Custom Plan Provider") != "Citus Adaptive":
            cost.sorted += inner["Actual Rows"] * inner["Actual Loops"]
        _add(inner, cost)


def _elsewhere(told: Any) -> Iterator[dict[str, Any]]:
    """The plans of other machines, and of what is read before them, in what a cluster tells of a query."""
    if isinstance(told, dict) and "Plan" in told:
        yield told["Plan"]
    elif isinstance(told, dict | list):
        for part in told.values() if isinstance(told, dict) else told:
            yield from _elsewhere(part)


def bare(desk: Desk, number: int, began: Instant, length: int | None, kind: Kind = Kind.WORK, person: int = 1) -> Row:
    """A row of a session in which nothing was done."""
    ended = None if length is None else began + length
    span = None if ended is None else span_class(began, ended)
    organisation = desk.scope.organisation
    return (organisation, number, kind.value, person, 0, None, began, ended, None, began, None, None, began, 0, 0, span)


def crowd(desk: Desk, engine: Engine, first: int, starts: Sequence[Instant], lengths: Sequence[int | None]) -> None:
    """Many sessions at once, without activities; the length of each is the next of some, over and over."""
    rows = [bare(desk, first + i, began, lengths[i % len(lengths)]) for i, began in enumerate(starts)]
    with engine.write() as transaction:
        for i in range(0, len(rows), 2_000):
            transaction.each(_SQL["add_sessions"], rows[i : i + 2_000])
    if type(engine).__name__ == "PostgresEngine":
        engine.peek("ANALYZE session")  # as the server does by itself after a while


OF_ALL_LENGTHS = [2**exponent - 1 for exponent in range(20, 42)]
"""From a second to 25 days, one of each class."""

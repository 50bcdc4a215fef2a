"""What Citus itself says of where a statement goes, and of a database that becomes a cluster with what it holds."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import psycopg
import pytest

from sojourn.core.errors import Invalid
from sojourn.core.query import Order
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.binding import for_all, for_one, own
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine, Row, batch_columns
from sojourn.storage.placement import placements
from sojourn.storage.postgres import PostgresEngine, PostgresTransaction
from sojourn.storage.schema import migrate, pending
from sojourn.storage.store import Store
from tests import citus
from tests.storage.desk import NOON, Desk, did, key, why
from tests.storage.routing import Route, route, written
from tests.storage.tables import contents

pytestmark = pytest.mark.skipif(
    not os.environ.get(citus.VARIABLE), reason=f"Citus comes with no wheel: {citus.VARIABLE} names no cluster"
)

FIRST_WORKER = "SELECT groupid, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY groupid LIMIT 1"
NAMES = "SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY groupid"

PIECES = {p.table: p.column for p in placements() if p.column is not None}


@pytest.fixture
def desk(citus_engine: PostgresEngine) -> Desk:
    store, access = Store(citus_engine), AccessOnDisk(citus_engine)
    return Desk(store, access.add_organisation(os.urandom(8).hex(), os.urandom(8).hex(), NOON).id)


class Plans:
    """The plans of what was run, each with how many machines' pieces it touches."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []

    def note(self, statement: str, plan: Any) -> None:
        text = str(plan)
        tasks = [int(part.split(",")[0]) for part in text.split("'Task Count': ")[1:]]
        self.found.append((statement, sum(tasks), text))

    def of_pieces(self) -> list[tuple[str, int, str]]:
        """Those of statements over what lies in pieces."""
        return [one for one in self.found if route(one[0], PIECES) is not Route.NONE]


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Plans:
    plans = Plans()
    fetch = PostgresTransaction._fetch

    def explain(self: PostgresTransaction, statement: str, parameters: Mapping[str, Any]) -> list[Row]:
        plan = fetch(self, f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement}", parameters)
        plans.note(statement.replace("%(", ":"), plan)
        return fetch(self, statement, parameters)

    monkeypatch.setattr(PostgresTransaction, "_fetch", explain)
    return plans


ONE_SESSION: dict[str, Callable[[Desk], object]] = {
    "open": lambda desk: desk.open(activities=(did(),), remarks=(why("Call"),), device="guid"),
    "open with a key": lambda desk: desk.open(key=key("k")),
    "record": lambda desk: desk.record(1, did(note="by phone"), did("Seen")),
    "annotate": lambda desk: desk.annotate(1, why("Call", "back later")),
    "end": lambda desk: desk.end(1, why("Done")),
    "read": lambda desk: desk.session(1),
    "read activities": lambda desk: desk.store.activities(desk.scope, 1, after=None, limit=10),
    "delete": lambda desk: desk.delete(1),
}


@pytest.mark.parametrize("what", ONE_SESSION)
def test_what_is_done_to_one_session_goes_to_one_piece(desk: Desk, plans: Plans, what: str) -> None:
    desk.open(activities=(did(),), remarks=(why("Call"),))
    plans.found.clear()
    ONE_SESSION[what](desk)
    assert plans.of_pieces()
    assert {statement: tasks for statement, tasks, _ in plans.of_pieces() if tasks != 1} == {}


LISTS: dict[str, dict[str, Any]] = {
    "newest": {"order": Order.NEWEST},
    "of a person": {"login": "ada"},
    "of an entity": {"entity_id": "98662653"},
    "that are alive": {"alive_from": NOON - 1},
    "one thing with words": {"entity_type": "CUSTOMER", "entity_id": "98662653", "text": "phone"},
}


@pytest.mark.parametrize("which", LISTS)
def test_a_list_is_cut_on_each_machine(desk: Desk, plans: Plans, which: str) -> None:
    for i in range(5):
        desk.open(activities=(did(note="by phone"),), started_at=NOON - i)
    plans.found.clear()
    page = desk.page(limit=2, **LISTS[which])
    assert len(page.sessions) == 2
    lists = [plan for statement, _, plan in plans.of_pieces() if "ORDER BY" in statement and "s.closing" in statement]
    assert len(lists) == 1
    tasks = lists[0].split("'Tasks': [")[1:]
    assert tasks
    assert all("'Limit'" in task or "read_intermediate_result" in task for task in tasks)


class TestADatabaseThatHoldsSomething:
    def test_it_becomes_a_cluster_with_all_that_it_holds(self, citus_url: str) -> None:
        with closing(connect(citus_url)) as engine:
            with citus.alone(citus_url):
                assert migrate(engine, NOON)
                before = self._fill(engine)
                assert pending(engine) == []
            told = pending(engine)
            assert "session: spread over the workers" in told
            assert migrate(engine, NOON) == told
            assert contents(engine) == before
            assert pending(engine) == migrate(engine, NOON) == []
            rows = engine.peek("SELECT table_name::text, citus_table_type FROM citus_tables")
        assert {name for name, _ in rows} == {p.table for p in placements()}
        assert {name for name, kind in rows if kind == "distributed"} == PIECES.keys()

    @staticmethod
    def _fill(engine: Engine) -> dict[str, list[Row]]:
        desk = Desk(Store(engine), AccessOnDisk(engine).add_organisation("Desk", "guid", NOON).id)
        for _ in range(5):
            desk.open(activities=(did(),), remarks=(why("Call"),))
        return contents(engine)

    def test_a_coordinator_must_be_known_to_its_workers(self, citus_url: str) -> None:
        with psycopg.connect(citus_url, autocommit=True) as connection:
            connection.execute("SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node WHERE groupid = 0")
            engine = connect(citus_url)
            try:
                with pytest.raises(Invalid, match="citus_set_coordinator_host"):
                    migrate(engine, NOON)
            finally:
                engine.close()
            host, port = connection.info.host, connection.info.port
            connection.execute("SELECT citus_set_coordinator_host(%s, %s)", (host, port))


def _plan(connection: psycopg.Connection, statement: str, kinds: Mapping[str, str]) -> int:
    """To how many pieces it goes, where numbers are 1 and texts are x."""
    values = {"INTEGER": 1, "TEXT": "x", "REAL": 0.5}
    names = set(re.findall(r"%\((\w+)\)s", statement))
    given = {name: values[kinds[name]] if name in kinds else None for name in names}
    with connection.transaction(force_rollback=True):
        plan = connection.execute(f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement}".encode(), given).fetchall()
    return sum(int(part.split(",")[0]) for part in str(plan).split("'Task Count': ")[1:])


def test_every_statement_is_one_that_citus_runs_and_goes_where_its_text_says(citus_url: str) -> None:
    engine = connect(citus_url)
    migrate(engine, NOON)
    engine.close()
    wrong = {}
    with psycopg.connect(citus_url) as connection:
        for name, text in written():
            if "batch(" not in text:
                _plan(connection, own(text), {})
                continue
            _plan(connection, for_all(text), {})
            tasks = _plan(connection, for_one(text), dict(batch_columns(text)))
            if route(text, PIECES) is Route.ONE and tasks != 1:
                wrong[name] = tasks
    assert wrong == {}


class TestWhatTheWorkersTell:
    def test_the_size_is_that_of_all_machines(self, citus_engine: PostgresEngine) -> None:
        ((here,),) = citus_engine.peek("SELECT pg_database_size(current_database())")
        ((workers,),) = citus_engine.peek("SELECT count(*) FROM pg_dist_node WHERE groupid > 0")
        assert citus_engine.size() - here > workers * 5_000_000

    def test_a_fault_of_a_worker_is_told_with_its_name(self, citus_url: str) -> None:
        engine = connect(citus_url)
        with closing(engine), psycopg.connect(citus_url, autocommit=True) as connection:
            (name,) = connection.execute(NAMES).fetchall()[0]
            for command in (
                "CREATE TABLE lame (id integer PRIMARY KEY)",
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'lame_pkey'::regclass",
            ):
                connection.execute("SELECT run_command_on_workers(%s)", [command])
            found = engine.faults(quick=True)
            connection.execute("SELECT run_command_on_workers('DROP TABLE lame')")
            assert f"on the worker {name} the index lame_pkey is not valid: REINDEX it" in found
            assert engine.faults(quick=True) == []

    def test_a_worker_that_does_not_answer_is_a_fault(self, citus_url: str) -> None:
        engine = connect(citus_url)
        with closing(engine), psycopg.connect(citus_url, autocommit=True) as connection:
            (group, port) = connection.execute(FIRST_WORKER).fetchall()[0]
            move = "UPDATE pg_dist_node SET nodeport = %s WHERE groupid = %s"
            connection.execute(move, [1, group])  # nobody listens there
            found = engine.faults(quick=True)
            connection.execute(move, [port, group])
        assert len(found) == 1
        assert "does not answer" in found[0]

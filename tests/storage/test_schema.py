"""The schema: the same on both engines, made in steps, all or nothing, by one process at a time."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sojourn.core.terms import entity_term
from sojourn.storage import schema
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate, pending, take_steps
from sojourn.storage.sql import migrations
from tests.storage.desk import NOON
from tests.storage.tables import contents, names

STEPS = [f"{version:04d} {name}" for version, name, _ in migrations()]
SHAPE = {"INTEGER": "bigint", "TEXT": "text", "REAL": "double precision"}


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """A database in which nobody has made anything."""
    engine = connect(database_url)
    yield engine
    engine.close()


def sqlite_shape(engine: Engine) -> dict[str, Any]:
    """Tables with their columns and keys, and indexes with their columns."""
    shape: dict[str, Any] = {}
    with engine.read() as transaction:
        for (table,) in transaction.run("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            columns = transaction.run(f"PRAGMA table_info({table})")
            shape[table] = {name: (SHAPE[kind], bool(needed or pk)) for _, name, kind, needed, _, pk in columns}
            keys = [(pk, name) for _, name, _, _, _, pk in columns if pk]
            shape[f"{table} by"] = sorted([(tuple(name for _, name in sorted(keys)), True, False)])
            for _, index, unique, origin, partial in transaction.run(f"PRAGMA index_list({table})"):
                told = transaction.run(f"PRAGMA index_info({index})")
                entry = (tuple(name for *_, name in told), bool(unique), bool(partial))
                if origin == "c":
                    shape[index] = (table, entry)
                elif origin == "u":
                    shape[f"{table} by"].append(entry)
            shape[f"{table} by"].sort()
    return shape


def postgres_shape(engine: Engine) -> dict[str, Any]:
    """The same, as PostgreSQL tells it."""
    shape: dict[str, Any] = {}
    with engine.read() as transaction:
        columns = transaction.run("""
            SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'  -- Citus has views there
            ORDER BY ordinal_position""")
        for table, name, kind, nullable in columns:
            shape.setdefault(table, {})[name] = (kind, nullable == "NO")
            shape.setdefault(f"{table} by", [])
        indexes = transaction.run("""
            SELECT t.relname, i.relname, x.indisunique, x.indpred IS NOT NULL, c.oid IS NOT NULL,
                (SELECT array_agg(a.attname::text ORDER BY k.place)
                    FROM unnest(x.indkey) WITH ORDINALITY AS k(number, place)
                    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number)
            FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
            LEFT JOIN pg_constraint AS c ON c.conindid = i.oid
            WHERE t.relnamespace = 'public'::regnamespace""")
        for table, index, unique, partial, of_constraint, told in indexes:
            entry = (tuple(told), unique, partial)
            if of_constraint:
                shape[f"{table} by"].append(entry)
            else:
                shape[index] = (table, entry)
    return {name: sorted(value) if name.endswith(" by") else value for name, value in shape.items()}


def shape_of(engine: Engine) -> dict[str, Any]:
    return sqlite_shape(engine) if engine.file else postgres_shape(engine)


def test_both_engines_have_the_same_tables_columns_keys_and_indexes(
    sqlite_engine: Engine, postgres_engine: Engine
) -> None:
    made = sqlite_shape(sqlite_engine)
    assert made == postgres_shape(postgres_engine)
    assert set(names()) <= set(made)
    assert made["session by"] == [(("organisation", "id"), True, False)]
    running = ("organisation", "kind", "started_at", "id", "ended_at", "person", "device", "module")
    assert made["session_running"] == ("session", (running, False, True))


def test_both_engines_begin_with_the_same_rows(sqlite_engine: Engine, postgres_engine: Engine) -> None:
    assert contents(sqlite_engine) == contents(postgres_engine)


class TestTheSteps:
    def test_they_are_numbered_without_a_gap(self) -> None:
        assert [version for version, _, _ in migrations()] == list(range(1, len(STEPS) + 1))

    def test_each_index_says_which_query_it_serves(self) -> None:
        for _, _, text in migrations():
            lines = text.splitlines()
            for before, line in zip(["", *lines], lines, strict=False):
                if re.match(r"CREATE (UNIQUE )?INDEX", line):
                    assert before.startswith("-- serves: "), line

    def test_every_table_of_an_organisation_has_it_as_its_first_column(self, sqlite_engine: Engine) -> None:
        everybodys = {"deed", "epoch", "lease", "organisation", "password", "principal", "token", "migration"}
        shape = sqlite_shape(sqlite_engine)
        firsts = {table: next(iter(shape[table])) for table in names() if table not in everybodys}
        assert set(firsts.values()) == {"organisation"}


class TestMigrate:
    def test_it_takes_every_step_once(self, empty: Engine) -> None:
        assert pending(empty) == STEPS
        assert migrate(empty, NOON) == STEPS
        shape, rows = shape_of(empty), contents(empty)
        assert migrate(empty, NOON + 1) == pending(empty) == []
        assert shape_of(empty) == shape
        assert contents(empty) == rows
        assert sorted(empty.peek("SELECT version, applied_at FROM migration")) == [
            (number, NOON) for number in range(1, len(STEPS) + 1)
        ]

    def test_it_goes_on_from_wherever_a_release_left_it(self, empty: Engine, sqlite_engine: Engine) -> None:
        for last in range(1, len(STEPS) + 1):
            with empty.write() as transaction:
                assert take_steps(empty, transaction, NOON, last=last) == [STEPS[last - 1]]
            assert pending(empty) == STEPS[last:]
        assert shape_of(empty) == sqlite_shape(sqlite_engine)

    def test_what_was_touched_before_is_found_by_type_and_id_together(self, empty: Engine) -> None:
        with empty.write() as transaction:
            for last in range(1, 9):
                take_steps(empty, transaction, NOON, last=last)
            transaction.run("""INSERT INTO session (organisation, id, kind, person, device, started_at, updated_at,
                seen_at, last_seq, activity_count, remark_count) VALUES (1, 7, 'work', 0, 0, 5, 5, 5, 3, 3, 0)""")
            touched = [("CUSTOMER", "98"), ("CUSTOMER", "98"), ("K\u00fcnde \U0001f600", "1:x")]
            for seq, (entity_type, entity_id) in enumerate(touched):
                values = {"seq": seq, "type": entity_type, "id": entity_id}
                transaction.run(
                    "INSERT INTO activity (organisation, session, at, seq, entity_type, entity_id, name)"
                    " VALUES (1, 7, 5, :seq, :type, :id, 'Viewed')",
                    values,
                )
            take_steps(empty, transaction, NOON, last=9)
            found = transaction.run("SELECT organisation, term, started_at, session FROM term")
        assert sorted(found) == sorted((1, entity_term(*entity), 5, 7) for entity in set(touched))

    @pytest.mark.parametrize("bad", ["CREATE TABLE good (id INTEGER); NONSENSE", "INSERT INTO nowhere (id) VALUES (1)"])
    def test_a_step_that_fails_leaves_nothing_of_itself_or_of_those_before_it(
        self, empty: Engine, monkeypatch: pytest.MonkeyPatch, bad: str
    ) -> None:
        pending(empty)  # makes the book
        before = shape_of(empty)
        steps = (*migrations(), (len(STEPS) + 1, "bad", bad))
        monkeypatch.setattr(schema, "migrations", lambda: steps)
        with pytest.raises(Exception, match=r"(?i)nonsense|nowhere"):
            migrate(empty, NOON)
        assert shape_of(empty) == before
        monkeypatch.undo()
        assert migrate(empty, NOON) == STEPS

    def test_a_step_that_fails_leaves_what_was_there_before(
        self, empty: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        migrate(empty, NOON)
        before, rows = shape_of(empty), contents(empty)
        bad = "CREATE TABLE good (id INTEGER) STRICT; DELETE FROM counter; DROP TABLE remark; NONSENSE"
        monkeypatch.setattr(schema, "migrations", lambda: (*migrations(), (len(STEPS) + 1, "bad", bad)))
        with pytest.raises(Exception, match=r"(?i)nonsense"):
            migrate(empty, NOON)
        assert shape_of(empty) == before
        assert contents(empty) == rows

    def test_of_several_processes_that_start_at_once_one_takes_the_steps(self, database_url: str) -> None:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", MIGRATOR, database_url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        told = []
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, err
            told.append(int(out))
        assert sorted(told) == [0, 0, len(STEPS)]


MIGRATOR = """
import sys
from sojourn.storage.database import connect
from sojourn.storage.schema import migrate
print("ready", flush=True)
sys.stdin.readline()
engine = connect(sys.argv[1])
print(len(migrate(engine, 1)))
engine.close()
"""

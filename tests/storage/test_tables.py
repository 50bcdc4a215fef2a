"""What is read out of the migrations is what both engines made of them."""

import pytest

from sojourn.storage import tables as module
from sojourn.storage.tables import tables
from tests.companies import opened


def test_every_table_of_the_database_is_found(database_url: str) -> None:
    with opened(database_url) as core, core.engine.read() as transaction:
        if database_url.startswith("sqlite"):
            rows = transaction.run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
        else:
            rows = transaction.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {name for (name,) in rows} == {*tables(), "migration"}


def test_every_column_is_found_in_its_order_with_its_type_and_key(sqlite_url: str) -> None:
    with opened(sqlite_url) as core, core.engine.read() as transaction:
        for table in tables().values():
            rows = transaction.run(f"SELECT name, type, pk FROM pragma_table_info('{table.name}') ORDER BY cid")
            assert [(name, kind) for name, kind, _ in rows] == list(table.columns)
            keys = sorted((place, name) for name, _, place in rows if place)
            assert tuple(name for _, name in keys) == table.key


def test_the_tables_of_an_earlier_release_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        (
            1,
            "one",
            "CREATE TABLE a (\n  id INTEGER PRIMARY KEY, -- a number, given\n  b TEXT, UNIQUE (id, b)\n) STRICT;",
        ),
        (2, "two", "ALTER TABLE a ADD COLUMN c REAL NOT NULL DEFAULT 0; CREATE INDEX i ON a (c);"),
        (3, "three", "CREATE TABLE d (e TEXT, f TEXT, PRIMARY KEY (f, e)) STRICT, WITHOUT ROWID; DROP TABLE a;"),
    )
    monkeypatch.setattr(module, "migrations", lambda: steps)
    assert tables(1)["a"].columns == (("id", "INTEGER"), ("b", "TEXT"))
    assert tables(2)["a"].columns == (("id", "INTEGER"), ("b", "TEXT"), ("c", "REAL"))
    assert list(tables()) == ["d"]
    assert tables()["d"].key == ("f", "e")


@pytest.mark.parametrize("text", ["ALTER TABLE a RENAME TO b", "CREATE TABLE a (id BLOB) STRICT"])
def test_a_form_that_is_not_known_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "migrations", lambda: ((1, "one", text),))
    with pytest.raises(ValueError, match="not known"):
        tables()

"""The fixtures keep what they promise: otherwise the tests that stand on them prove nothing."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests import citus, postgres

SCHEMAS = """
    SELECT array_agg(nspname::text) FROM pg_namespace
    WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
"""


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_a_database_is_empty_and_takes_any_language(postgres_url: str) -> None:
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert value(postgres_url, tables) == 0
    assert value(postgres_url, "SHOW server_encoding") == "UTF8"


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_what_is_committed_is_on_disk(postgres_url: str, setting: str) -> None:
    assert value(postgres_url, f"SHOW {setting}") == "on"


def test_two_databases_know_nothing_of_each_other(postgres_server: postgres.Server) -> None:
    with postgres_server.database() as one, postgres_server.database() as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE only_here (id bigint)")
        assert value(one, "SELECT to_regclass('only_here')::text") == "only_here"
        assert value(other, "SELECT to_regclass('only_here')::text") is None


def test_a_database_comes_back_empty_however_it_was_left(
    postgres_server: postgres.Server,
) -> None:
    with postgres_server.database() as first:
        connection = psycopg.connect(first)
        connection.execute("CREATE TABLE left_behind (id bigint)")
        connection.execute("CREATE SCHEMA other CREATE TABLE left_too (id bigint)")
        connection.commit()
        connection.execute("SELECT * FROM left_behind")  # an open transaction holds its lock
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with postgres_server.database() as again:
        assert again == first
        assert value(again, SCHEMAS) == ["public"]
        assert value(again, "SELECT to_regclass('left_behind')::text") is None


def test_a_server_that_is_named_is_left_running_and_as_it_was() -> None:
    names = "SELECT array_agg(datname ORDER BY datname) FROM pg_database"
    with postgres.PrivateServer() as owners:
        before = value(owners.url, names)
        with postgres.serving(owners.url) as server, server.database():
            assert server.url == owners.url
            assert value(owners.url, names) != before
        assert value(owners.url, names) == before


def test_a_private_server_can_be_stopped_crashed_and_started_again(
    private_postgres: postgres.PrivateServer,
) -> None:
    url = private_postgres.url
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id bigint)")
    for end in (private_postgres.stop, private_postgres.crash):
        end()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        private_postgres.start()
        assert value(url, "SELECT to_regclass('kept')::text") == "kept"


def test_a_private_server_ends_with_its_test() -> None:
    with postgres.PrivateServer() as server:
        socket = Path(parse_qs(urlsplit(server.url).query)["host"][0])
        assert socket.exists()
    assert not socket.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)


def test_each_engine_gets_a_database_of_its_own(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite:"):
        assert database_url == f"sqlite:///{tmp_path}/sojourn.db"
        assert not (tmp_path / "sojourn.db").exists()
    else:
        assert str(value(database_url, "SELECT current_database()")) in database_url


def test_no_setting_of_whoever_runs_the_tests_reaches_them() -> None:
    assert {name for name in os.environ if name.startswith("SOJOURN_")} <= {citus.VARIABLE, postgres.VARIABLE}

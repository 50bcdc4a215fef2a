"""What every test stands on: a clean environment and a database of either kind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests import citus, postgres
from tests.stage import Stage, staged

# The machines that test share their cores: how long one example takes says nothing.
settings.register_profile("sojourn", deadline=None, print_blob=True)
settings.load_profile("sojourn")


def pytest_configure() -> None:
    """Remove the settings of whoever runs the tests, before any module is imported."""
    for name in [name for name in os.environ if name.startswith("SOJOURN_")]:
        if name not in (citus.VARIABLE, postgres.VARIABLE):
            del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On a cluster, leave out what is not promised there; and give the rest more time, unless it says how much."""
    for item in items:
        where = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        if "citus" not in where:
            continue
        reason = citus.NOT_THERE.get(item.name.partition("[")[0])
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(citus.SECONDS))


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test write to the home of whoever runs it; programs it starts inherit this."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "CONFIG", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        yield


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """Let no test that serves as a program does set up the log of those after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL, started when the first test asks; one for each process of pytest-xdist.

    For a database with a life other than one test's: `with postgres_server.database() as url`.
    """
    with postgres.serving(os.environ.get(postgres.VARIABLE)) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def citus_server() -> Iterator[postgres.Server]:
    """The Citus cluster that the owner named."""
    with citus.serving(os.environ.get(citus.VARIABLE)) as server:
        yield server


@pytest.fixture
def citus_url(citus_server: postgres.Server) -> Iterator[str]:
    """The URL of a fresh, empty database of a Citus cluster."""
    with citus_server.database() as url:
        yield url


@pytest.fixture
def private_postgres() -> Iterator[postgres.PrivateServer]:
    """A PostgreSQL for this test alone, which may stop it, crash it and start it again."""
    with postgres.PrivateServer() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet (four slashes: an absolute path)."""
    return f"sqlite:///{tmp_path / 'sojourn.db'}"


@pytest.fixture(params=citus.ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database: every test that asks for it runs on both engines, and on Citus."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    """A server in this process with people around it, on SQLite: for what has nothing to do with storage."""
    with staged(sqlite_url) as stage:
        yield stage


@pytest.fixture
def stage_on_each(database_url: str) -> Iterator[Stage]:
    """The same on each engine: for what touches storage."""
    with staged(database_url) as stage:
        yield stage

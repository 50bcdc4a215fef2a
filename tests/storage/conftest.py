"""A store on each engine, empty but for one organisation with a desk."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sojourn.core.ports import AccessStore, SessionStore
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate
from sojourn.storage.store import Store
from tests import citus, postgres
from tests.storage.desk import NOON, Desk
from tests.storage.tables import contents, refill


@contextmanager
def migrated(url: str) -> Iterator[Engine]:
    """An engine on the database at that address, with the schema and nothing else in it."""
    engine = connect(url)
    try:
        migrate(engine, NOON)
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with migrated(f"sqlite:///{tmp_path_factory.mktemp('storage') / 'sojourn.db'}") as engine:
        yield engine


@pytest.fixture(scope="session")
def postgres_engine(postgres_server: postgres.Server) -> Iterator[Engine]:
    with postgres_server.database() as url, migrated(url) as engine:
        yield engine


@pytest.fixture(scope="session")
def citus_engine(citus_server: postgres.Server) -> Iterator[Engine]:
    with citus_server.database() as url, migrated(url) as engine:
        yield engine


@pytest.fixture(params=citus.ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database as its migrations left it: every test that asks for it runs on both engines.

    It is the same one for all tests, and tidied up after each: to migrate for each would take most of their time.
    """
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    before = contents(engine)
    yield engine
    refill(engine, before)


@pytest.fixture
def store(engine: Engine) -> SessionStore:
    return Store(engine)


@pytest.fixture
def access(engine: Engine) -> AccessStore:
    return AccessOnDisk(engine)


@pytest.fixture
def desk(store: SessionStore, access: AccessStore) -> Desk:
    """The desk of the first organisation."""
    return Desk(store, access.add_organisation("Desk", "guid-1", NOON).id)


@pytest.fixture
def neighbour(desk: Desk, access: AccessStore) -> Desk:
    """The desk of another organisation in the same store."""
    return Desk(desk.store, access.add_organisation("Neighbour", "guid-2", NOON).id)

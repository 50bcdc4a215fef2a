"""A store for the core to work on: SQLite in a temporary file, which is the only fake."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.core.model import Instant
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate
from sojourn.storage.store import Store
from tests.storage.desk import NOON


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now: Instant = NOON

    def __call__(self) -> Instant:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'sojourn.db'}")
    migrate(engine, NOON)
    yield engine
    engine.close()


@pytest.fixture
def store(engine: Engine) -> SessionStore:
    return Store(engine)


@pytest.fixture
def access(engine: Engine) -> AccessStore:
    return AccessOnDisk(engine)

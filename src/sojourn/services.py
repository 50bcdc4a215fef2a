"""The core on a database: all that can be done without the web."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sojourn.config import Settings, default_file, variable_of
from sojourn.core.custodian import Custodian
from sojourn.core.errors import Invalid
from sojourn.core.journal import Journal
from sojourn.core.model import Instant
from sojourn.core.recorder import Recorder
from sojourn.core.registry import Registry
from sojourn.core.signin import SignIn
from sojourn.core.upkeep import Deed, UpkeepStore
from sojourn.passwords import Argon2
from sojourn.storage import backup
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.archive import Header
from sojourn.storage.custody import CustodyOnDisk
from sojourn.storage.database import connect, file_of
from sojourn.storage.engine import Engine
from sojourn.storage.schema import migrate
from sojourn.storage.signin import SignInOnDisk
from sojourn.storage.store import Store
from sojourn.storage.upkeep import UpkeepOnDisk


def system_clock() -> Instant:
    """The time of the machine."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The core on a database."""

    engine: Engine
    recorder: Recorder
    journal: Journal
    registry: Registry
    signin: SignIn
    custodian: Custodian
    upkeep: UpkeepStore
    clock: Callable[[], Instant]

    @property
    def file(self) -> Path | None:
        """The file that holds the data, where one on this machine does."""
        return self.engine.file

    def recorder_at(self, clock: Callable[[], Instant]) -> Recorder:
        """A recorder on the same data that goes by another clock."""
        return Recorder(Store(self.engine), clock)

    def migrate(self) -> list[str]:
        """Bring the database up to this release; the steps taken."""
        return migrate(self.engine, self.clock())

    def back_up(self, target: BinaryIO, told: backup.Told) -> Header:
        """Write everything to a file, from one moment; `told` hears how many rows are done, of how many."""
        header = backup.dump(self.engine, target, self.clock(), told)
        self.upkeep.note(Deed.BACKUP, header.made_at)
        return header

    def restore(self, source: BinaryIO, told: backup.Told, *, replace: bool) -> Header:
        """Bring back what a backup holds: all, or nothing. Raises: Exists, Invalid (file)."""
        header = backup.restore(self.engine, source, self.clock(), told, replace=replace)
        self.upkeep.note(Deed.BACKUP, header.made_at)  # what is there now is in that file
        return header

    def close(self) -> None:
        """Let go of the database."""
        self.engine.close()


def database_file(settings: Settings) -> Path | None:
    """The file that holds the data, or will, if it is one. Raises: Invalid, naming the variable."""
    with _database_named():
        return file_of(settings.database_url)


@contextmanager
def _database_named() -> Iterator[None]:
    """What is wrong with the database's address is told of the variable."""
    try:
        yield
    except Invalid as error:
        raise Invalid(variable_of("database"), error.reason) from error


def services(settings: Settings, clock: Callable[[], Instant] = system_clock) -> Services:
    """The core on the database of the settings. Raises: Invalid, naming the variable; Unavailable."""
    if not settings.database:
        default_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _database_named():
        engine = connect(settings.database_url)
    store = Store(engine)
    access = AccessOnDisk(engine)
    return Services(
        engine=engine,
        recorder=Recorder(store, clock),
        journal=Journal(store),
        registry=Registry(access, clock),
        signin=SignIn(access, SignInOnDisk(engine), Argon2(), clock),
        custodian=Custodian(CustodyOnDisk(engine), clock),
        upkeep=UpkeepOnDisk(engine),
        clock=clock,
    )

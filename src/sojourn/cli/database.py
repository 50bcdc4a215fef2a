"""The core on the database of the settings, as the commands get it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from sojourn.cli.failure import WRONG_SETTING, Failure
from sojourn.config import Settings, load
from sojourn.core.access import Organisation
from sojourn.core.errors import Invalid
from sojourn.services import Services, database_file, services


def settings(changes: Mapping[str, str] | None = None) -> Settings:
    """The settings; `changes` are variables that a command's options set. Raises: Failure."""
    with settings_told():
        return load({**os.environ, **(changes or {})})


@contextmanager
def settings_told() -> Iterator[None]:
    """A setting that cannot be ends the command with an exit code of its own."""
    try:
        yield
    except Invalid as error:
        raise Failure(error.message, WRONG_SETTING) from error


@contextmanager
def reached(given: Settings) -> Iterator[Services]:
    """The core on the database, whatever that holds. Raises: Failure, Unavailable."""
    with settings_told():
        core = services(given)
    with closing(core):
        yield core


@contextmanager
def opened() -> Iterator[Services]:
    """The core on a database that is there and has all its tables. Raises: Failure, Unavailable."""
    given = settings()
    with settings_told():
        file = database_file(given)
    if file is not None and not file.exists():
        raise Failure(f"There is no database yet: {file} does not exist. The first start makes it: sojourn serve")
    with reached(given) as core:
        missing = core.upkeep.pending()
        if missing:
            raise Failure(f"The database lacks steps of migration: {', '.join(missing)}. Take them: sojourn migrate")
        yield core


def chosen(core: Services, which: str | None) -> Organisation:
    """The organisation of that number or name; the first one where none is named. Raises: Failure, Unknown."""
    known = core.registry.organisations()
    if not known:
        raise Failure("There is no organisation yet. The first start makes one: sojourn serve")
    if which is None:
        return known[0]
    named = [one for one in known if one.name == which]
    if named:
        return named[0]
    if which.isascii() and which.isdecimal():
        return core.registry.organisation(int(which))
    raise Failure(f"There is no organisation {which}. See them: sojourn org list")

"""The whole examination, from the outside in: what cannot be reached ends it, because the rest stands on it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from sojourn.atlas import Files
from sojourn.config import Settings, load, variable_of
from sojourn.core.errors import Invalid, Unavailable
from sojourn.doctor import data, people, provider, surroundings
from sojourn.doctor.finding import Finding
from sojourn.services import Services, database_file, services

REFERENCE = "docs/reference/settings.md"

Telling = Callable[[str], None]
"""Hears what is being looked at."""


def examine(environment: Mapping[str, str], telling: Telling, *, quick: bool) -> Iterator[Finding]:
    """All that is wrong; `quick` leaves out what reads all of the data."""
    telling("looking at the settings")
    yield from surroundings.examine_variables(environment)
    try:
        settings = load(environment)
        file = database_file(settings)
        Files(settings).close()
    except Invalid as error:
        yield _wrong_setting(error)
        return
    yield from surroundings.examine_addresses(settings)
    telling("looking for the OpenID Connect provider")
    yield from provider.examine_provider(settings)
    yield from surroundings.examine_redis(settings)
    if file is not None and not file.exists():
        yield Finding(
            what=f"There is no database yet: {file} does not exist.",
            why="Nothing can be recorded.",
            mend=f"sojourn serve makes it. If it should be elsewhere, set {variable_of('database')}.",
        )
        return
    telling("looking for the database")
    try:
        core = services(settings)
    except Invalid as error:
        yield _wrong_setting(error)
        return
    except Unavailable as error:
        yield _away(error)
        return
    with closing(core):
        try:
            yield from _inside(core, settings, telling, quick=quick)
        except Unavailable as error:
            yield _away(error)


def _away(error: Unavailable) -> Finding:
    return Finding(
        what=f"The database cannot be reached: {' '.join(str(error.__cause__).split())}",
        why="Nothing can be recorded or read.",
        mend=f"Start it, let this machine and this user in, or mend {variable_of('database')}.",
    )


def _wrong_setting(error: Invalid) -> Finding:
    return Finding(
        what=f"{error.message}.",
        why="No command works while a setting is wrong.",
        mend=f"Set {error.field} as {REFERENCE} tells.",
    )


def _inside(core: Services, settings: Settings, telling: Telling, *, quick: bool) -> Iterator[Finding]:
    if core.file is not None:
        yield from surroundings.examine_database_file(core.file)
    telling("looking at the tables")
    faults = list(data.examine_engine(core, quick=quick))
    yield from faults
    missing = list(data.examine_steps(core))
    if missing:
        yield from missing
        return
    yield from data.examine_clock(core)
    telling("looking at who may enter")
    yield from people.examine_owners(core)
    yield from people.examine_tokens(core)
    yield from people.examine_owner_token(core, settings)
    if not quick and not faults:
        yield from data.examine_rows(core, telling)

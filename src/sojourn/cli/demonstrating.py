"""`sojourn demo`."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from sojourn.cli.database import reached, settings
from sojourn.cli.failure import Failure
from sojourn.cli.progress import progress
from sojourn.core.access import Organisation, Scope
from sojourn.core.errors import SojournError
from sojourn.core.intent import Deliver, Intent, Open
from sojourn.core.model import MINUTE, SECOND, Instant
from sojourn.demo.company import KNOWN_BY_ALL
from sojourn.demo.month import RECENT, last_sign, month
from sojourn.demo.visits import Fleet
from sojourn.services import Services

NAME = "Meadow & Finch"
TIME_ZONE = "Europe/Berlin"
SHIFT = 6 * 60 * MINUTE


@click.command(
    epilog="""\b
Examples:
  sojourn demo
  SOJOURN_DATABASE=sqlite:///demo.db sojourn demo --seed 7 && SOJOURN_DATABASE=sqlite:///demo.db sojourn serve
"""
)
@click.option("--seed", default=1, show_default=True, help="Another number draws another month.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366), help="How many days.")
def demo(seed: int, days: int) -> None:
    """Fill an empty database with a month of a small company.

    25 people at a care desk and around it, by day, by night and at weekends, with devices, customers, reasons and
    comments; one session of nine days, and some that run now; and the visits that agents measured meanwhile, slow ones
    among them. A database that has a session in it is left alone.
    """
    with reached(settings()) as core:
        core.migrate()
        if not core.upkeep.is_empty():
            raise Failure("The database has sessions in it. Choose an empty one: SOJOURN_DATABASE=sqlite:///demo.db")
        company = _company(core)
        now = core.clock()
        scope = Scope(company.id)
        sessions = month(seed, now, company.time_zone, scope, days)
        fleet = Fleet(seed, now, scope, sessions)
        _write(core, fleet.registrations(), sessions[0].started_at or now)
        with progress("living a month") as told:
            done = measured = 0
            for some in _by_shift(sessions):
                visits = list(fleet.during(some))
                _live(core, company, some, visits, now)
                measured += len(visits)
                done += len(some)
                told(done, len(sessions))
        core.recorder.close_idle()
        people = {session.person for session in sessions}
    click.echo(f"{len(sessions):,} sessions of {len(people)} people are in organisation {company.id}, {company.name}.")
    click.echo(f"{measured:,} visits were measured by the agents of {len(fleet.registrations())} of them.")
    click.echo(f"Look at them: sojourn serve. Who looked at customer {KNOWN_BY_ALL}? Ask for entityId={KNOWN_BY_ALL}.")


def _company(core: Services) -> Organisation:
    """The first organisation, made where there is none."""
    known = core.registry.organisations()
    if known:
        return known[0]
    made = core.registry.add_organisation(NAME)
    return core.registry.change_organisation(made.id, time_zone=TIME_ZONE)


def _by_shift(sessions: Sequence[Open]) -> Iterator[list[Open]]:
    """What began within a few hours, so that those are one transaction."""
    for _, some in groupby(sessions, key=lambda session: (session.started_at or 0) // SHIFT):
        yield list(some)


def _live(
    core: Services, company: Organisation, sessions: Sequence[Open], visits: Sequence[Deliver], now: Instant
) -> None:
    """Write them as if the last of them had just ended, and then let the time pass that an idle session is given."""
    at = min(now, max(last_sign(session) for session in sessions))
    _write(core, [*sessions, *visits], at)
    later = at + (company.idle_limit + 1) * SECOND
    if later < now - RECENT:
        core.recorder_at(lambda: later).close_idle()


def _write(core: Services, intents: Sequence[Intent], at: Instant) -> None:
    """Write at that time. Raises: what refuses it."""
    for verdict in core.recorder_at(lambda: at).write(intents):
        if isinstance(verdict, SojournError):
            raise verdict

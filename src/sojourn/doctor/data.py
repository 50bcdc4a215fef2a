"""The data: steps of migration, what the database finds wrong with itself, and rows that do not fit together."""

from collections.abc import Callable, Iterator

from sojourn.core.model import MINUTE
from sojourn.core.upkeep import Flaw
from sojourn.doctor.finding import Finding
from sojourn.services import Services
from sojourn.web.times import to_seconds

_MEND = "sojourn doctor --mend"
_ABOUT = {
    Flaw.STRAY_ACTIVITIES: ("activities that belong to no session", "They are told nowhere and take room."),
    Flaw.STRAY_REMARKS: ("remarks that belong to no session", "They are told nowhere and take room."),
    Flaw.STRAY_VISITS: ("measurements that belong to no visit", "They are told nowhere and take room."),
    Flaw.STRAY_TERMS: ("entries of the search index that lead to no session", "They make searches slower."),
    Flaw.STRAY_KEYS: ("idempotency keys that belong to no session", "A retry would be told of what is gone."),
    Flaw.STRAY_TOKENS: ("tokens that belong to nobody", "They open nothing, and take room."),
    Flaw.STRAY_MEMBERSHIPS: (
        "memberships of a user, an organisation or an access group that is not there",
        "Those users cannot enter.",
    ),
    Flaw.LOST_PEOPLE: ("sessions of a person that is not known", "They are told without a name."),
    Flaw.LOST_DEVICES: ("sessions on a device that is not known", "They are told without the device."),
    Flaw.LOST_AGENTS: ("agents on a device that is not known", "Their visits are told without a device."),
    Flaw.MISSING_TERMS: ("sessions that are not found by all that was done in them", "A search misses them."),
    Flaw.WRONG_COUNTS: (
        "sessions that tell a wrong number of activities or remarks",
        "What was done may be cut short.",
    ),
    Flaw.WRONG_TALLIES: ("counts by day that differ from the sessions", "Totals and deep pages of lists are wrong."),
}


def examine_steps(core: Services) -> Iterator[Finding]:
    """Migrations that are missing."""
    missing = core.upkeep.pending()
    if missing:
        yield Finding(
            what=f"The database lacks steps of migration: {', '.join(missing)}.",
            why="This release cannot work without them.",
            mend="sojourn migrate",
        )


def examine_engine(core: Services, *, quick: bool) -> Iterator[Finding]:
    """What the database finds wrong with itself."""
    for fault in core.upkeep.faults(quick=quick):
        yield Finding(
            what=f"The database says: {fault}",
            why="What was recorded may be lost, or be lost at the next crash.",
            mend="Mend what it says. Where data are damaged: sojourn restore FILE --replace",
        )


def examine_rows(core: Services, telling: Callable[[str], None]) -> Iterator[Finding]:
    """Rows that do not fit together. Reads everything; `telling` hears what it is at."""
    for flaw, (what, why) in _ABOUT.items():
        telling(f"looking for {what}")
        count = core.upkeep.count(flaw)
        if count:
            yield Finding(what=f"There are {what}: {count:,}.", why=why, mend=_MEND, flaw=flaw)


def examine_clock(core: Services) -> Iterator[Finding]:
    """A clock that is behind what was recorded."""
    now, latest = core.clock(), core.upkeep.latest()
    if latest is not None and latest > now + 10 * MINUTE:
        yield Finding(
            what=f"The clock says {to_seconds(now)}, and a session began at {to_seconds(latest)}.",
            why="Sessions get wrong times, are closed too early or too late, and tokens end at the wrong moment.",
            mend="Set the clock, and let it be kept: timedatectl set-ntp true",
        )

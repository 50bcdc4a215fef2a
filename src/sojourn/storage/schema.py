"""Bring a database up to the schema that this release wants: numbered steps, forward only, all or nothing."""

from sojourn.core.model import Instant
from sojourn.storage.engine import Engine, Placement, Spread, Transaction
from sojourn.storage.placement import placements
from sojourn.storage.sql import load, migrations

_SQL = load("schema")
_BOOK = """
CREATE TABLE IF NOT EXISTS migration (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""

_TOLD = {
    Spread.PIECES: "spread over the workers",
    Spread.COPIES: "copied to every worker",
    Spread.HERE: "kept on the coordinator",
}


def migrate(engine: Engine, now: Instant) -> list[str]:
    """Take the steps that are missing, all in the same transaction; their names, oldest first."""
    with engine.write() as transaction:
        return take_steps(engine, transaction, now) + _place(engine, transaction)


def pending(engine: Engine) -> list[str]:
    """The steps that are missing, oldest first. A database without a book lacks all."""
    with engine.write() as transaction:
        done = applied(engine, transaction)
        missing = [f"{version:04d} {name}" for version, name, _ in migrations() if version not in done]
        return missing + [_told(placement) for placement in engine.unplaced(transaction, placements())]


def take_steps(engine: Engine, transaction: Transaction, now: Instant, last: int | None = None) -> list[str]:
    """Take the steps that are missing up to the one of that number, or all; their names, oldest first."""
    done = applied(engine, transaction)
    taken = []
    for version, name, text in migrations():
        if version in done or (last is not None and version > last):
            continue
        engine.script(transaction, text)
        transaction.run(_SQL["note_migration"], {"version": version, "name": name, "now": now})
        _place(engine, transaction, version)
        taken.append(f"{version:04d} {name}")
    return taken


def _place(engine: Engine, transaction: Transaction, last: int | None = None) -> list[str]:
    """Lay tables that have no place yet over the machines, where there are several."""
    waiting = engine.unplaced(transaction, placements(last))
    for placement in waiting:
        engine.place(transaction, placement)
    return [_told(placement) for placement in waiting]


def _told(placement: Placement) -> str:
    return f"{placement.table}: {_TOLD[placement.spread]}"


def applied(engine: Engine, transaction: Transaction) -> set[int]:
    """The numbers of the steps that the database has taken."""
    engine.script(transaction, _BOOK)
    return {version for (version,) in transaction.run(_SQL["applied_migrations"])}

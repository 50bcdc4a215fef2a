"""Bring a database up to the schema that this release wants: numbered steps, forward only, all or nothing."""

from sojourn.core.model import Instant
from sojourn.storage.engine import Engine, Transaction
from sojourn.storage.sql import load, migrations

_SQL = load("schema")
_BOOK = """
CREATE TABLE IF NOT EXISTS migration (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""


def migrate(engine: Engine, now: Instant) -> list[str]:
    """Take the steps that are missing, each in the same transaction; their names, oldest first."""
    with engine.write() as transaction:
        return take_steps(engine, transaction, now)


def pending(engine: Engine) -> list[str]:
    """The steps that are missing, oldest first. A database without a book lacks all."""
    with engine.write() as transaction:
        done = applied(engine, transaction)
    return [f"{version:04d} {name}" for version, name, _ in migrations() if version not in done]


def take_steps(engine: Engine, transaction: Transaction, now: Instant, last: int | None = None) -> list[str]:
    """Take the steps that are missing up to the one of that number, or all; their names, oldest first."""
    done = applied(engine, transaction)
    taken = []
    for version, name, text in migrations():
        if version in done or (last is not None and version > last):
            continue
        engine.script(transaction, text)
        transaction.run(_SQL["note_migration"], {"version": version, "name": name, "now": now})
        taken.append(f"{version:04d} {name}")
    return taken


def applied(engine: Engine, transaction: Transaction) -> set[int]:
    """The numbers of the steps that the database has taken."""
    engine.script(transaction, _BOOK)
    return {version for (version,) in transaction.run(_SQL["applied_migrations"])}

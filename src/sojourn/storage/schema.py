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
        engine.script(transaction, _BOOK)
        done = _applied(transaction)
        taken = []
        for version, name, text in migrations():
            if version in done:
                continue
            engine.script(transaction, text)
            transaction.run(_SQL["note_migration"], {"version": version, "name": name, "now": now})
            taken.append(f"{version:04d} {name}")
        return taken


def pending(engine: Engine) -> list[str]:
    """The steps that are missing, oldest first. A database without a book has none."""
    with engine.write() as transaction:
        engine.script(transaction, _BOOK)
        done = _applied(transaction)
    return [f"{version:04d} {name}" for version, name, _ in migrations() if version not in done]


def _applied(transaction: Transaction) -> set[int]:
    return {version for (version,) in transaction.run(_SQL["applied_migrations"])}

"""Back up and restore: everything from one moment, into one file, and from there into either engine.

A backup is restored with the tables that it was made of, and then migrated: an older one is as good as a new one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from sojourn.core.errors import Exists, Invalid
from sojourn.core.model import Instant
from sojourn.storage import schema
from sojourn.storage.archive import Header, Piece, Reader, Writer
from sojourn.storage.engine import Engine, Row, Transaction
from sojourn.storage.sql import load, migrations
from sojourn.storage.tables import Table, tables

PIECE = 1_000
"""How many rows one line of the file holds."""

Told = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""

_ACCESS = load("access")
_SCHEMA = load("schema")


def dump(engine: Engine, target: BinaryIO, now: Instant, told: Told) -> Header:
    """Write everything to `target`, as it is at one moment, while others go on writing."""
    with Writer(target) as writer, engine.read() as transaction:
        done = sorted(version for (version,) in transaction.run(_SCHEMA["applied_migrations"]))
        known = tables(max(done)).values()
        header = Header(
            made_at=now,
            migrations=tuple(done),
            rows={table.name: _count(transaction, table) for table in known},
        )
        writer.put(header)
        rows, total = 0, sum(header.rows.values())
        for table in known:
            columns = tuple([name for name, _ in table.columns])
            for some in _pieces(transaction, table):
                writer.put(Piece(table.name, columns, some))
                rows += len(some)
                told(rows, total)
    return header


def _count(transaction: Transaction, table: Table) -> int:
    ((count,),) = transaction.run(f"SELECT count(*) FROM {table.name}")
    return int(count)


def _pieces(transaction: Transaction, table: Table) -> Iterator[list[Row]]:
    """The rows in the order of their key, a bounded number at a time."""
    names = [name for name, _ in table.columns]
    key = ", ".join(table.key)
    select, order = f"SELECT {', '.join(names)} FROM {table.name}", f"ORDER BY {key} LIMIT {PIECE}"
    after = ", ".join(f":k{i}" for i in range(len(table.key)))
    rows = transaction.run(f"{select} {order}")
    while rows:
        yield rows
        place = {f"k{i}": rows[-1][names.index(part)] for i, part in enumerate(table.key)}
        rows = transaction.run(f"{select} WHERE ({key}) > ({after}) {order}", place) if len(rows) == PIECE else []


def restore(engine: Engine, source: BinaryIO, now: Instant, told: Told, *, replace: bool) -> Header:
    """Put the database into the state that a backup holds: all of it, or nothing.

    Raises: Exists, when the database holds something and `replace` is not set; Invalid, when the file is no backup, is
    damaged, or was made by a later release.
    """
    reader = Reader(source)
    header = reader.header()
    last = max(header.migrations)
    with engine.write() as transaction:
        epoch = _make_room(engine, transaction, replace)
        schema.take_steps(engine, transaction, now, last)
        _fill(transaction, reader, header, tables(last), told)
        schema.take_steps(engine, transaction, now)
        # A server that knows the old epoch must forget what it knew.
        transaction.run(_SCHEMA["pass_epoch"], {"least": epoch + 1})
    return header


def _make_room(engine: Engine, transaction: Transaction, replace: bool) -> int:
    """Drop all tables; the epoch that there was, which must not come again."""
    done = schema.applied(engine, transaction)
    if not done:
        return 0
    if done - {version for version, _, _ in migrations()}:
        raise Invalid("database", "was set up by a later release of Sojourn")
    if not replace and transaction.run(_ACCESS["organisations"]):
        raise Exists("database", "with something in it")
    ((epoch,),) = transaction.run(_ACCESS["epoch"])
    for name in tables(max(done)):
        transaction.run(f"DROP TABLE {name}")
    transaction.run(_SCHEMA["forget_migrations"])
    return int(epoch)


def _fill(transaction: Transaction, reader: Reader, header: Header, known: Mapping[str, Table], told: Told) -> None:
    for name in known:  # migrations bring rows of their own
        transaction.run(f"DELETE FROM {name}")
    rows, total = dict.fromkeys(known, 0), sum(header.rows.values())
    for piece in reader.pieces():
        table = known.get(piece.table)
        if table is None or piece.columns != tuple([name for name, _ in table.columns]):
            raise Invalid("file", f"is damaged: it holds a table that is not its own, {piece.table}")
        transaction.each(_insert(table), piece.rows)
        rows[table.name] += len(piece.rows)
        told(sum(rows.values()), total)
    if rows != header.rows:
        raise Invalid("file", "is damaged: rows are missing")


def _insert(table: Table) -> str:
    columns = ", ".join(name for name, _ in table.columns)
    typed = ", ".join(f"{name} {kind}" for name, kind in table.columns)
    return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM batch({typed})"

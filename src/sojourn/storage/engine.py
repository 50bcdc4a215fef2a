"""The seam: what the store asks of a database, whichever it is.

A statement is written once, in the tongue that both engines share, with `:name` for what it takes. Where it takes many
rows at once it says `batch(id INTEGER, note TEXT)` in place of a table: each engine brings the rows in its own quickest
way. A statement over a batch takes nothing else, treats each row by itself, and the rows of one batch differ in what
they address.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

from sojourn.core.errors import Unavailable

Row = tuple[Any, ...]

_BATCH = re.compile(r"\bbatch\(([^)]*)\)")
_PLAIN = re.compile(
    r"INSERT INTO (?P<table>[a-z_]+) \((?P<columns>[^)]*)\)\s+SELECT (?P<taken>[a-z_, \n]+?)\s+FROM batch\([^)]*\)"
)


class Conflict(Unavailable):
    """Another transaction was in the way. Nothing is written, and the same can be tried again at once."""


class Spread(Enum):
    """How a table lies in a cluster."""

    PIECES = auto()
    """Each row on one machine, by the value of a column."""
    COPIES = auto()
    """Whole on every machine."""
    HERE = auto()
    """Whole on the machine that is asked, and there alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a table lies in a cluster; its pieces by `column`, each with those of `beside` that have the same value."""

    table: str
    spread: Spread
    column: str | None = None
    beside: str | None = None


class Transaction(Protocol):
    """A transaction under way."""

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement; the rows that it returns."""

    def each(self, statement: str, rows: Sequence[Row]) -> list[Row]:
        """Run one statement over a batch of rows, in the order of its columns; what it returns, in no order."""

    def reserve(self, table: str) -> None:
        """Wait for those who are changing a table, and keep others from changing it until this one ends."""


class Engine(Protocol):
    """A database. Raises `Unavailable` when it cannot be reached."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that sees one moment and writes nothing."""

    def peek(self, statement: str) -> list[Row]:
        """What one statement reads by itself, without a transaction around it."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that is on disk when it ends well, and undone when it does not. Raises: Conflict."""

    def script(self, transaction: Transaction, text: str) -> None:
        """Run a migration's statements."""

    def unplaced(self, transaction: Transaction, placements: Sequence[Placement]) -> list[Placement]:
        """Those whose table has no place yet; none where the database is no cluster. Raises: Invalid."""

    def place(self, transaction: Transaction, placement: Placement) -> None:
        """Lay a table where it belongs, with what it holds."""

    @property
    def file(self) -> Path | None:
        """The file that holds it, where one on this machine does."""

    def size(self) -> int:
        """How many bytes it takes on its disk."""

    def faults(self, *, quick: bool) -> list[str]:
        """What the database itself finds wrong with it; `quick` leaves out what reads all of it."""

    def scrub(self, tables: Sequence[str], *, whole: bool) -> bool:
        """Give back the space of what was deleted from tables; whether no byte of it is left in their files.

        `whole` writes them anew, which keeps others from writing (and, on PostgreSQL, reading) as long as it takes.
        """

    def close(self) -> None:
        """Let go of all connections."""


def batch_columns(statement: str) -> list[tuple[str, str]]:
    """The columns of a statement's batch, each with its type."""
    found = _BATCH.search(statement)
    if found is None:
        raise ValueError(f"the statement has no batch: {statement}")
    columns = [column.split() for column in found[1].split(",")]
    return [(name, kind) for name, kind in columns]


def with_batch(statement: str, source: str) -> str:
    """The statement with its batch replaced by what the engine reads it from."""
    return _BATCH.sub(lambda _: source, statement, count=1)


def plain_insert(statement: str) -> tuple[str, Sequence[str]] | None:
    """The table and the columns of a statement that puts a batch into them as it is, and does nothing else."""
    found = _PLAIN.fullmatch(statement.strip())
    if found is None:
        return None
    columns, taken = ([name.strip() for name in found[part].split(",")] for part in ("columns", "taken"))
    whole = columns == taken == [name for name, _ in batch_columns(statement)]
    return (found["table"], columns) if whole else None


def statements(text: str) -> Iterable[str]:
    """The statements of a script; none of ours holds a semicolon in a literal."""
    bare = re.sub(r"--[^\n]*", "", text)
    return [part.strip() for part in bare.split(";") if part.strip()]

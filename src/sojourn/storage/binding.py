"""How a statement of ours is told to psycopg, and how rows are brought to its batch."""

import re
from collections.abc import Sequence
from functools import cache

from psycopg import sql

from sojourn.storage.engine import batch_columns, plain_insert, with_batch

_TYPES = {"INTEGER": "bigint", "TEXT": "text", "REAL": "double precision"}
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)\b")
_INSERTED = re.compile(
    r"SELECT\s+([a-z_,\s]+?)\s+FROM batch\([^)]*\)(?:\s+WHERE true)?(?=\s*$|\s+(?:ON CONFLICT|RETURNING)\b)"
)


@cache
def own(statement: str) -> str:
    """The statement with its parameters as psycopg has them."""
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


@cache
def for_all(statement: str) -> str:
    """The statement over all rows at once, which come as one JSON document in the parameter `batch`."""
    columns = ", ".join(
        f"(item ->> {i})::{_TYPES[kind]} AS {name}" if kind != "TEXT" else f"item ->> {i} AS {name}"
        for i, (name, kind) in enumerate(batch_columns(statement))
    )
    source = f"(SELECT {columns} FROM jsonb_array_elements(%(batch)s::jsonb) AS item) AS batch"
    return with_batch(statement.replace("%", "%%"), source)


@cache
def for_one(statement: str) -> str:
    """The statement over one row, whose values are parameters by the names of the columns.

    Nothing hides from the planner which row is addressed: a cluster sends it to the one machine that has it. That is
    why what is inserted stands in VALUES.
    """
    values = {name: f"%({name})s::{_TYPES[kind]}" for name, kind in batch_columns(statement)}
    statement = statement.replace("%", "%%")
    if inserted := _INSERTED.search(statement):
        row = ", ".join(values[name.strip()] for name in inserted[1].split(","))
        return f"{statement[: inserted.start()]}VALUES ({row}){statement[inserted.end() :]}"
    source = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return with_batch(statement, f"(SELECT {source}) AS batch")


@cache
def copied(statement: str) -> tuple[sql.Composed, Sequence[str]] | None:
    """How its rows are copied in and of what types they are, where the statement inserts them as they are."""
    plain = plain_insert(statement)
    if plain is None:
        return None
    table, columns = plain
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    text = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    return text, [_TYPES[kind] for _, kind in batch_columns(statement)]

"""The tables, as the migrations make them: so that a backup can forget none.

What is read here is our own text, in the few forms that a migration may use; a new form must be taught here, and the
tests hold what is read against what both engines say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sojourn.storage.engine import statements
from sojourn.storage.sql import migrations

_CREATE = re.compile(r"CREATE TABLE (\w+) \((.*)\) STRICT(?:, WITHOUT ROWID)?", re.DOTALL)
_ADD = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (INTEGER|TEXT|REAL)\b.*", re.DOTALL)
_DROP = re.compile(r"DROP TABLE (\w+)")
_OTHER = re.compile(r"(CREATE (UNIQUE )?INDEX|DROP INDEX|INSERT INTO|UPDATE|DELETE FROM)\b")
_COLUMN = re.compile(r"(\w+) (INTEGER|TEXT|REAL)\b(.*)", re.DOTALL)
_KEY = re.compile(r"PRIMARY KEY \(([^)]*)\)")
_RULE = re.compile(r"(UNIQUE|CHECK)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its columns with their types, and the columns of its primary key, all in their order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]


def tables(last: int | None = None) -> dict[str, Table]:
    """The tables after the migration of that number, or after all of them. The book of migrations is none of them."""
    found: dict[str, Table] = {}
    for version, _, text in migrations():
        if last is None or version <= last:
            for statement in statements(text):
                _apply(statement, found)
    return found


def _apply(statement: str, found: dict[str, Table]) -> None:
    if made := _CREATE.fullmatch(statement):
        found[made[1]] = _table(made[1], made[2])
    elif added := _ADD.fullmatch(statement):
        table = found[added[1]]
        found[table.name] = replace(table, columns=(*table.columns, (added[2], added[3])))
    elif dropped := _DROP.fullmatch(statement):
        del found[dropped[1]]
    elif not _OTHER.match(statement):
        raise ValueError(f"a migration has a form that is not known here: {statement}")


def _table(name: str, body: str) -> Table:
    columns, key = [], []
    for part in _parts(body):
        if column := _COLUMN.fullmatch(part):
            columns.append((column[1], column[2]))
            if "PRIMARY KEY" in column[3]:
                key.append(column[1])
        elif keys := _KEY.fullmatch(part):
            key += [column.strip() for column in keys[1].split(",")]
        elif not _RULE.match(part):
            raise ValueError(f"table {name} has a part of a form that is not known here: {part}")
    return Table(name=name, columns=tuple(columns), key=tuple(key))


def _parts(body: str) -> Iterator[str]:
    """What stands between the commas that are in no brackets."""
    depth, begin = 0, 0
    for i, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield body[begin:i].strip()
            begin = i + 1
    yield body[begin:].strip()

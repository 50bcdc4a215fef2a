"""Look past the port, at what lies in the tables."""

import re
from collections.abc import Mapping, Sequence

from sojourn.storage.engine import Engine, Row
from sojourn.storage.sql import migrations


def names() -> list[str]:
    """Every table that the migrations make."""
    texts = " ".join(text for _, _, text in migrations())
    return re.findall(r"CREATE TABLE (\w+)", texts)


def contents(engine: Engine, *without: str) -> dict[str, list[Row]]:
    """All rows of all tables, or of all but some."""
    with engine.read() as transaction:
        return {
            name: sorted(transaction.run(f"SELECT * FROM {name}"), key=repr) for name in names() if name not in without
        }


def refill(engine: Engine, rows: Mapping[str, Sequence[Row]]) -> None:
    """Let the tables hold these rows and no others."""
    with engine.write() as transaction:
        for name, some in rows.items():
            transaction.run(f"DELETE FROM {name}")
            for row in some:
                places = ", ".join(f":c{i}" for i in range(len(row)))
                transaction.run(f"INSERT INTO {name} VALUES ({places})", {f"c{i}": v for i, v in enumerate(row)})

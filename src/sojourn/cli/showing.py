"""What commands print: tables for people, and the same as JSON for scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sojourn.cli.options import Length
from sojourn.core.model import Instant
from sojourn.web.times import to_microseconds, to_seconds

NOTHING = "–"
PIPED_WIDTH = 10_000
"""Where no terminal bounds a line, none is wrapped."""

Row = Mapping[str, Any]
"""Heads and values. Times are given as `Instant`, under heads that end in `_at`."""


def show(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """A list. `empty` is what people are told where there is nothing."""
    if as_json:
        show_json([_wire(row) for row in rows])
    elif rows:
        _print(rows)
    else:
        click.echo(empty, err=True)


def show_one(row: Row) -> None:
    """One thing, as JSON."""
    show_json(_wire(row))


def show_json(told: Any) -> None:
    """JSON over several lines."""
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


def moment(at: Instant | None) -> str:
    """A time as a person reads it: UTC, cut to the minute."""
    return NOTHING if at is None else to_seconds(at)[:16].replace("T", " ")


def _wire(row: Row) -> dict[str, Any]:
    """In the words of the native dialect: camel case, and what is not known is absent."""
    return {_camel(head): _wire_value(head, value) for head, value in row.items() if value is not None}


def _wire_value(head: str, value: Any) -> Any:
    if head.endswith("_at"):
        return to_microseconds(value)
    return int(value) if isinstance(value, Length) else value


def _camel(head: str) -> str:
    first, *others = head.split("_")
    return first + "".join([word.capitalize() for word in others])


def _print(rows: Sequence[Row]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in rows[0]:
        table.add_column(head.removesuffix("_at").replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*[_cell(head, value) for head, value in row.items()])
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=PIPED_WIDTH)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def _cell(head: str, value: Any) -> Text:
    if value is None or value == "" or value is False:
        return Text(NOTHING)
    if value is True:
        return Text("yes")
    return Text(moment(value) if head.endswith("_at") else str(value))

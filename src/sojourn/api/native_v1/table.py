"""Sessions as a table: what an export writes as CSV, read back as the lines that an import takes."""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, BinaryIO

import msgspec

from sojourn.api.native_v1.rows import SESSION_COLUMNS, unguarded
from sojourn.core.errors import Invalid
from sojourn.web.lines import Line

_TOLD = {"updatedAt", "firstActivityAt", "lastActivityAt", "activityCount"}
"""What an export tells of a session that its activities would say: not looked at."""

_OWN = set(SESSION_COLUMNS) - _TOLD | {"key"}
_WHOLE = ("id", "login", "userId", "module", "startedAt", "endedAt", "closing", "key")


def lines_of_table(source: BinaryIO) -> Iterator[Line]:
    """The rows of a CSV file (RFC 4180, UTF-8, commas) as lines, each with the number of the last line that it is on.

    The first row names the columns, in any order. Raises: Invalid (file), where it is no such table.
    """
    text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    try:
        heads = [head.strip() for head in next(rows, [])]
        _check(heads)
        for row in rows:
            if len(row) > len(heads):
                raise Invalid("file", f"has more cells than columns on line {rows.line_num}")
            cells = {head: unguarded(cell.strip()) for head, cell in zip(heads, row, strict=False) if cell.strip()}
            if cells:
                yield Line(rows.line_num, msgspec.json.encode(_line(cells)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Invalid("file", f"is not CSV in UTF-8, after line {rows.line_num}: {error}") from error
    finally:
        text.detach()  # the source is not ours to close


def _check(heads: list[str]) -> None:
    if not {"login", "userId"} & set(heads):
        raise Invalid("file", "has no first line that names the columns, login or userId among them")
    for head in heads:
        if head not in _OWN | _TOLD:
            raise Invalid("file", f"has a column that is not known: {head}")
        if heads.count(head) > 1:
            raise Invalid("file", f"has two columns of one name: {head}")


def _line(cells: Mapping[str, str]) -> dict[str, Any]:
    """A row in the words of an import."""
    line: dict[str, Any] = {head: _number(head, cells[head]) for head in _WHOLE if head in cells}
    if "device" in cells:
        line["device"] = {"guid": cells["device"]}
        if "deviceName" in cells:
            line["device"]["name"] = cells["deviceName"]
    reasons, comments = cells.get("reasons", "").splitlines(), cells.get("comments", "").splitlines()
    line["remarks"] = [
        {"reason": reason, **({"comment": comment} if comment else {})}
        for reason, comment in zip_longest(reasons, comments[: len(reasons)])
    ]
    return line


def _number(head: str, cell: str) -> int | str:
    """A number where one is wanted; what is none is refused by the import, by its name."""
    return int(cell) if head in ("id", "userId") and cell.isascii() and cell.isdecimal() else cell

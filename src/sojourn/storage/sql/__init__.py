"""The statements, by name. Each stands in a `.sql` file under a line `-- name: …` and what it is for."""

import re
from functools import cache
from importlib.resources import files

_NAMED = re.compile(r"^-- name: ([a-z_]+)\n((?:--[^\n]*\n)*)", re.MULTILINE)


@cache
def load(noun: str) -> dict[str, str]:
    """The statements of one file, by name."""
    text = files(__package__).joinpath(f"{noun}.sql").read_text(encoding="utf-8")
    parts = _NAMED.split(text)[1:]
    return {name: body.strip().rstrip(";") for name, _, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


@cache
def migrations() -> tuple[tuple[int, str, str], ...]:
    """The migrations in order: number, name, text."""
    folder = files(__package__).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple((int(name[:4]), name[5:-4], folder.joinpath(name).read_text(encoding="utf-8")) for name in names)

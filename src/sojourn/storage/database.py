"""A database by its address: `sqlite:///path` or `postgresql://…`."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from sojourn.core.errors import Invalid
from sojourn.storage.engine import Engine
from sojourn.storage.postgres import PostgresEngine
from sojourn.storage.sqlite import SQLiteEngine


def connect(url: str) -> Engine:
    """The engine for an address. Raises: Invalid, Unavailable.

    `sqlite:///relative.db` and `sqlite:////absolute.db` name files, which are made when they are not there, readable
    by their owner alone; `postgresql://` is what libpq takes.
    """
    path = file_of(url)
    if path is not None:
        return SQLiteEngine(path)
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresEngine(url)
    raise Invalid("database", "must begin with sqlite:/// or postgresql://")


def file_of(url: str) -> Path | None:
    """The file that an address names, if it names one. Raises: Invalid."""
    if not url.startswith("sqlite:///"):
        return None
    path = Path(unquote(urlsplit(url).path[1:])).expanduser()
    if not path.name:
        raise Invalid("database", "must name a file: sqlite:///path")
    return path

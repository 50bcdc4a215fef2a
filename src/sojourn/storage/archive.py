"""The file of a backup: gzip over lines of JSON, each looked at before it is believed.

The first line is a header, the last one holds the SHA-256 of all lines before it, and between them are pieces of tables
whose columns stand with their names. Why so: docs/decisions/0030-one-backup-file-for-both-engines.md
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from sojourn.core.errors import Invalid
from sojourn.core.model import Instant
from sojourn.storage.sql import migrations

FORMAT = "sojourn-backup"
VERSION = 1

LINE_BYTES = 2**28
COMPRESSION = 4  # level 6 takes twice the time for a twentieth less


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """From which moment it is, which migrations had made the tables, and how many rows each has."""

    format: str = FORMAT
    version: int = VERSION
    made_at: Instant
    migrations: tuple[int, ...]
    rows: dict[str, int]


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """Some rows of a table."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[int | float | str | None, ...]]


class _End(msgspec.Struct, frozen=True, tag="end"):
    sha256: str


class Writer:
    """Writes a backup; it is whole when the context ends well."""

    def __init__(self, target: BinaryIO) -> None:
        self._packed = gzip.GzipFile(fileobj=target, mode="wb", compresslevel=COMPRESSION, filename="", mtime=0)
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self.put(_End(self._digest.hexdigest()))
        self._packed.close()

    def put(self, line: msgspec.Struct) -> None:
        """One line more."""
        text = msgspec.json.encode(line) + b"\n"
        self._digest.update(text)
        self._packed.write(text)


class Reader:
    """Reads a backup. Raises: Invalid (file), where it is none, is damaged, or is of a later release."""

    def __init__(self, source: BinaryIO) -> None:
        self._packed = gzip.GzipFile(fileobj=source, mode="rb")
        self._digest = hashlib.sha256()

    def header(self) -> Header:
        """The first line."""
        try:
            header = msgspec.json.decode(self._line(), type=Header)
        except msgspec.MsgspecError as error:
            raise Invalid("file", "is not a backup of Sojourn") from error
        if header.format != FORMAT or not header.migrations:
            raise Invalid("file", "is not a backup of Sojourn")
        if header.version != VERSION or set(header.migrations) - {version for version, _, _ in migrations()}:
            raise Invalid("file", "was made by a later release of Sojourn: restore it with that one")
        return header

    def pieces(self) -> Iterator[Piece]:
        """All lines between the first and the last, which must tell the sum of those before it."""
        while True:
            sum_before = self._digest.hexdigest()
            line = self._line()
            try:
                told = msgspec.json.decode(line, type=Piece | _End)
            except msgspec.MsgspecError as error:
                raise Invalid("file", f"is damaged: {error}") from error
            if isinstance(told, Piece):
                yield told
                continue
            if told.sha256 != sum_before or self._read(1):
                raise Invalid("file", "is damaged: its sum is wrong")
            return

    def _line(self) -> bytes:
        line = self._read(None)
        if not line.endswith(b"\n"):
            raise Invalid("file", "is not a whole backup of Sojourn: it ends early")
        self._digest.update(line)
        return line

    def _read(self, size: int | None) -> bytes:
        """So many bytes, or a line."""
        try:
            return self._packed.readline(LINE_BYTES) if size is None else self._packed.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid("file", f"is not a whole backup of Sojourn: {error}") from error

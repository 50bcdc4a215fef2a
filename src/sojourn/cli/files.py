"""Files that commands read and write; `-` is standard input or output."""

import gzip
import io
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sojourn.cli.failure import Failure

STANDARD = "-"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is read, unpacked where it is gzip."""

    stream: BinaryIO
    raw: BinaryIO
    size: int | None

    def whole(self, done: int) -> int | None:
        """How many there will be in all, where the part that is read held `done`; None where nobody can tell."""
        return None if not self.size else max(done, round(done * self.size / max(self.raw.tell(), 1)))


@contextmanager
def source(name: str, *, unpack: bool) -> Iterator[Source]:
    """A file to read. Raises: Failure."""
    with _opened(name) as raw:
        size = None if name == STANDARD else os.fstat(raw.fileno()).st_size
        peeked = io.BufferedReader(cast(io.RawIOBase, raw))
        try:
            packed = unpack and peeked.peek(len(_GZIP)).startswith(_GZIP)
        except OSError as error:
            raise Failure(f"{name} cannot be read: {error.strerror}") from error
        yield Source(cast(BinaryIO, gzip.GzipFile(fileobj=peeked) if packed else peeked), raw, size)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    try:
        return nullcontext(sys.stdin.buffer) if name == STANDARD else Path(name).open("rb")
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}") from error


@contextmanager
def target(name: str, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write, readable by its owner alone.

    It gets its name when it is whole and on disk, so that none looks whole and is half. Raises: Failure.
    """
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    if path.exists() and not force:
        raise Failure(f"{name} is there already. Choose another name, or replace it: --force")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        part.rename(path)
    except OSError as error:
        raise Failure(f"{name} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)

"""`sojourn import`: what `POST /api/v1/import` takes, from a file, straight into the database."""

import gc
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import click

from sojourn.api.native_v1.delivery import Delivery
from sojourn.api.native_v1.errors import line_problem
from sojourn.api.native_v1.table import lines_of_table
from sojourn.cli.database import chosen, opened
from sojourn.cli.failure import REFUSED, Failure
from sojourn.cli.files import source
from sojourn.cli.options import organisation_option
from sojourn.cli.progress import progress
from sojourn.core.access import Scope
from sojourn.core.errors import Invalid, SojournError
from sojourn.core.intent import Open, Verdict
from sojourn.core.recorder import Recorder
from sojourn.web.lines import Line, Lines

NOBODY = 0
"""Who hands in what a command hands in: no principal has this number."""

BATCH_LINES = 4_000
BATCH_BYTES = 2**22
"""What goes into one transaction: as many lines, or as many bytes of them. More would be quicker still, but a server on
the same database waits for it to end: half a second."""

COLLECT_AFTER = 1_000_000
"""Objects made before Python looks for cycles: lines leave none, and to look at those of a batch again and again takes
a fifth of the time."""

PIECE_BYTES = 2**18
TOLD_LINES = 100


@click.command(
    name="import",
    epilog="""\b
Examples:
  sojourn import sessions.ndjson
  sojourn import --ids keep --org 2 sessions.ndjson.gz
  sojourn import --format csv - < sessions.csv
""",
)
@click.argument("file")
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), help="[default: by the name, else ndjson]")
@click.option(
    "--ids",
    type=click.Choice(["new", "keep"]),
    default="new",
    show_default=True,
    help="Whether sessions and users get new numbers, or keep those that an export told, for moving between stores.",
)
@organisation_option
@click.pass_context
def import_(context: click.Context, file: str, form: str | None, ids: str, which: str | None) -> None:
    """Hand in many sessions, one a line.

    FILE (- is standard input; gzip is unpacked) holds NDJSON as `sojourn export` writes it: on each line a session with
    its activities and remarks. CSV holds sessions without activities, under the heads of an export: login or userId,
    device, deviceName, module, startedAt, endedAt, closing, reasons, comments, id, key.

    Some thousand lines are one transaction. A line that is refused leaves the others alone; it is told on standard
    error, and the exit code is 1. A line with a key that was seen within a day is not stored again.
    """
    with opened() as core, source(file, unpack=True) as read, progress("importing") as told:
        delivery = Delivery(scope=Scope(chosen(core, which).id), principal=NOBODY, keep=ids == "keep")
        table = form == "csv" or (form is None and file.removesuffix(".gz").endswith(".csv"))
        lines = lines_of_table(read.stream) if table else lines_of(read.stream)
        count = Count()
        try:
            for line, verdict in delivered(core.recorder, delivery, lines):
                count.add(line, verdict)
                if count.all % TOLD_LINES == 0:
                    told(count.all, read.whole(count.all))
        except (OSError, EOFError, zlib.error) as error:
            raise Failure(f"{file} cannot be read to its end: {error}") from error
        except Invalid as error:
            raise Failure(f"{file} {error.reason}") from error
        finally:
            click.echo(f"{count.good:,} sessions are in; {count.bad:,} lines were refused.", err=True)
    if count.bad:
        context.exit(REFUSED)


@dataclass(slots=True)
class Count:
    """How many lines were taken, and how many refused."""

    good: int = 0
    bad: int = 0

    @property
    def all(self) -> int:
        """Both."""
        return self.good + self.bad

    def add(self, line: Line, verdict: Verdict) -> None:
        """One line more; one that was refused is told."""
        if not isinstance(verdict, SojournError):
            self.good += 1
            return
        self.bad += 1
        _, problem = line_problem(verdict)
        click.echo(f"line {line.number}: {problem.detail}", err=True)


def delivered(recorder: Recorder, delivery: Delivery, lines: Iterable[Line]) -> Iterator[tuple[Line, Verdict]]:
    """What became of each line, in order. Lines are understood while those before them are written."""
    with _collecting_seldom(), ThreadPoolExecutor(1, "writer") as writer:
        writing: Callable[[], Iterable[tuple[Line, Verdict]]] = tuple
        try:
            for some in _batches(lines):
                heard = [delivery.intent(line) for line in some]
                yield from writing()
                verdicts = writer.submit(_written, recorder, heard)
                writing = partial(_together, some, verdicts)
        except Exception:  # what was read before is told all the same
            yield from writing()
            raise
        yield from writing()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _together(lines: Sequence[Line], verdicts: "Future[list[Verdict]]") -> Iterable[tuple[Line, Verdict]]:
    return zip(lines, verdicts.result(), strict=True)


def _written(recorder: Recorder, heard: Sequence[Open | SojournError]) -> list[Verdict]:
    """Write what can be written, in one transaction; a verdict for each."""
    verdicts = iter(recorder.write([item for item in heard if isinstance(item, Open)]))
    return [next(verdicts) if isinstance(item, Open) else item for item in heard]


def lines_of(stream: BinaryIO) -> Iterator[Line]:
    """The lines of NDJSON that are not blank."""
    cutter = Lines()
    while piece := stream.read(PIECE_BYTES):
        yield from cutter.feed(piece)
    yield from cutter.close()


def _batches(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    """Lines, as many at a time as go into one transaction."""
    batch: list[Line] = []
    size = 0
    try:
        for line in lines:
            batch.append(line)
            size += len(line.text or b"")
            if len(batch) == BATCH_LINES or size > BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except (OSError, EOFError, zlib.error, Invalid):  # what came whole counts
        if batch:
            yield batch
        raise
    if batch:
        yield batch

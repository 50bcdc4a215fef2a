"""`sojourn export`: what `GET /api/v1/export` tells, into a file."""

import gzip
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, BinaryIO, TypeVar

import click

from sojourn.api.native_v1.exports import Export, ExportQuery
from sojourn.cli.database import chosen, opened
from sojourn.cli.failure import Failure
from sojourn.cli.files import STANDARD, target
from sojourn.cli.options import organisation_option
from sojourn.cli.progress import is_watched, progress
from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.query import Order, SessionFilter, SessionQuery
from sojourn.services import Services
from sojourn.web.wire import convert

F = TypeVar("F", bound=Callable[..., Any])

_FILTERS = {
    "login": ("LOGIN", "Sessions of the person of this login name."),
    "user-id": ("NUMBER", "Sessions of the person of this number."),
    "device": ("GUID", "Sessions on this device."),
    "module": ("MODULE", "Sessions in this module."),
    "entity-type": ("TYPE", "Sessions that touched something of this type."),
    "entity-id": ("ID", "Sessions that touched this."),
    "name": ("NAME", "Sessions in which this was done."),
    "text": ("WORDS", "Sessions whose notes, reasons and comments hold all these words."),
    "status": ("active|ended", "Sessions that run, or that are over."),
    "started-from": ("TIME", "Sessions that began then or later: 2026-11-20, or 2026-11-20T15:04:05Z."),
    "started-to": ("TIME", "Sessions that began then or earlier; a date is its last moment."),
    "alive-from": ("TIME", "Sessions that had not ended before then."),
    "alive-to": ("TIME", "Sessions that had begun by then."),
    "kind": ("work|visit", "People at work, or browsers on sites.  [default: work]"),
    "order": ("oldest|newest", "Which come first.  [default: oldest]"),
}


def _filter_options(command: F) -> F:
    for name, (metavar, text) in reversed(_FILTERS.items()):
        command = click.option(f"--{name}", metavar=metavar, help=text)(command)
    return command


@click.command(
    epilog="""\b
Examples:
  sojourn export sessions.ndjson.gz
  sojourn export --started-from 2026-11-01 --login amelie.hart november.csv
  sojourn export --rows activities --entity-id 98662653 --format csv | less
"""
)
@click.argument("file", default=STANDARD)
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), help="[default: by the name, else ndjson]")
@click.option(
    "--rows",
    type=click.Choice(["sessions", "activities"]),
    default="sessions",
    show_default=True,
    help="A line for each session, or for each activity that fits.",
)
@_filter_options
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@organisation_option
def export(file: str, form: str | None, rows: str, force: bool, which: str | None, **filters: str | None) -> None:
    """Write sessions to a file: all of them, or those that fit.

    FILE is standard output where none is named; it is readable by you alone, and packed where it ends in .gz. NDJSON
    holds whole sessions, which `sojourn import` takes; CSV is for spreadsheets. However much it is, little memory is
    needed, and a server may go on serving.
    """
    wanted = _query({**filters, "order": filters["order"] or "oldest"})
    spelled = form or ("csv" if file.removesuffix(".gz").endswith(".csv") else "ndjson")
    with opened() as core, target(file, force=force) as written, progress("exporting") as told:
        scope, found = Scope(chosen(core, which).id), wanted.found()
        total = _total(core, scope, found) if rows == "sessions" else None
        done = 0
        with _packed(file, written) as stream:
            for chunk in Export(core.journal, scope, found, Order(wanted.order)).chunks(rows, spelled):
                stream.write(chunk)
                done += chunk.count(b"\n")
                told(done, total)


def _query(filters: dict[str, str | None]) -> ExportQuery:
    """The filters as the dialect takes them. Raises: Failure."""
    options = {_camel(name): name for name in filters}
    try:
        wanted = convert({name: text for name, option in options.items() if (text := filters[option])}, ExportQuery)
        wanted.found()
    except Invalid as error:
        option = options.get(_camel(error.field), error.field).replace("_", "-")
        raise Failure(f"--{option} {error.reason}") from error
    return wanted


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join([word.capitalize() for word in others])


def _total(core: Services, scope: Scope, found: SessionFilter) -> int | None:
    """How many sessions there are, where somebody watches."""
    if not is_watched():
        return None
    return core.journal.page(SessionQuery(scope=scope, filter=found, limit=1, total=True)).total


def _packed(file: str, written: BinaryIO) -> "nullcontext[BinaryIO] | gzip.GzipFile":
    return gzip.GzipFile(fileobj=written, mode="wb", filename="") if file.endswith(".gz") else nullcontext(written)

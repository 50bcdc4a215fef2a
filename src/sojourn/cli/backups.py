"""`sojourn backup` and `sojourn restore`."""

import click

from sojourn.cli.database import opened, reached, settings
from sojourn.cli.failure import Failure
from sojourn.cli.files import source, target
from sojourn.cli.progress import progress
from sojourn.cli.showing import moment
from sojourn.core.errors import Exists, Invalid


@click.command(
    epilog="""\b
Examples:
  sojourn backup sojourn-$(date +%F).backup
  sojourn backup - | ssh keeper 'cat > sojourn.backup'
"""
)
@click.argument("file")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(file: str, force: bool) -> None:
    """Write everything to a file, while a server goes on serving.

    FILE (- is standard output) holds all that was recorded, as it was at one moment: compressed, not encrypted, and
    readable by you alone. `sojourn restore` brings it back, on the same engine or on the other.
    """
    with opened() as core, target(file, force=force) as written, progress("backing up") as told:
        header = core.back_up(written, told)
    rows = sum(header.rows.values())
    sessions, activities = header.rows["session"], header.rows["activity"]
    click.echo(f"Backed up {sessions:,} sessions and {activities:,} activities ({rows:,} rows) to {file}.", err=True)


@click.command(
    epilog="""\b
Examples:
  sojourn restore sojourn-2026-11-20.backup
  SOJOURN_DATABASE=postgresql://sojourn@db.example.org/sojourn sojourn restore sojourn.backup --replace
"""
)
@click.argument("file")
@click.option("--replace", is_flag=True, help="Drop what the database holds, and have the backup in its place.")
def restore(file: str, replace: bool) -> None:
    """Bring back what a backup holds: all of it, or nothing.

    FILE may be - for standard input. The database must be empty, and may be of the other engine than the one that was
    backed up. A backup that is damaged is found before anything is changed for good.
    """
    with reached(settings()) as core, source(file, unpack=False) as read, progress("restoring") as told:
        try:
            header = core.restore(read.stream, told, replace=replace)
        except Exists as error:
            raise Failure("The database holds something. Drop that and restore: --replace") from error
        except Invalid as error:
            raise Failure(f"{'The database' if error.field == 'database' else file} {error.reason}") from error
    sessions, activities = header.rows["session"], header.rows["activity"]
    click.echo(
        f"Restored {sessions:,} sessions and {activities:,} activities of {moment(header.made_at)} UTC.", err=True
    )

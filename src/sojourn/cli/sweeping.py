"""`sojourn sweep` and `sojourn scrub`."""

import click

from sojourn.cli.database import opened
from sojourn.cli.failure import Failure
from sojourn.cli.options import Duration

FOR_LONG = 366 * 86_400


@click.command(epilog="Example: sojourn sweep --for 1h")
@click.option("--for", "seconds", type=Duration(), default=FOR_LONG, help="Stop after so long.  [default: when done]")
def sweep(seconds: int) -> None:
    """Delete now what has had its time, and go on with erasures.

    The server does the same by itself, a little every few seconds. It can be stopped at any moment.
    """
    with opened() as core:
        swept = core.custodian.sweep(seconds)
    deleted = swept.deleted
    click.echo(
        f"Deleted {deleted.sessions} sessions with {deleted.activities} activities, in {swept.pieces} transactions"
        f" of up to {swept.longest * 1_000:.0f} ms."
    )
    if not swept.whole:
        click.echo("There may be more: sojourn sweep")


@click.command(epilog="Example: sojourn scrub")
def scrub() -> None:
    """Write the database's files anew, without what was erased.

    No byte of it is left in them then.

    Nobody can write meanwhile (on PostgreSQL, nor read): do it at a quiet time. It needs as much free space as there
    are data. Receipts of erasures say afterwards that it was done.
    """
    with opened() as core:
        done = core.custodian.scrub()
    if not done:
        raise Failure("It could not be done: somebody reads for long, or the tables belong to another role.")
    click.echo("The files are written anew.")

"""`sojourn migrate`."""

import click

from sojourn.cli.database import reached, settings
from sojourn.cli.failure import REFUSED


@click.command(
    epilog="""\b
Examples:
  sojourn migrate
  sojourn migrate --check || echo "steps are missing"
"""
)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 where steps are missing.")
@click.pass_context
def migrate(context: click.Context, check: bool) -> None:
    """Bring the database up to this release, all or nothing.

    `serve` does so by itself. By hand it is wanted where many servers share a database: migrate first, then restart
    them one after the other.
    """
    with reached(settings()) as core:
        steps = core.upkeep.pending() if check else core.migrate()
    for step in steps:
        click.echo(f"{'missing' if check else 'taken'}: {step}")
    if not steps:
        click.echo("The database is up to date.")
    if check and steps:
        context.exit(REFUSED)

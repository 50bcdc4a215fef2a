"""`sojourn doctor`."""

import os
from collections.abc import Sequence

import click
from rich.console import Console

from sojourn.cli.database import opened
from sojourn.cli.failure import REFUSED
from sojourn.cli.showing import show_json
from sojourn.core.upkeep import Flaw
from sojourn.doctor.examination import examine
from sojourn.doctor.finding import Finding


@click.command(
    epilog="""\b
Examples:
  sojourn doctor
  sojourn doctor --quick --json
  sojourn doctor --mend
"""
)
@click.option("--quick", is_flag=True, help="Leave out what reads all of the data.")
@click.option("--mend", is_flag=True, help="Make rows fit together again that do not; back up first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.pass_context
def doctor(context: click.Context, quick: bool, mend: bool, as_json: bool) -> None:
    """Say what is wrong with the set-up, and how it is mended.

    It looks at settings, files, addresses, the database, who may enter, and whether all rows fit together; it changes
    nothing unless told to. It exits with 1 where something is left to mend.
    """
    findings = _examined(quick=quick)
    flaws = [finding.flaw for finding in findings if finding.flaw]
    if mend and flaws:
        _mend(flaws)
        findings = _examined(quick=quick)
    if as_json:
        show_json([{"what": found.what, "why": found.why, "mend": found.mend} for found in findings])
    else:
        _tell(findings)
    if findings:
        context.exit(REFUSED)


def _examined(*, quick: bool) -> Sequence[Finding]:
    with Console(stderr=True).status("looking") as status:
        return list(examine(os.environ, status.update, quick=quick))


def _mend(flaws: Sequence[Flaw]) -> None:
    with opened() as core:
        for flaw in flaws:
            core.upkeep.mend(flaw)
            click.echo(f"mended: {flaw.replace('_', ' ')}", err=True)


def _tell(findings: Sequence[Finding]) -> None:
    for number, found in enumerate(findings, 1):
        click.echo(f"{number}. {found.what}\n   {found.why}\n   To mend it: {found.mend}\n")
    if not findings:
        click.echo("All is well.")

"""`sojourn doctor`."""

import os
import time
from collections.abc import Sequence

import click
from rich.console import Console

from sojourn.cli.database import opened
from sojourn.cli.failure import REFUSED
from sojourn.cli.showing import show_json
from sojourn.core.upkeep import Flaw
from sojourn.doctor.examination import examine
from sojourn.doctor.finding import Finding

PAUSE = 0.02
"""Seconds between two pieces of counting, in which a server that runs meanwhile writes what waits."""


@click.command(
    epilog="""\b
Examples:
  sojourn doctor
  sojourn doctor --quick --json
  sojourn doctor --mend
  sojourn doctor --count
"""
)
@click.option("--quick", is_flag=True, help="Leave out what reads all of the data.")
@click.option("--mend", is_flag=True, help="Make rows fit together again that do not; back up first.")
@click.option("--count", is_flag=True, help="First count what stands in very many sessions: after a large import.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.pass_context
def doctor(context: click.Context, quick: bool, mend: bool, count: bool, as_json: bool) -> None:
    """Say what is wrong with the set-up, and how it is mended.

    It looks at settings, files, addresses, the database, who may enter, and whether all rows fit together; it changes
    nothing unless told to. It exits with 1 where something is left to mend.

    What is touched or said in more than 5,000 sessions has counts of its own, so that its lists cost no more than
    others. A server counts it when it was first asked for; --count does it now.
    """
    if count:
        _count()
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


def _count() -> None:
    with Console(stderr=True).status("looking for what stands in very many sessions") as status, opened() as core:
        found = core.recorder.seek_busy()
        pieces = 0
        while core.recorder.count_busy(1):
            pieces += 1
            status.update(f"counting what stands in very many sessions: piece {pieces:,}")
            time.sleep(PAUSE)
    click.echo(f"counted, of what stands in very many sessions: {found:,}", err=True)


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

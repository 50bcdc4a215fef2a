"""`make bench`: measure, print a table of ratios, write the figures as JSON."""

from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks import figures, generator, machine
from benchmarks.cases import ACTIVITIES, BARE, CASES, SAME_ROWS, UNSTORED
from benchmarks.databases import ENGINES, Databases
from benchmarks.measuring import Plan, measure
from benchmarks.table import document, write_below_mark

DOCUMENT = machine.ROOT / "docs" / "performance.md"
RESULTS = machine.ROOT / "benchmarks" / "results"
AGAINST = {"ceiling": UNSTORED, "bare": BARE, "rows": SAME_ROWS, "activities": ACTIVITIES}


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice([case.name for case in CASES]), help="A case; all if not given."
)
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--connections", multiple=True, type=click.IntRange(1), help="Instead of each case's own numbers.")
@click.option(
    "--against", multiple=True, type=click.Choice(list(AGAINST)), help="What to compare with; all if not given."
)
@click.option("--seconds", default=3, show_default=True, type=click.IntRange(1), help="Of each run.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Of each case; medians are told.")
@click.option("--pin/--no-pin", default=True, show_default=True, help="One core for the server, one for the load.")
@click.option("--profile", is_flag=True, help="Look at each server once more with py-spy: where the time goes.")
@click.option("--write-docs", is_flag=True, help="Let this be the latest run in docs/performance.md.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file of figures.")
def main(
    only: tuple[str, ...],
    engine: tuple[str, ...],
    connections: tuple[int, ...],
    against: tuple[str, ...],
    seconds: int,
    rounds: int,
    pin: bool,
    profile: bool,
    write_docs: bool,
    output: Path | None,
) -> None:
    """Measure Sojourn against what the same stack does without storage, and against what the engines do without it."""
    if not generator.available():
        raise click.ClickException(str(generator.Absent()))
    cores = machine.cores(pin)
    path = output or figures.dated(RESULTS)
    plan = Plan(
        engines=engine or ENGINES,
        against=[AGAINST[name] for name in against or AGAINST],
        seconds=seconds,
        rounds=rounds,
        cores=cores,
        say=lambda text: click.echo(text, err=True),
        profiles=path.with_suffix(".profiles") if profile else None,
    )
    began = datetime.now(UTC)
    with Databases(cores.load) as databases:
        results = [
            result
            for case in CASES
            if case.name in (only or (case.name,))
            for result in measure(case, plan, databases, connections or case.connections)
        ]
    report = figures.Report(
        began=began.isoformat(timespec="seconds"),
        commit=machine.commit(),
        machine=machine.described(),
        cores=str(cores),
        seconds=seconds,
        rounds=rounds,
        results=results,
    )
    figures.keep(report, path)
    print(document(report))
    if write_docs:
        write_below_mark(report, DOCUMENT)
    click.echo(f"The figures are in {path}", err=True)
    if plan.profiles:
        click.echo(f"The profiles are in {plan.profiles}", err=True)


if __name__ == "__main__":
    main()

"""`sojourn collect`: tell the server what this machine's own records know."""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from sojourn.agent.logins import wtmpdb
from sojourn.agent.logins.collect import Collector
from sojourn.agent.logins.follow import Live, follow
from sojourn.agent.logins.ledger import Ledger
from sojourn.agent.logins.records import Records, of_wtmp, of_wtmpdb
from sojourn.agent.logins.reporter import IMPORT, Device, NotTold, Reporter
from sojourn.agent.machine import DEVICE, NoMachineId, hostname, id_for, machine_id
from sojourn.agent.settings import Settings, SettingsError, load, seconds
from sojourn.agent.uplink import Server, Uplink

SOURCES = ("auto", "wtmp", "wtmpdb", "logind")
NOT_TOLD = 75
"""The exit code when the server could not be told now: sysexits' EX_TEMPFAIL."""


@click.group()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration [default: agent.toml of the user, else /etc/sojourn/agent.toml].",
)
@click.pass_context
def collect(context: click.Context, config: Path | None) -> None:
    """Tell the server what this machine's own records know."""
    with _failures_told():
        context.obj = load(config)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)


@collect.command(epilog="Example: sojourn collect logins --dry-run")
@click.option("--source", type=click.Choice(SOURCES), help="What to ask [default: as configured, else auto].")
@click.option("--once", is_flag=True, help="Tell what is known now, and end.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.pass_obj
def logins(settings: Settings, *, source: str | None, once: bool, dry_run: bool) -> None:
    """Tell who is and was logged in on this workstation: the history once, then every change.

    auto asks wtmpdb, or wtmp where there is none, and logind for whom neither tells of.
    """
    with _failures_told():
        chosen = source or settings.logins.source
        with _collector(settings, chosen, dry_run=dry_run) as (collector, live):
            if dry_run:
                _print_lines(collector)
            elif once:
                collector.collect()
            else:
                follow(collector.collect, live, float(seconds("logins.poll", settings.logins.poll)))


@contextmanager
def _collector(settings: Settings, source: str, *, dry_run: bool) -> Iterator[tuple[Collector, Live]]:
    server = settings.uplink_server()
    if server is None and dry_run:
        server = Server(url="http://localhost", token=str)
    if server is None:
        raise SettingsError("no server is configured: set server.url")
    device = Device(guid=id_for(DEVICE, machine_id()), name=settings.name or hostname())
    with closing(Live()) as live, closing(Ledger(_ledger_path(settings, server))) as ledger:
        uplink = Uplink(server)
        try:
            yield (
                Collector(
                    records=_records(settings, source),
                    live=live.sessions if source in ("auto", "logind") else lambda: None,
                    ledger=ledger,
                    reporter=Reporter(uplink=uplink, ledger=ledger, device=device),
                ),
                live,
            )
        finally:
            uplink.close()


def _ledger_path(settings: Settings, server: Server) -> Path:
    """Tell where the ledger of this server is: what one server was told, another does not know."""
    named = hashlib.sha256(f"{server.url} {server.organisation}".encode()).hexdigest()[:12]
    return settings.state_directory() / f"logins-{named}.sqlite"


def _records(settings: Settings, source: str) -> Records | None:
    section = settings.logins
    if source == "logind":
        return None
    places = (Path(section.wtmpdb),) if section.wtmpdb else wtmpdb.PATHS
    existing = next((place for place in places if place.exists()), None)
    if source == "wtmpdb" and existing is None:
        raise SettingsError(f"there is no wtmpdb at {' or '.join(str(place) for place in places)}")
    if source != "wtmp" and existing is not None:
        return of_wtmpdb(existing)
    return of_wtmp(Path(section.wtmp))


def _print_lines(collector: Collector) -> None:
    recorded = collector.records.sessions() if collector.records is not None else []
    merged = collector.merged(recorded, collector.live(), collector.clock())
    click.echo(f"POST {IMPORT}")
    for session in collector.reporter.untold(merged.sessions).values():
        click.echo(json.dumps(collector.reporter.line(session), ensure_ascii=False))


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except NotTold as untold:
        click.echo(f"Not told: {untold}", err=True)
        raise click.exceptions.Exit(NOT_TOLD) from untold
    except (SettingsError, NoMachineId, OSError) as error:
        raise click.ClickException(str(error)) from error

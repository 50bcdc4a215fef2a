"""`sojourn agent`: measure browsing sessions on this machine, and deliver them."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from sojourn.agent import har as har_format
from sojourn.agent import parts
from sojourn.agent.clock import now
from sojourn.agent.courier import AGENTS, VISITS
from sojourn.agent.machine import NoMachineId, description
from sojourn.agent.privacy import Privacy
from sojourn.agent.report import rendered
from sojourn.agent.settings import Settings, SettingsError, load
from sojourn.agent.spool import Spool, SpoolFull
from sojourn.agent.uplink import pack
from sojourn.agent.visit import NotVisited, Visitor
from sojourn.agent.weblog import Site
from sojourn.agent.wire import document_of, key_of
from sojourn.core.report import Visit

KEPT = 75
"""The exit code when what was measured could not be delivered and is kept: sysexits' EX_TEMPFAIL."""


_Command = TypeVar("_Command", bound=Callable[..., Any])


class Failure(click.ClickException):
    """Something that the person at the terminal can mend."""


@click.group()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration [default: agent.toml of the user, else /etc/sojourn/agent.toml].",
)
@click.pass_context
def agent(context: click.Context, config: Path | None) -> None:
    """Measure browsing sessions on this machine, and deliver them."""
    with failures_told():
        context.obj = load(config)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)


def delivery_options(command: _Command) -> _Command:
    """Add the options of the commands that deliver once."""
    options = (
        click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON."),
        click.option("--dry-run", is_flag=True, help="Print exactly what would be sent, and send nothing."),
    )
    for option in options:
        command = option(command)
    return command


@agent.command(epilog="Example: sojourn agent visit --dry-run https://www.example.org/")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("--no-sandbox", is_flag=True, help="Run the browser without its sandbox, as root must.")
@click.option("--no-network", is_flag=True, help="Open the pages only, and measure no network.")
@delivery_options
@click.pass_obj
def visit(
    settings: Settings, urls: Sequence[str], *, no_sandbox: bool, no_network: bool, as_json: bool, dry_run: bool
) -> None:
    """Open the pages of one site, measure, print the session, and deliver it.

    Where no domains are configured, naming the site here allows it.
    """
    with failures_told():
        privacy = settings.owner_privacy()
        if not privacy.domains:
            privacy = Privacy(domains=_hosts(urls), keep_query=privacy.keep_query)
        visitor = _visitor(settings, privacy, sandbox=not no_sandbox, network=not no_network)
        made = visitor.visit(urls, trigger="user")
        told(settings, [made], as_json=as_json, dry_run=dry_run)


@agent.command(epilog="Example: sojourn agent har --domain example.org recorded.har")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--domain", "domains", multiple=True, help="Allow this domain, besides those configured.")
@delivery_options
@click.pass_obj
def har(settings: Settings, files: Sequence[Path], *, domains: tuple[str, ...], as_json: bool, dry_run: bool) -> None:
    """Read HAR files that a browser exported, print their sessions, and deliver them."""
    with failures_told():
        privacy = settings.owner_privacy()
        privacy = Privacy(domains=(*privacy.domains, *domains), keep_query=privacy.keep_query)
        if not privacy.domains:
            raise SettingsError("no domain may be told of: name one with --domain, or in privacy.domains")
        visitor = _visitor(settings, privacy, network=False)
        visits = []
        for file in files:
            log = har_format.read(_contents(file))
            for note in visitor.privacy.scrub(log).notes:
                click.echo(f"{file}: {note}", err=True)
            visits += visitor.from_har(log)
        told(settings, visits, as_json=as_json, dry_run=dry_run)


@agent.command(epilog="Example: sojourn agent run")
@click.option("--no-sandbox", is_flag=True, help="Run the browser without its sandbox, as root must.")
@click.pass_obj
def run(settings: Settings, *, no_sandbox: bool) -> None:
    """Visit the configured sites again and again, and deliver, until told to end."""
    with failures_told(), parts.opened_spool(settings) as spool:
        parts.loop(settings, spool, sandbox=not no_sandbox).run()


@agent.command(epilog="Example: sojourn agent status --json")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> None:
    """Tell what waits in the spool, and what became of the rest."""
    with failures_told(), parts.opened_spool(settings) as spool:
        counts = spool.counts()
        if as_json:
            click.echo(json.dumps(dict(counts)))
            return
        for name, count in counts.items():
            click.echo(f"{name:<14} {count}")
        for key, reason in spool.refusals():
            click.echo(f"{key}: {reason}")


def _visitor(settings: Settings, privacy: Privacy, *, sandbox: bool = True, network: bool = True) -> Visitor:
    # Imported here because the service, which only sends others to visit, is to stay small.
    from sojourn.agent.visiting import visitor  # noqa: PLC0415

    return visitor(settings, privacy, sandbox=sandbox, network=network)


def told(settings: Settings, visits: Sequence[Visit], *, as_json: bool, dry_run: bool) -> None:
    """Print visits, and deliver them or keep them."""
    if dry_run:
        _print_requests(settings, visits)
        return
    if as_json:
        click.echo(json.dumps([document_of(each) for each in visits], ensure_ascii=False, indent=2))
    else:
        for each in visits:
            Console().print(rendered(each))
    with parts.opened_spool(settings) as spool:
        _deliver(settings, spool, visits)


@contextmanager
def failures_told() -> Iterator[None]:
    """Tell in one line what the person at the terminal can mend."""
    try:
        yield
    except (SettingsError, NoMachineId, NotVisited, SpoolFull, har_format.NotHar, OSError) as error:
        raise Failure(str(error)) from error


def _deliver(settings: Settings, spool: Spool, visits: Sequence[Visit]) -> None:
    courier = parts.courier(settings, spool)
    if courier is None:
        click.echo("No server is configured, so nothing is delivered.", err=True)
        return
    for each in visits:
        document = document_of(each)
        spool.put(key_of(document), pack(document), now())
    refused = spool.counts()["refused"]
    with closing(courier.uplink):
        courier.deliver()
    counts = spool.counts()
    if counts["refused"] > refused:
        raise Failure(f"the server refused it: {spool.refusals()[-1][1]}")
    if counts["waiting"]:
        click.echo(f"Not delivered, and kept for later: {courier.last_failure}", err=True)
        raise click.exceptions.Exit(KEPT)
    click.echo("Delivered.", err=True)


def _print_requests(settings: Settings, visits: Sequence[Visit]) -> None:
    requests: list[tuple[str, str | None, dict[str, Any]]] = [
        (f"PUT {AGENTS}/{parts.agent_id(settings)}", None, description(settings.name))
    ]
    for each in visits:
        document = document_of(each)
        requests.append((f"POST {VISITS}", key_of(document), document))
    for line, key, document in requests:
        click.echo(line)
        if key is not None:
            click.echo(f"Idempotency-Key: {key}")
        click.echo(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _contents(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(har_format.LARGEST + 1)
    with file.open("rb") as opened:
        return opened.read(har_format.LARGEST + 1)


def _hosts(urls: Sequence[str]) -> tuple[str, ...]:
    return tuple(site.host for url in urls if (site := Site.of(url)))

"""The command line."""

import click
import uvicorn

from sojourn.app import web
from sojourn.config import load
from sojourn.services import services
from sojourn.web.log import configure


@click.group()
def main() -> None:
    """Sojourn, a self-hosted record of user sessions."""


@main.command()
def serve() -> None:
    """Serve the API."""
    settings = load()
    configure(settings.log_level)
    core = services(settings)
    core.migrate()
    issued = core.registry.begin(settings.owner_email, settings.owner_token or None)
    if issued:
        click.echo(f"owner {issued.token.principal.email} token {issued.secret}")
    uvicorn.run(
        web(settings, core),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
    )

"""`sojourn serve`."""

import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click
import uvicorn

from sojourn.app import web
from sojourn.cli.database import reached, settings, settings_told
from sojourn.cli.failure import NO_ADDRESS, WRONG_SETTING, Failure
from sojourn.config import Settings, variable_of
from sojourn.core.errors import Invalid
from sojourn.core.registry import Issued
from sojourn.services import Services
from sojourn.web.connection import Connection
from sojourn.web.log import configure

BACKLOG = 2_048
PATIENCE = 30
"""How many seconds a request may take to be answered once the server is told to stop."""


@click.command(
    epilog="""\b
Examples:
  sojourn serve
  SOJOURN_DATABASE=postgresql://sojourn@db.example.org/sojourn sojourn serve --host 0.0.0.0 --port 80
"""
)
@click.option("--host", help="The address to listen on, instead of SOJOURN_HOST.")
@click.option("--port", help="The port to listen on, instead of SOJOURN_PORT; 0 takes a free one.")
def serve(host: str | None, port: str | None) -> None:
    """Serve the API.

    Brings the database up to this release first. The very first start makes an organisation and its owner, and prints
    the owner's token: it is not shown again. SIGTERM or Ctrl-C stops the server when it has answered what it accepted.
    """
    changes = {variable_of("host"): host, variable_of("port"): port}
    given = settings({name: value for name, value in changes.items() if value is not None})
    configure(given.log_level)
    with closing(_listen(given)) as listener, reached(given) as core:
        with settings_told():
            app = web(given, core)
        core.migrate()
        _greet(given, listener, _begin(given, core))
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the app believes the proxies of the settings, and no others
            timeout_graceful_shutdown=PATIENCE,
        )
        Server(config).run(sockets=[listener])


class Server(uvicorn.Server):
    """Ends well when it is told to stop: the signal is not passed on, so that the exit code is 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(given: Settings) -> socket.socket:
    """The socket that is listened on: before anything is changed or told. Raises: Failure."""
    try:
        family, _, _, _, address = socket.getaddrinfo(given.host, given.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        where = f"port {given.port} of {given.host}"
        match error.errno:
            case errno.EADDRINUSE:
                reason = f"Another program listens on {where} already. Choose another port: sojourn serve --port 8081"
            case errno.EACCES:
                reason = f"Only the administrator may listen on {where}. Choose one from 1024 up: --port 8080"
            case _:
                reason = f"Cannot listen on {where}, which must be of this machine: {error.strerror}"
        raise Failure(reason, NO_ADDRESS) from error


def _begin(given: Settings, core: Services) -> Issued | None:
    """The owner and the token, where this is the first start. Raises: Failure."""
    try:
        return core.registry.begin(given.owner_email, given.owner_token or None)
    except Invalid as error:
        name = "owner_email" if error.field == "email" else "owner_token"
        raise Failure(f"{variable_of(name)} {error.reason}", WRONG_SETTING) from error


def _greet(given: Settings, listener: socket.socket, issued: Issued | None) -> None:
    """Where the server is; once, the token; and how it is stopped."""
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    click.echo(f"Sojourn listens on {address}\nWhat it can be asked: {given.public_url or address}/docs")
    if issued is not None:
        owner = issued.token.principal.email
        if given.owner_token:
            click.echo(f"The token of {owner} is that of {variable_of('owner_token')}.")
        else:
            click.echo(f"The token of {owner}, which is not shown again:\n\n  export TOKEN={issued.secret}\n")
    click.echo("Ctrl-C stops it.")

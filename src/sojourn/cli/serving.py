"""`sojourn serve`."""

import errno
import socket
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import click
import structlog
import uvicorn
from starlette.types import ASGIApp

from sojourn.app import web
from sojourn.atlas import Files
from sojourn.cli.database import reached, settings, settings_told
from sojourn.cli.failure import NO_ADDRESS, WRONG_SETTING, Failure, told
from sojourn.cli.workers import STARTUP_FAILURE, Supervisor
from sojourn.config import Settings, variable_of
from sojourn.core.errors import Invalid
from sojourn.core.registry import Issued
from sojourn.services import Services
from sojourn.web.connection import Connection
from sojourn.web.log import configure
from sojourn.web.metrics import forget_worker, share_measures
from sojourn.web.server import ACCEPTED_AT_ONCE, Server

BACKLOG = 2_048
PATIENCE = 30
"""How many seconds a request may take to be answered once the server is told to stop."""


@click.command(
    epilog="""\b
Examples:
  sojourn serve
  sojourn serve --workers 4
  SOJOURN_DATABASE=postgresql://sojourn@db.example.org/sojourn sojourn serve --host 0.0.0.0 --port 80
"""
)
@click.option("--host", help="The address to listen on, instead of SOJOURN_HOST.")
@click.option("--port", help="The port to listen on, instead of SOJOURN_PORT; 0 takes a free one.")
@click.option("--workers", help="How many processes serve, instead of SOJOURN_WORKERS.")
def serve(host: str | None, port: str | None, workers: str | None) -> None:
    """Serve the API.

    Brings the database up to this release first. The very first start makes an organisation and its owner, and prints
    the owner's token: it is not shown again. SIGTERM or Ctrl-C stops the server when it has answered what it accepted.

    Of several workers one that dies is started anew; SIGHUP puts fresh ones in the places of all, one by one.
    """
    changes = {variable_of("host"): host, variable_of("port"): port, variable_of("workers"): workers}
    given = settings({name: value for name, value in changes.items() if value is not None})
    configure(given.log_level)
    with closing(_listen(given)) as listener:
        code = _serve_alone(given, listener) if given.workers == 1 else _serve_together(given, listener)
    if code:
        raise SystemExit(code)


def _serve_alone(given: Settings, listener: socket.socket) -> int:
    """Serve in this process."""
    with reached(given) as core:
        with settings_told():
            app = web(given, core)
        core.migrate()
        _greet(given, listener, _begin(given, core))
        server = Server(_config(app))
        server.run(sockets=[listener])
    return 0 if server.started else STARTUP_FAILURE


def _serve_together(given: Settings, listener: socket.socket) -> int:
    """Begin in this process, and serve in others; the exit code. Raises: Failure, Unavailable."""
    with settings_told():
        Files(given).close()  # what cannot be read is told once, and before anything is changed
    with reached(given) as core:
        core.migrate()
        issued = _begin(given, core)
    if not given.redis:
        structlog.get_logger().warning("each worker counts by itself how often one may ask; SOJOURN_REDIS shares it")
    _greet(given, listener, issued)
    with TemporaryDirectory(prefix="sojourn-") as measures:
        work = partial(_work, given, listener, Path(measures))
        ended = partial(forget_worker, Path(measures))
        return Supervisor(given.workers, work, listener, patience=PATIENCE + 5, ended=ended).run()


def _work(given: Settings, listener: socket.socket, measures: Path, number: int, line: socket.socket) -> int:
    """What one of several workers does; its exit code."""
    configure(given.log_level, worker=number)
    share_measures(measures, number)
    try:
        with told(), reached(given) as core:
            server = Server(
                _config(web(given, core, measures)), line, at_once=max(1, ACCEPTED_AT_ONCE // given.workers)
            )
            server.run(sockets=[listener])
    except Failure as failure:
        failure.show()
        return failure.exit_code
    return 0 if server.started else STARTUP_FAILURE


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        cast(Any, app),
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the app believes the proxies of the settings, and no others
        timeout_graceful_shutdown=PATIENCE,
    )


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

"""The server of a stage on a socket, for who can only come by the network."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sojourn.web.connection import Connection
from tests.stage import Stage


@contextmanager
def listening(stage: Stage) -> Iterator[str]:
    """The address on which the stage's own server answers meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The stage has started the app already, and ends it.
        config = uvicorn.Config(
            stage.app, lifespan="off", log_config=None, access_log=False, ws="none", http=Connection
        )
        server = uvicorn.Server(config)
        served = stage.portal.start_task_soon(server.serve, [listener])
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            served.result(30)

"""A server on loopback whose stream a test holds in its hand: what it tells, when, and how it fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
import uvicorn

from sojourn.app import services, web
from sojourn.core.access import Scope
from sojourn.core.journal import Journal
from sojourn.core.model import SECOND
from sojourn.core.presence import Stay, Window
from tests.stage import Stage

SECONDS = 30
"""How long to wait for what must happen."""

Script = Callable[[], Iterator[list[Stay]]]


def some(count: int, first: int = 1) -> list[Stay]:
    """So many stays, numbered from there."""
    return [(i, i, 7, "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg", i, i + SECOND) for i in range(first, first + count)]


class Scripted(Journal):
    """A journal that tells of sessions what a test has written."""

    script: Script

    def stays(self, scope: Scope, window: Window) -> Iterator[list[Stay]]:
        return self.script()


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A server that listens; `log` are the lines that it has written."""

    address: tuple[str, int]
    headers: dict[str, str]
    log: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    def lines(self, event: str) -> list[Any]:
        return [line for line in self.log if line["event"] == event]


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {SECONDS} seconds"
        time.sleep(0.005)


@contextmanager
def live(stage: Stage, script: Script) -> Iterator[Live]:
    """The server of a stage on a port of its own, with a journal that follows the script."""
    core = services(stage.settings, stage.clock)
    journal = Scripted(core.journal._store)
    journal.script = script
    app = web(stage.settings, replace(core, journal=journal))
    config = uvicorn.Config(app, port=0, log_config=None, http="httptools", timeout_graceful_shutdown=SECONDS)
    server = uvicorn.Server(config)
    with structlog.testing.capture_logs() as log:
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            wait_for(lambda: server.started, "the server starts")
            address = server.servers[0].sockets[0].getsockname()
            yield Live(address=address, headers={"ApiKey": stage.reader.secret}, log=log)
        finally:
            server.should_exit = True
            thread.join()

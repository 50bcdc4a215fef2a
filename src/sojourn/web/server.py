"""uvicorn's server, that ends well, gives signs of life, and lets in everybody who knocks."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

TICKS = 10
"""How many of uvicorn's ticks, a tenth of a second each, pass between two signs of life."""

ACCEPTED_AT_ONCE = 64


class Server(uvicorn.Server):
    """Ends well when it is told to stop: the signal is not passed on, so that the exit code is 0.

    On `line`, where there is one, it gives a sign of life every second, and ends when the other side is gone.

    uvloop lets in one connection in each turn of the loop, and under load a turn serves a thousand requests: whoever
    knocks then, the probe of a balancer among them, waits as many turns as others knocked before. So up to `at_once`
    more are let in each turn.
    """

    def __init__(
        self, config: uvicorn.Config, line: socket.socket | None = None, at_once: int = ACCEPTED_AT_ONCE
    ) -> None:
        super().__init__(config)
        self._line = line
        self._at_once = at_once
        self._doors: list[socket.socket] = []
        self._entering: set[asyncio.Task[object]] = set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def on_tick(self, counter: int) -> bool:
        if self._line is not None and counter % TICKS == 0 and not _beat(self._line):
            self.should_exit = True
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        for listener in sockets or []:
            door = listener.dup()  # the loop watches each number of a file once
            door.setblocking(False)
            self._doors.append(door)
            asyncio.get_running_loop().add_reader(door, partial(self._let_in, door))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for door in self._doors:
            asyncio.get_running_loop().remove_reader(door)
            door.close()
        await super().shutdown(sockets)

    def _let_in(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self._at_once):
            try:
                connection, _ = door.accept()
            except OSError:  # nobody is left, or there is no number left for a file: then uvloop sees to it
                return
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            entering = loop.create_task(self._enter(connection))
            self._entering.add(entering)
            entering.add_done_callback(self._entering.discard)

    async def _enter(self, connection: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        kind = self.config.http_protocol_class
        return kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def _beat(line: socket.socket) -> bool:
    """Give a sign of life; whether there is somebody to hear it."""
    try:
        line.send(b".")
    except BlockingIOError:
        pass  # it is busy; there is more to hear than it can take
    except OSError:
        return False
    return True

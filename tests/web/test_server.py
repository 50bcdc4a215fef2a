"""Everybody who knocks is let in, however busy the loop is."""

import asyncio
import socket
import threading
import time
from contextlib import ExitStack

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from sojourn.web.server import Server

GUESTS = 40


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers nothing: who is in is counted by the server."""


def test_many_are_let_in_within_a_few_turns_of_a_busy_loop() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=GUESTS)
    server = Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    turns: list[None] = []

    async def play() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        with ExitStack() as stack:
            for _ in range(GUESTS):
                stack.enter_context(socket.create_connection(listener.getsockname()))
            while len(server.server_state.connections) < GUESTS:
                turns.append(None)
                time.sleep(0.001)  # what a busy loop does  # noqa: ASYNC251
                await asyncio.sleep(0)
                assert len(turns) < GUESTS
            server.should_exit = True
            await serving

    assert threading.current_thread() is threading.main_thread()
    uvloop.run(play())
    assert len(turns) < GUESTS // 2

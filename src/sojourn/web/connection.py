"""A connection whose requests have heads of a bounded size, that arrive within a bounded time.

uvicorn bounds neither the line nor the headers of a request when httptools reads them: one endless header would fill
the memory, and thousands of connections that send a byte now and then would take all that there are. See
docs/decisions/0041-the-head-of-a-request-is-bounded.md.
"""

import asyncio
from http import HTTPStatus
from typing import cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sojourn.web.errors import PROBLEM
from sojourn.web.live import ENDLESS

HEAD_BYTES = 65_536
"""The longest head of a request: its line and its headers."""

HEAD_SECONDS = 20.0
"""How long the head of a request may take to arrive, from its first byte on, or from when the connection was made."""


class TooLong(Exception):
    """The head is longer than that."""


class Connection(HttpToolsProtocol):
    """uvicorn's, that gives up on a head which is too long, and refuses what is no HTTP as a problem.

    Who is answered before all of the body has come is heard to its end, and nothing of it is kept.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = True
        self._head = 0
        self._too_long = False
        self._too_slow = False
        self._asked = False
        self._parted = False
        self._keep = False
        self._patience: asyncio.TimerHandle | None = None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head = 0

    def on_headers_complete(self) -> None:
        if self._parted or self.transport.is_closing():
            return  # it was told that nothing more is answered
        self._in_head = False
        self._asked = True
        self._be_patient()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._too_long = True
            raise TooLong
        super().on_headers_complete()
        self._keep = self.cycle.keep_alive
        if self.expect_100_continue:
            # Who is refused may keep its body back, and then the next request could not be told from it.
            self.cycle.keep_alive = False
        if not self.cycle.keep_alive:
            self.cycle.transport = cast(asyncio.Transport, _Parting(self))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._parted:
            self.transport.close()
        elif self.expect_100_continue and not self.cycle.response_started:
            self.cycle.keep_alive = self._keep

    def data_received(self, data: bytes) -> None:
        # What came before the head may stand in the same piece: only whole pieces of it are counted.
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._too_long = True
                self.send_400_response("")
        if self._in_head:
            self._await_head()  # of those that follow the first, few come in pieces
        else:
            self._await_rest()

    def _await_rest(self) -> None:
        """Who is answered, and still sends, has as long for each piece as others for their next request."""
        if self.transport.is_closing() or self.timeout_keep_alive_task is not None:
            return
        if self.cycle.response_complete:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def part(self) -> None:
        """Say no more, and hang up: at once, or where more is on its way, when it has come."""
        if self.cycle.more_body and self.transport.can_write_eof():
            self._parted = True
            self.transport.write_eof()
        else:
            self.transport.close()

    def _await_head(self) -> None:
        if self._patience is None and not self.transport.is_closing():
            self._patience = self.loop.call_later(HEAD_SECONDS, self._lose_patience)

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        """Hang up, with a word to whoever has begun to ask. Nothing is read while something is answered."""
        self._patience = None
        if self.transport.is_closing():
            return
        if self._asked and not self.cycle.response_complete:
            self._await_head()
        elif self._head or self._asked:
            self._too_slow = True
            self.send_400_response("")
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """The server is to stop: an answer without an end of its own is told to end."""
        self._keep = False
        super().shutdown()
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        endless = cycle.scope["state"].get(ENDLESS) if cycle else None
        if endless is not None:
            endless.set()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: who asks for another protocol is answered in this one."""

    def send_400_response(self, msg: str) -> None:
        status, detail = HTTPStatus.BAD_REQUEST, "This is no HTTP request"
        if self._too_long:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            detail = f"The line and the headers of a request must not be longer than {HEAD_BYTES} bytes"
        if self._too_slow:
            status = HTTPStatus.REQUEST_TIMEOUT
            detail = f"The line and the headers of a request must arrive within {HEAD_SECONDS:.0f} seconds"
        body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
        content = msgspec.json.encode(body)
        head = [
            f"HTTP/1.1 {int(status)} {status.phrase}",
            f"content-type: {PROBLEM}",
            f"content-length: {len(content)}",
            "connection: close",
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + content)
        self.transport.close()


class _Parting:
    """What an answer after which the connection ends is written to.

    To hang up on somebody who still sends makes their system throw away an answer that they have not read.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing

    def close(self) -> None:
        self._connection.part()

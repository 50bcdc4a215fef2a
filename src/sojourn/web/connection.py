"""A connection whose requests have heads of a bounded size.

uvicorn bounds neither the line nor the headers of a request when httptools reads them: one endless header would fill
the memory. See docs/decisions/0041-the-head-of-a-request-is-bounded.md.
"""

import asyncio
from http import HTTPStatus

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sojourn.web.errors import PROBLEM
from sojourn.web.live import ENDLESS

HEAD_BYTES = 65_536
"""The longest head of a request: its line and its headers."""


class TooLong(Exception):
    """The head is longer than that."""


class Connection(HttpToolsProtocol):
    """uvicorn's, that gives up on a head which is too long, and refuses what is no HTTP as a problem."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = True
        self._head = 0
        self._too_long = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._too_long = True
            raise TooLong
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        # What came before the head may stand in the same piece: only whole pieces of it are counted.
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._too_long = True
                self.send_400_response("")

    def shutdown(self) -> None:
        """The server is to stop: an answer without an end of its own is told to end."""
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

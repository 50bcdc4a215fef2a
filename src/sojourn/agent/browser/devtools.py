"""The DevTools protocol over a pair of pipes: JSON messages, each ended by a zero byte.

A pipe and not a websocket (docs/decisions/0080): nobody else on the machine can reach it, and the
browser ends itself when it closes, even if we were killed.
"""

import json
import os
import select
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

LARGEST_MESSAGE = 64 << 20
_CHUNK = 1 << 16


class BrowserError(Exception):
    """The browser could not be started, went away, or would not do what it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `session` is empty for the browser as a whole."""

    method: str
    params: dict[str, Any]
    session: str = ""


@dataclass(slots=True)
class DevTools:
    """A conversation over two file descriptors, which it closes. Used by one thread."""

    reading: int
    writing: int
    _events: deque[Event] = field(default_factory=deque)
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _last_id: int = 0

    def call(self, method: str, /, *, session: str = "", seconds: float = 20.0, **params: Any) -> dict[str, Any]:
        """Have the browser do something and tell the result. Raises: BrowserError."""
        identity = self.tell(method, session=session, **params)
        deadline = time.monotonic() + seconds
        while (message := self._message(deadline)) is not None:
            if message.get("id") == identity:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error'].get('message', 'failed')}")
                result: dict[str, Any] = message.get("result", {})
                return result
            self._keep(message)
        raise BrowserError(f"{method}: no answer within {seconds:g} s")

    def tell(self, method: str, /, *, session: str = "", **params: Any) -> int:
        """Have the browser do something without waiting for the result."""
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        rest = json.dumps(message).encode() + b"\0"
        try:
            while rest:
                rest = rest[os.write(self.writing, rest) :]
        except OSError as error:
            raise BrowserError(f"the browser went away: {error}") from error
        return self._last_id

    def event(self, deadline: float) -> Event | None:
        """Wait for the next event until `time.monotonic()` is at `deadline`."""
        while not self._events:
            message = self._message(deadline)
            if message is None:
                return None
            self._keep(message)
        return self._events.popleft()

    def close(self) -> None:
        """Hang up: the browser ends by it."""
        for descriptor in (self.reading, self.writing):
            os.close(descriptor)

    def _keep(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self._events.append(
                Event(
                    method=message["method"],
                    params=message.get("params", {}),
                    session=message.get("sessionId", ""),
                )
            )

    def _message(self, deadline: float) -> dict[str, Any] | None:
        while (end := self._buffer.find(0, self._searched)) < 0:
            self._searched = len(self._buffer)
            if self._searched > LARGEST_MESSAGE:
                raise BrowserError("the browser said more than can be listened to")
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.reading], [], [], left)[0]:
                return None
            chunk = os.read(self.reading, _CHUNK)
            if not chunk:
                raise BrowserError("the browser went away")
            self._buffer += chunk
        text = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        message: dict[str, Any] = json.loads(text)
        return message

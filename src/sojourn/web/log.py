"""One structured line a request, and its id on the answer.

No line holds a query, a body or a header of a request: they may hold secrets, and people's data.
"""

import logging
import sys
import time
from collections.abc import Callable, MutableMapping
from random import getrandbits
from typing import Any

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Observe = Callable[[str, str, int, float], None]


def configure(level: str = "info", worker: int | None = None) -> None:
    """Lines of JSON on standard error, with the number of the worker where there are several."""

    def name(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["worker"] = worker
        return line

    structlog.configure(
        cache_logger_on_first_use=True,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            *([] if worker is None else [name]),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, Passing) for handler in root.handlers):
        root.addHandler(Passing(logging.WARNING))


class Passing(logging.Handler):
    """Passes on what libraries log, in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)


def _json(line: object, **_: object) -> bytes:
    return msgspec.json.encode(line, enc_hook=str)


class RequestLog:
    """Gives every request an id, and tells of it when it is answered: in the log, and to `observe`.

    `observe` gets the operation, the method, the status and the seconds it took. The id stands in the headers
    `X-Request-Id` and `X-Cap-Requestid` (published for `activity_v2`).
    """

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        state = scope["state"] = dict(scope.get("state", ()))
        state["request_id"] = number = f"{getrandbits(64):016x}"
        status = 500

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                identity = number.encode()
                message["headers"] += [
                    (b"x-request-id", identity),
                    (b"x-cap-requestid", identity),
                    *state.get("answer_headers", ()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, tell)
        finally:
            seconds = time.perf_counter() - began
            self._observe(state.get("operation", "none"), scope["method"], status, seconds)
            self._tell(scope, state, status, seconds)

    def _tell(self, scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
        caller = state.get("caller")
        self._log.info(
            "request",
            id=state["request_id"],
            operation=state.get("operation"),
            method=scope["method"],
            path=scope["path"],
            status=status,
            ms=round(seconds * 1000, 2),
            organisation=caller.scope.organisation if caller else None,
            principal=caller.principal if caller else None,
            peer=scope["client"][0] if scope.get("client") else None,
        )

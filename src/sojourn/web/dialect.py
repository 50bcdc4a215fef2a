"""A mounted app: the operations of one dialect, and the one table that spells all of its faults."""

from collections.abc import Callable, Sequence
from urllib.parse import unquote_to_bytes

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from sojourn.core.errors import Invalid
from sojourn.web.access import AccessChanged, Gate
from sojourn.web.errors import Fault, NotServed, fault
from sojourn.web.operation import Operation
from sojourn.web.pause import Pause

Spell = Callable[[Request, Fault], Response]

ATTEMPTS = 3


class Dialect:
    """Finds the operation of a request and answers with what it tells, or with the fault that it meets."""

    def __init__(self, operations: Sequence[Operation], spell: Spell, gate: Gate, pause: Pause) -> None:
        self.operations = operations
        self._spell = spell
        self._gate = gate
        self._pause = pause
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        self._fixed = {path: methods for path, methods in by_path.items() if "{" not in path}
        self._patterns = [
            (compile_path(path)[0], methods) for path, methods in by_path.items() if path not in self._fixed
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            check_text(scope)
            operation = self._find(scope)
            scope["state"]["operation"] = operation.id
            response = await self._answer(operation, request)
        except Exception as error:
            if "caller" in scope["state"]:
                await self._pause.take(error)
            response = self._refuse(request, error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> Operation:
        path, method = scope["path"], scope["method"]
        methods = self._fixed.get(path)
        if methods is None:
            for pattern, some in self._patterns:
                if found := pattern.match(path):
                    scope["path_params"] = found.groupdict()
                    methods = some
                    break
            else:
                raise NotServed(404)
        operation = methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise NotServed(405, {"Allow": ", ".join(sorted(methods))})
        return operation

    async def _answer(self, operation: Operation, request: Request) -> Response:
        """The operation's answer. It begins again when access changes under it: nothing is written by then."""
        for _ in range(ATTEMPTS):
            try:
                return await operation.handle(request)
            except AccessChanged:
                self._gate.forget()
        raise AccessChanged

    def _refuse(self, request: Request, error: Exception) -> Response:
        told = fault(error)
        if told.status == 500:
            structlog.get_logger().error("request failed", id=request.state.request_id, exc_info=error)
        return self._spell(request, told)


def check_text(scope: Scope) -> None:
    """Raises: Invalid, when path or query is no text: what is none in it would be replaced without a word."""
    for name, place in (("raw_path", "path"), ("query_string", "query")):
        written = scope.get(name) or b""
        if b"%" in written or not written.isascii():
            try:
                unquote_to_bytes(written).decode("utf-8")
            except UnicodeDecodeError as error:
                raise Invalid("", f"The {place} is not UTF-8") from error

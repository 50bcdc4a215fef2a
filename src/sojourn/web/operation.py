"""An operation: one method on one path, with everything that the router and the OpenAPI document need to know of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Handle = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path` is relative to where the dialect is mounted; `query`, `body` and `answer` are msgspec structs.

    `faults` are the statuses of the errors that it can answer, besides those that every operation can; `example_body`
    and `example` are what the documents show. `public` needs no credentials.
    """

    id: str
    method: str
    path: str
    summary: str
    handle: Handle
    tag: str
    query: type | None = None
    body: type | None = None
    body_required: bool = True
    answer: Any = None
    status: int = 200
    media_type: str = "application/json"
    faults: Sequence[int] = ()
    public: bool = False
    takes_key: bool = False
    description: str = ""
    example_body: Any = None
    example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def routes(operations: Sequence[Operation]) -> list[Route]:
    """The routes of a dialect: one for each path, so that a wrong method is a 405 that names the right ones."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [_route(path, some) for path, some in by_path.items()]


def _route(path: str, operations: Sequence[Operation]) -> Route:
    by_method = {operation.method: operation for operation in operations}

    async def handle(request: Request) -> Response:
        operation = by_method.get(request.method) or by_method["GET"]  # HEAD
        request.state.operation = operation.id
        return await operation.handle(request)

    return Route(path, handle, methods=list(by_method))

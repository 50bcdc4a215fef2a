"""An operation: one method on one path, with everything that the router and the OpenAPI document need to know of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

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

"""An operation: one method on one path, with everything that the router and the OpenAPI document need to know of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Handle = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another answer of an operation that went well: with another status, or in another spelling."""

    status: int
    answer: Any
    example: Any = None
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """How it is reached, what it takes and tells, and what the documents say of it.

    `path` is whole; `parts` are the types of what stands in braces in it, text where none is told. `query` is a
    struct; `body` and `answer` are structs, or types made of them. `faults` are the statuses of the errors that it can
    answer besides those that follow from the rest: bad input, refused access, a failing server. `public` needs no
    credentials; `takes_key` heeds `Idempotency-Key`. `example_body` and `example` are what the documents show, and
    `headers` what they say of the answer's own headers.
    """

    id: str
    method: str
    path: str
    summary: str
    handle: Handle
    tag: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    query: type | None = None
    body: Any = None
    body_type: str = "application/json"
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
    also: Sequence[Also] = ()

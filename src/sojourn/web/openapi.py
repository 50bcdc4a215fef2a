"""The OpenAPI 3.1 document, made from the operations and the structs that the server itself works with.

Nothing in it is written twice: what a field must be stands at the struct, what an operation can answer at the
operation, and how an error is spelled is asked of the dialect.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.core.errors import (
    Busy,
    Ended,
    Exists,
    Forbidden,
    Invalid,
    KeyReused,
    Missing,
    SojournError,
    Unauthenticated,
    Unavailable,
    Unknown,
)
from sojourn.web.access import AccessUnavailable
from sojourn.web.backend import KEY_LENGTH
from sojourn.web.errors import Fault, InternalError, fault
from sojourn.web.limits import TooMany
from sojourn.web.operation import Operation
from sojourn.web.schemas import Schema, Schemas, parameter, part
from sojourn.web.wire import BODY_BYTES, NotAcceptable, TooLarge, Unsupported

Document = dict[str, Any]

_BRACED = re.compile(r"{(\w+)(?::\w+)?}")

_SAMPLES: Sequence[SojournError] = (
    Invalid("limit", "must be a number from 1 to 1000"),
    Missing("module"),
    Unauthenticated(),
    Forbidden("Write access to Activity Sessions"),
    Unknown("session", 12),
    Ended(12),
    Exists("organisation", "Acme"),
    NotAcceptable("application/json"),
    TooLarge(BODY_BYTES),
    Unsupported("text/plain"),
    KeyReused("8c5d7f6e"),
    TooMany(30, "The organisation's requests of this minute are used up"),
    Busy(),
    Unavailable(),
    AccessUnavailable(),
    InternalError(),
)
"""One error of each sort, which a dialect spells in its own way."""

_MEANINGS: Mapping[int, str] = {
    400: "The input breaks a rule. The message names the field.",
    401: "No credentials were given, or they are wrong, revoked or expired.",
    403: "The access group of the caller does not open this.",
    404: "There is no such thing, as far as the caller may know.",
    406: "The answer cannot be spelled in any of the types that `Accept` names.",
    409: "What is already there does not allow it. Nothing was stored.",
    413: "The body is too large. Nothing was stored.",
    415: "The body is of a type that this operation does not take.",
    429: "The requests of this minute are used up. `Retry-After` tells when to try again.",
    422: "The idempotency key was used for another request.",
    500: "The server failed. Its log tells more under the request's id.",
    503: "The server is too busy, or cannot reach its database. `Retry-After` tells when to try again.",
}

_SECURITY: Mapping[str, Schema] = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "A principal's address or a token's client key, and the token; or the MD5 of the token in"
        " hexadecimal in the token's place.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "ApiKey", "description": "A token."},
    "oauthToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CAP-API-OAUTH-TOKEN",
        "description": "A short-lived token, bought with a client key and its secret.",
    },
}

_HEADERS: Mapping[str, Schema] = {
    "X-Cap-Requestid": {
        "description": "The number of the request. The log tells of it under the same number.",
        "schema": {"type": "string"},
        "example": "5f1c0a9e2b7d4c38",
    },
    "Retry-After": {"description": "When to try again, in seconds.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "A way to give credentials.", "schema": {"type": "string"}},
}
_HEADERS_OF: Mapping[int, str] = {401: "WWW-Authenticate", 503: "Retry-After"}

_PARAMETERS: Mapping[str, Schema] = {
    "Idempotency-Key": parameter(
        "Idempotency-Key",
        "header",
        {
            "type": "string",
            "minLength": 1,
            "maxLength": KEY_LENGTH,
            "pattern": "^[!-~]+$",
            "description": "A text of your own. A request that comes again with the same key within 24 hours is"
            " answered as the first time, and nothing is stored twice.",
        },
        required=False,
    ),
    "X-Organisation": parameter(
        "X-Organisation",
        "header",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": 2**31 - 1,
            "description": "The organisation to work in, of those that the caller belongs to. Absent: the token's own.",
        },
        required=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A dialect, as it is described.

    `tag` names the chapter and its schemas; `problem` is the struct of every error answer, of type `problem_type`,
    and `spell` is how the dialect spells one. `spelled_also` are other types that errors, and the answers to what
    takes a query, can be asked for in.
    """

    tag: str
    text: str
    operations: Sequence[Operation]
    spell: Callable[[Request, Fault], Response]
    problem: Any
    problem_type: str = "application/json"
    spelled_also: Sequence[str] = ()


def document(chapters: Sequence[Chapter], *, version: str, url: str | None = None) -> Document:
    """The OpenAPI document of some dialects, on a server that is reached at `url`."""
    told = [_Telling(chapter) for chapter in chapters]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sojourn",
            "version": version,
            "summary": "A self-hosted record of user sessions.",
            "description": "Who was where, from when to when, what they did there, and why.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url or "/"}],
        "tags": [{"name": chapter.tag, "description": chapter.text} for chapter in chapters],
        "security": [{name: []} for name in _SECURITY],
        "paths": _merged(told),
        "components": {
            "schemas": {name: schema for one in told for name, schema in one.schemas.components.items()},
            "responses": {name: answer for one in told for name, answer in one.refusals.items()},
            "parameters": dict(_PARAMETERS),
            "headers": dict(_HEADERS),
            "securitySchemes": dict(_SECURITY),
        },
    }


def _merged(told: "Sequence[_Telling]") -> Schema:
    paths: Schema = {}
    for one in told:
        for operation in one.chapter.operations:
            path = _BRACED.sub(r"{\1}", operation.path)
            paths.setdefault(path, {})[operation.method.lower()] = one.operation(operation)
    return paths


class _Telling:
    """One chapter on its way into the document."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        operations = chapter.operations
        bodies = [operation.body for operation in operations if operation.body is not None]
        answers = [operation.answer for operation in operations if operation.answer is not None]
        answers += [also.answer for operation in operations for also in operation.also]
        queries = [operation.query for operation in operations if operation.query is not None]
        self.schemas = Schemas(chapter.tag, bodies, [*answers, chapter.problem], queries)
        self.refusals: Schema = {}

    def operation(self, operation: Operation) -> Schema:
        """An operation, as the document has it."""
        told: Schema = {"operationId": operation.id, "tags": [operation.tag], "summary": operation.summary}
        if operation.description:
            told["description"] = operation.description
        if parameters := self._parameters(operation):
            told["parameters"] = parameters
        if operation.body is not None:
            content = self._content(operation.body, operation.body_type, operation.example_body)
            told["requestBody"] = {"required": operation.body_required, "content": content}
        told["responses"] = {str(operation.status): self._answer(operation)}
        for also in operation.also:
            media_type = also.media_type or operation.media_type
            another = replace(operation, answer=also.answer, example=also.example, media_type=media_type)
            answer = told["responses"].setdefault(str(also.status), self._answer(another))
            answer["content"] |= self._answer(another)["content"]
        for status in refused(operation):
            told["responses"][str(status)] = {"$ref": f"#/components/responses/{self._refusal(status)}"}
        if operation.public:
            told["security"] = []
        return told

    def _parameters(self, operation: Operation) -> list[Schema]:
        parts = _BRACED.findall(operation.path)
        told = [parameter(name, "path", part(operation.parts.get(name, str)), required=True) for name in parts]
        if operation.query is not None:
            told += self.schemas.parameters(operation.query)
        shared = ["Idempotency-Key"] * operation.takes_key + ["X-Organisation"] * (not operation.public)
        return told + [{"$ref": f"#/components/parameters/{name}"} for name in shared]

    def _answer(self, operation: Operation) -> Schema:
        named = {
            name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in operation.headers.items()
        }
        told: Schema = {"description": operation.summary, "headers": {**_header("X-Cap-Requestid"), **named}}
        if operation.answer is not None:
            told["content"] = self._content(operation.answer, operation.media_type, operation.example)
            if operation.query is not None:
                told["content"] |= self._other_spellings()
        return told

    def _other_spellings(self) -> Schema:
        return {media_type: {"schema": {"type": "string"}} for media_type in self.chapter.spelled_also}

    def _content(self, kind: Any, media_type: str, example: Any) -> Schema:
        content = {"schema": self.schemas.of(kind)}
        return {media_type: content if example is None else {**content, "example": example}}

    def _refusal(self, status: int) -> str:
        """The name of the answer that all operations of the chapter share for this status."""
        name = f"{self.chapter.tag}.{status}"
        if name not in self.refusals:
            faults = [told for told in map(fault, _SAMPLES) if told.status == status]
            examples = {type(told.error).__name__: {"value": self._spelled(told)} for told in faults}
            content = {"schema": self.schemas.of(self.chapter.problem), "examples": examples}
            own = _header(_HEADERS_OF[status]) if status in _HEADERS_OF else {}
            self.refusals[name] = {
                "description": _MEANINGS[status],
                "headers": {**_header("X-Cap-Requestid"), **own},
                "content": {self.chapter.problem_type: content, **self._other_spellings()},
            }
        return name

    def _spelled(self, told: Fault) -> Any:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        request = Request({**scope, "state": {"request_id": "5f1c0a9e2b7d4c38"}})
        return json.loads(bytes(self.chapter.spell(request, told).body))


def _header(name: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"}}


def refused(operation: Operation) -> list[int]:
    """The statuses of all errors that an operation can answer."""
    statuses = {500, *operation.faults}
    if operation.query is not None or operation.body is not None or not operation.public:
        statuses.add(400)
    if operation.body is not None:
        statuses |= {413, 415}
    if operation.takes_key:
        statuses.add(422)
    if not operation.public:
        statuses |= {401, 403, 404, 503}
    return sorted(statuses)

"""The OpenAPI document, laid out for reading: chapters, operations, and tables of fields without references."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sojourn.web.rules import ENDLESS

Schema = Mapping[str, Any]

DEPTH = 4
"""How far down a table follows what is inside a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A line of a table: `name` is its path, `activities[].entityId`."""

    name: str
    kind: str
    needed: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body or an answer: what it is made of, and an example as pretty text."""

    media_type: str
    text: str
    fields: Sequence[Field]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back: a status, what it means, and its headers."""

    status: str
    text: str
    headers: Sequence[Field]
    contents: Sequence[Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An operation, as it is read."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    public: bool
    parameters: Mapping[str, Sequence[Field]]
    body: Content | None
    body_needed: bool
    answers: Sequence[Answer]
    refusals: Sequence[Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter, as it is read; `refusals` are those of all its operations."""

    name: str
    text: str
    parts: Sequence[Part]
    refusals: Sequence[Answer]


class Outline:
    """Reads a document."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def sections(self) -> list[Section]:
        """The chapters, in their order, each with its operations."""
        parts: dict[str, list[Part]] = {}
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                parts.setdefault(operation["tags"][0], []).append(self._part(path, method, operation))
        return [
            Section(name=name, text=text, parts=parts.get(name, []), refusals=_together(parts.get(name, [])))
            for name, text in ((tag["name"], tag["description"]) for tag in self._document["tags"])
        ]

    def _part(self, path: str, method: str, operation: Schema) -> Part:
        body = operation.get("requestBody")
        answers = [self._answer(status, answer) for status, answer in operation["responses"].items()]
        return Part(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            text=operation.get("description", ""),
            public=operation.get("security") == [],
            parameters=self._parameters(operation.get("parameters", [])),
            body=next(self._contents(body["content"]), None) if body else None,
            body_needed=bool(body and body["required"]),
            answers=[answer for answer in answers if answer.status < "4"],
            refusals=[answer for answer in answers if answer.status >= "4"],
        )

    def _parameters(self, parameters: Sequence[Schema]) -> dict[str, list[Field]]:
        tables: dict[str, list[Field]] = {}
        for told in map(self._resolved, parameters):
            field = self._field(told["name"], {**told["schema"], "description": told.get("description", "")})
            line = Field(name=field.name, kind=field.kind, needed=told["required"], text=field.text)
            tables.setdefault(told["in"], []).append(line)
        return tables

    def _answer(self, status: str, answer: Schema) -> Answer:
        told = self._resolved(answer)
        named = {name: self._resolved(header) for name, header in told["headers"].items()}
        return Answer(
            status=status,
            text=told["description"],
            headers=[
                self._field(name, {**header["schema"], "description": header["description"]})
                for name, header in named.items()
            ],
            contents=list(self._contents(told.get("content", {}), short=status >= "4")),
        )

    def _contents(self, contents: Schema, *, short: bool = False) -> Iterator[Content]:
        for media_type, told in contents.items():
            examples = [told["example"]] if "example" in told else []
            examples += [example["value"] for example in told.get("examples", {}).values()]
            yield Content(
                media_type=media_type,
                text=self._resolved(told["schema"]).get("description", ""),
                fields=list(self._fields(told["schema"], "", DEPTH)),
                example="\n".join(json.dumps(e, ensure_ascii=False, indent=None if short else 2) for e in examples),
            )

    def _fields(self, schema: Schema, path: str, depth: int) -> Iterator[Field]:
        """Everything inside a schema, the outer before the inner."""
        told = self._resolved(schema)
        for choice in told.get("anyOf", []):
            yield from self._fields(choice, path, depth)
        if "items" in told:
            yield from self._fields(told["items"], f"{path}[]", depth)
        for name, inner in told.get("properties", {}).items() if depth else ():
            place = f"{path}.{name}".lstrip(".")
            yield self._field(place, inner, needed=name in told.get("required", []))
            yield from self._fields(inner, place, depth - 1)

    def _field(self, name: str, schema: Schema, *, needed: bool = False) -> Field:
        told = self._resolved(schema)
        text = told.get("description", "") if "title" not in told else ""
        choices = [self._resolved(choice) for choice in told.get("anyOf", [])]
        text = text or next((choice["description"] for choice in choices if "description" in choice), "")
        if told.get("default") not in (None, []):
            text = f"{text}; {json.dumps(told['default'])} if absent".lstrip("; ")
        return Field(name=name, kind=self._kind(told), needed=needed, text=text)

    def _kind(self, schema: Schema) -> str:
        told = self._resolved(schema)
        if "anyOf" in told:
            return " or ".join(dict.fromkeys(self._kind(choice) for choice in told["anyOf"]))
        if "enum" in told:
            return " or ".join(json.dumps(value) for value in told["enum"])
        match told.get("type"):
            case "integer" | "number":
                return f"number{_range(told.get('minimum'), told.get('maximum'), ' ')}"
            case "string":
                length = _range(told.get("minLength"), told.get("maxLength"), " of ")
                return f"text{length} characters" if length else "text"
            case "array":
                noun, *more = self._kind(told["items"]).split(" ", 1)
                count = _range(told.get("minItems"), told.get("maxItems"), "")
                return " ".join(["list of", *([count] if count else []), f"{noun}s", *more])
            case "boolean":
                return "true or false"
            case "object":
                return "object"
            case "null":
                return "null"
        return "anything"

    def _resolved(self, schema: Schema) -> Schema:
        """What a reference stands for."""
        while "$ref" in schema:
            found: Any = self._document
            for name in schema["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
        return schema


def _together(parts: Sequence[Part]) -> list[Answer]:
    """What some operations can refuse with, each status once: within a chapter it means the same everywhere."""
    by_status = {refusal.status: refusal for part in parts for refusal in part.refusals}
    return [by_status[status] for status in sorted(by_status)]


def _range(least: Any, most: Any, before: str) -> str:
    """From how much to how much, where that is bounded."""
    if most is not None and most >= ENDLESS:
        most = None
    if most is None:
        return f"{before}{least} or more" if least else ""
    return f"{before}{least}–{most}" if least else f"{before}up to {most}"

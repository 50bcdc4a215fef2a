"""JSON Schemas of the structs, each under the name of its chapter, so that two dialects may both have a `Problem`."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

Schema = dict[str, Any]

PLAIN = r"^[^\u0000]*$"
"""The pattern of a text that both databases can keep."""

VISIBLE = r"^[^\u0000]*[^\s\u0000-\u001f\u0085][^\u0000]*$"
"""The same with something to see in it."""


class Schemas:
    """The schemas of what a chapter hears, of what it tells, of all that these are made of, and of its queries."""

    def __init__(self, tag: str, heard: Iterable[Any], told: Iterable[Any], queries: Iterable[Any] = ()) -> None:
        template = f"#/components/schemas/{tag}.{{name}}"
        kinds, asked = list(dict.fromkeys([*heard, *told])), list(dict.fromkeys(queries))
        schemas, known = msgspec.json.schema_components([*kinds, *asked], ref_template=template)
        self._told = dict(zip(kinds, schemas, strict=False))
        names = [schema["$ref"].rpartition(f"{tag}.")[2] for schema in schemas[len(kinds) :]]
        self._queries = {kind: known.pop(name) for kind, name in zip(asked, names, strict=True)}
        _, listened = msgspec.json.schema_components(list(heard), ref_template=template)
        structs = {name: kind for told in kinds for name, kind in _structs(inspect.type_info(told), {}).items()}
        sparse = {name for name, kind in structs.items() if kind.__struct_config__.omit_defaults}
        self.components: dict[str, Schema] = {
            f"{tag}.{name}": _heard(schema) if name in listened else _whole(schema, name in sparse)
            for name, schema in known.items()
        }

    def of(self, kind: Any) -> Schema:
        """The schema of a type, by reference where it has a name."""
        return dict(self._told[kind])

    def parameters(self, query: Any) -> list[Schema]:
        """The query parameters that a struct stands for."""
        schema = self._queries[query]
        return [
            parameter(name, "query", inner, required=name in schema["required"])
            for name, inner in schema["properties"].items()
        ]


def part(kind: Any) -> Schema:
    """The schema of a part of a path. Nothing stands beside it: what has a name is told in its place."""
    schema = msgspec.json.schema(kind)
    named = schema.pop("$defs", {})
    return dict(named[schema["$ref"].rpartition("/")[2]] if named else schema)


def parameter(name: str, place: str, schema: Schema, *, required: bool) -> Schema:
    """A parameter. What may be left out is not null in a query: it is absent."""
    inner = _without_null(schema)
    description = inner.pop("description", "")
    told = {"name": name, "in": place, "required": required, "schema": inner}
    return {**told, "description": description} if description else told


def _without_null(schema: Schema) -> Schema:
    kept = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    choices = [choice for choice in kept.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _structs(info: inspect.Type, found: dict[str, type[msgspec.Struct]]) -> dict[str, type[msgspec.Struct]]:
    """The structs that a type is made of, by name."""
    match info:
        case inspect.StructType() if info.cls.__name__ not in found:
            found[info.cls.__name__] = info.cls
            for field in info.fields:
                _structs(field.type, found)
        case inspect.Metadata():
            _structs(info.type, found)
        case inspect.UnionType():
            for kind in info.types:
                _structs(kind, found)
        case inspect.ListType():
            _structs(info.item_type, found)
    return found


def _heard(schema: Schema) -> Schema:
    """The schema of a body: a default of null only says that the field may be absent."""
    properties = schema.get("properties")
    if properties is None:
        return schema
    told = {
        name: {word: value for word, value in inner.items() if word != "default" or value is not None}
        for name, inner in properties.items()
    }
    return {**schema, "properties": told}


def _whole(schema: Schema, sparse: bool) -> Schema:
    """The schema of an answer: a field that has a default is always there, but where its struct leaves it out."""
    properties = {
        name: {word: value for word, value in inner.items() if word != "default"}
        for name, inner in schema.get("properties", {}).items()
    }
    if not properties:
        return schema
    present = [
        name
        for name, inner in schema["properties"].items()
        if name in schema["required"] or ("default" in inner and not sparse)
    ]
    return {**schema, "properties": properties, "required": present}

"""What a field must be, in plain words, read off the type that a request is decoded into.

A refusal then says the whole rule at once, `must be a number from 1 to 1000`, whichever half of it was broken.
"""

import re
from functools import lru_cache
from typing import Any

from msgspec import inspect

ENDLESS = 2**53
"""A bound from here on is the machine's, and nothing that a caller is told."""

_STEP = re.compile(r"\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")


def rule(kind: Any, path: str) -> str | None:
    """What the field at `path` must be, as `must be …`; None where the type has no such field.

    `path` is that of msgspec: `activities[0].entityId`, and empty for the whole.
    """
    found: inspect.Type | None = _known(kind)
    for step in _STEP.finditer(path):
        found = _inside(found, step["name"])
        if found is None:
            return None
    words = [] if found is None else _words(found)
    return f"must be {' or '.join(words)}" if words else None


@lru_cache(maxsize=512)
def _known(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _inside(kind: inspect.Type | None, name: str | None) -> inspect.Type | None:
    """The type of a field, if it has a name, or of an item."""
    match kind:
        case inspect.UnionType(types=types):
            inner = [found for found in (_inside(one, name) for one in types) if found is not None]
            return inner[0] if inner else None
        case inspect.StructType(fields=fields) if name is not None:
            return next((field.type for field in fields if field.encode_name == name), None)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) if name is None:
            return item
        case inspect.DictType(value_type=value) if name is None:
            return value
        case inspect.Metadata(type=inner_type):
            return _inside(inner_type, name)
    return None


def _words(kind: inspect.Type) -> list[str]:
    """The sorts of value that a type takes, each with its article; null is not worth a word."""
    match kind:
        case inspect.Metadata(type=inner):
            return _words(inner)
        case inspect.UnionType(types=types):
            return [word for one in types for word in _words(one)]
        case inspect.BoolType():
            return ["true or false"]
        case inspect.IntType() | inspect.FloatType():
            return [_number(kind)]
        case inspect.StrType(min_length=least, max_length=most):
            return ["a text" + _between(least, most, "character")]
        case (
            inspect.ListType(min_length=least, max_length=most)
            | inspect.VarTupleType(min_length=least, max_length=most)
        ):
            return ["a list" + _between(least, most, "item")]
        case inspect.StructType() | inspect.DictType():
            return ["an object"]
        case inspect.EnumType(cls=cls):
            return [_one_of([member.value for member in cls])]
        case inspect.LiteralType(values=values):
            return [_one_of(values)]
    return []


def _number(kind: inspect.IntType | inspect.FloatType) -> str:
    least, most = kind.ge, kind.le
    if least is not None and most is not None and most < ENDLESS:
        return f"a number from {least} to {most}"
    if least is not None:
        return f"a number from {least} up"
    if most is not None:
        return f"a number up to {most}"
    return "a whole number" if isinstance(kind, inspect.IntType) else "a number"


def _between(least: int | None, most: int | None, noun: str) -> str:
    if most is None:
        return f" of at least {least} {noun}{'s' if least != 1 else ''}" if least else ""
    return f" of {least} to {most} {noun}s" if least else f" of up to {most} {noun}s"


def _one_of(values: Any) -> str:
    first, *others = [str(value) for value in values]
    return f"one of {', '.join([first, *others])}" if others else first

"""JSON-like values as XML, and the schema of what we tell.

The vendor's own XML is lost; this shape is ours: the root is named after the top-level key, each field is a child
element of its name, each item of a list repeats the element, there are no attributes, and what is absent stays absent.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

import msgspec
from msgspec import inspect

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def document(root: str, value: Mapping[str, Any]) -> bytes:
    """A document of a JSON object. Characters that XML cannot hold become U+FFFD."""
    parts: list[str] = [DECLARATION]
    _element(root, value, parts)
    return "".join(parts).encode()


def _element(name: str, value: Any, parts: list[str]) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _element(name, item, parts)
    elif isinstance(value, dict):
        parts.append(f"<{name}>")
        for key, item in value.items():
            _element(key if _NAME.fullmatch(key) else _named(key), item, parts)
        parts.append(f"</{name}>")
    elif value is not None:
        parts.append(f"<{name}>{_text(value)}</{name}>")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return escape(_ILLEGAL.sub("\ufffd", value), {"\r": "&#13;"})
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _named(key: str) -> str:
    """A name for a key that cannot be one: only a HAR has such."""
    return f"_{_NOT_NAME.sub('_', key)}"


def schema(roots: Mapping[str, type]) -> str:
    """The XSD of our documents: for each root element its struct."""
    types: dict[str, str] = {}
    elements = [
        f'  <xs:element name="{name}" type="{_type(inspect.type_info(kind), types)}"/>' for name, kind in roots.items()
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">',
        *elements,
        *types.values(),
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def _type(info: inspect.Type, types: dict[str, str]) -> str:
    """The name of a type; what is not built in is added to `types`."""
    match info:
        case inspect.StrType():
            return "xs:string"
        case inspect.BoolType():
            return "xs:boolean"
        case inspect.IntType():
            return "xs:long"
        case inspect.FloatType():
            return "xs:double"
        case inspect.StructType():
            name = info.cls.__name__
            if name not in types:
                types[name] = ""
                types[name] = "\n".join(_complex(name, info, types))
            return name
        case inspect.Metadata():
            return _type(info.type, types)
        case _:
            types["Anything"] = _ANYTHING
            return "Anything"


def _complex(name: str, info: inspect.StructType, types: dict[str, str]) -> Iterator[str]:
    yield f'  <xs:complexType name="{name}">'
    yield "    <xs:sequence>"
    for field in info.fields:
        kind, many = _plain(field.type)
        least = 0 if many or not field.required else 1
        most = ' maxOccurs="unbounded"' if many else ""
        yield (f'      <xs:element name="{field.encode_name}" type="{_type(kind, types)}" minOccurs="{least}"{most}/>')
    yield "    </xs:sequence>"
    yield "  </xs:complexType>"


def _plain(info: inspect.Type) -> tuple[inspect.Type, bool]:
    """A field's type without what makes it optional or many."""
    match info:
        case inspect.Metadata():
            return _plain(info.type)
        case inspect.UnionType():
            (kind,) = [some for some in info.types if not isinstance(some, inspect.NoneType)]
            return _plain(kind)
        case inspect.ListType() | inspect.VarTupleType():
            return info.item_type, True
        case _:
            return info, False


_ANYTHING = """  <xs:complexType name="Anything" mixed="true">
    <xs:sequence>
      <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
  </xs:complexType>"""


def builtins(told: Any) -> Any:
    """A struct as plain values, in the order of its fields."""
    return msgspec.to_builtins(told)

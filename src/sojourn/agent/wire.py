"""A visit in the words of the native wire: the nouns' own names, in camelCase."""

import dataclasses
import hashlib
import json
from typing import Any

from sojourn.agent.clock import text_of
from sojourn.core.report import Visit

_INSTANTS = frozenset({"date", "started_date_time"})


def document_of(visit: Visit) -> dict[str, Any]:
    """Make the document that is delivered; what was not measured is absent."""
    document = _told(visit)
    if visit.har is not None:
        document["har"] = json.loads(visit.har)
    return document


def key_of(document: dict[str, Any]) -> str:
    """Make the idempotency key of a document: the same for the same contents."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return f"visit-{hashlib.sha256(canonical).hexdigest()[:40]}"


def _told(noun: Any) -> dict[str, Any]:
    told = {}
    for attribute in dataclasses.fields(noun):
        value = getattr(noun, attribute.name)
        if value is not None:
            told[_camel(attribute.name)] = _value(attribute.name, value)
    return told


def _value(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return text_of(value)
    if dataclasses.is_dataclass(value):
        return _told(value)
    if isinstance(value, tuple):
        return [_value("", item) for item in value]
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)

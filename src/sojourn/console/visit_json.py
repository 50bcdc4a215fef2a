"""A visit as JSON, in the words of the native dialect: names in camelCase, times in text, nothing that is not known."""

import re
from typing import Any

import msgspec

from sojourn.core.model import Instant
from sojourn.core.visit import VisitKept, round_of
from sojourn.web.times import to_microseconds

_JOINT = re.compile("_(.)")


def visit_json(kept: VisitKept) -> str:
    """The visit, whole; its HAR is told by itself."""
    told: dict[str, Any] = {
        "id": kept.id,
        "user_session_id": kept.user_session_id,
        "organisation": kept.organisation,
        "agent_id": kept.agent_id,
        "round_id": round_of(kept.date),
        "date": to_microseconds(kept.date),
        "committed": to_microseconds(kept.committed),
        "source_addr": kept.source.address,
        "org_name": kept.source.org_name,
        "visited_site": kept.visited_site,
        "protocol": kept.protocol,
        "port": kept.port,
        "number_of_pages": kept.number_of_pages,
        "experience_score": kept.experience_score,
        "has_har": kept.has_har,
    }
    if kept.visit is not None:
        whole = msgspec.to_builtins(kept.visit)
        told |= {name: whole[name] for name in ("trigger", "browser", "pages", "network")}
    told["coordinates"] = msgspec.to_builtins(kept.source.coordinates)
    return msgspec.json.format(msgspec.json.encode(_told(told)), indent=2).decode()


def _told(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {_camel(key): _told(inner, key) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_told(inner) for inner in value]
    return _time(value) if name == "started_date_time" else value


def _time(at: Instant) -> str:
    return to_microseconds(at)


def _camel(name: str) -> str:
    return _JOINT.sub(lambda found: found[1].upper(), name)

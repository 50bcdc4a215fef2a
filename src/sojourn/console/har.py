"""The requests of a HAR as nouns. A HAR is kept as it was delivered, so nothing but its outline can be relied on."""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sojourn.core.model import Instant
from sojourn.core.request import Phase, Request, sort_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = (
    (Phase.BLOCKED, "blocked"),
    (Phase.DNS, "dns"),
    (Phase.CONNECT, "connect"),
    (Phase.TLS, "ssl"),
    (Phase.SEND, "send"),
    (Phase.WAIT, "wait"),
    (Phase.RECEIVE, "receive"),
)


def requests_of(document: str) -> tuple[Request, ...]:
    """Every request that begins at a known time, in the order of the starts."""
    log = _object(_object(msgspec.json.decode(document)).get("log"))
    entries = [entry for entry in log.get("entries") or () if isinstance(entry, dict)]
    told = [(at, i, entry) for i, entry in enumerate(entries) if (at := _instant(entry.get("startedDateTime")))]
    told.sort(key=lambda one: one[:2])
    return tuple([_request(sequence, at, entry) for sequence, (at, _, entry) in enumerate(told, start=1)])


def _request(sequence: int, at: Instant, entry: Mapping[str, Any]) -> Request:
    asked, answered = _object(entry.get("request")), _object(entry.get("response"))
    content = _object(answered.get("content"))
    mime_type = _text(content.get("mimeType"))
    status = _number(answered.get("status"))
    return Request(
        sequence=sequence,
        page=_text(entry.get("pageref")),
        at=at,
        url=_text(asked.get("url")) or "",
        method=_text(asked.get("method")) or "GET",
        status=int(status) if status else None,  # 0 is the format's own word for no answer
        status_text=_text(answered.get("statusText")),
        mime_type=mime_type,
        sort=sort_of(mime_type),
        duration=_number(entry.get("time")),
        phases=tuple(_phases(_object(entry.get("timings")))),
        size=_whole(answered.get("bodySize")),
        content_size=_whole(content.get("size")),
        server=_text(entry.get("serverIPAddress")),
        http_version=_text(answered.get("httpVersion")) or _text(asked.get("httpVersion")),
        request_headers=tuple(_headers(asked.get("headers"))),
        response_headers=tuple(_headers(answered.get("headers"))),
    )


def _phases(timings: Mapping[str, Any]) -> Iterator[tuple[Phase, float]]:
    """What is told; the format counts the time of TLS into that of the connection too."""
    known = {phase: spent for phase, name in _TIMES if (spent := _number(timings.get(name))) is not None}
    if Phase.CONNECT in known and Phase.TLS in known:
        known[Phase.CONNECT] = max(0.0, known[Phase.CONNECT] - known[Phase.TLS])
    yield from [(phase, spent) for phase, spent in known.items() if spent > 0 or phase is Phase.WAIT]


def _headers(told: object) -> Iterator[tuple[str, str]]:
    for header in told if isinstance(told, list) else ():
        name = _text(_object(header).get("name"))
        if name:
            yield name, _text(_object(header).get("value")) or ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    """A number that is told: the format says -1 for one that is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value >= 0 and math.isfinite(value) else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _instant(value: object) -> Instant | None:
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if told is None or told.tzinfo is None:
        return None
    return (told - _EPOCH) // timedelta(microseconds=1)

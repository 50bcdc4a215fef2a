"""HAR 1.2 in and out: what browsers export, with the faults that real files have.

The rules of the reader: what a file does not tell stays unknown and is never zero; nothing is put
in order that was not; times become whole milliseconds and UTC; a file without pages is one page.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from sojourn.agent.clock import instant_of, text_of
from sojourn.agent.pages import PageDraft, assemble
from sojourn.agent.weblog import Entry, LoadedPage, Timings, WebLog
from sojourn.core.report import Browser

LARGEST = 64 << 20
"""Bytes of a file that is read at all."""

LONGEST_TEXT = 2048
LONGEST_NAME = 255
LONGEST_LOAD = 86_400_000
"""Milliseconds: a page that took more than a day did not take that; nobody knows how long it took."""

LARGEST_NUMBER = 2**53
_PHASES = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CALL = re.compile(r"(?:/\*.*?\*/\s*)?[\w$.]*\s*\(", re.DOTALL)
_END_OF_CALL = re.compile(r"\)\s*;?\s*$")


class NotHar(Exception):
    """The file is no HAR log; the message says why."""


def read(data: bytes, *, largest: int = LARGEST) -> WebLog:
    """Read a HAR file, as exported, with a byte order mark, or wrapped in a JSONP call.

    Raises: NotHar.
    """
    if len(data) > largest:
        raise NotHar(f"{len(data)} bytes: larger than the {largest} that are read")
    document = _parsed(_decoded(data))
    log = document.get("log") if isinstance(document, dict) else None
    if not isinstance(log, dict):
        raise NotHar("no object named log")
    drafts = [_draft(page) for page in _objects(log.get("pages"))]
    return assemble(drafts, list(_entries(log)), _browser(log))


def write(log: WebLog) -> dict[str, Any]:
    """Make the HAR 1.2 document of a log.

    Unknown numbers are -1, as the format wants it; a request without a time of its start has no place in it.
    """
    told: dict[str, Any] = {"version": "1.2", "creator": {"name": "Sojourn", "version": "1"}}
    if log.browser is not None:
        told["browser"] = {"name": log.browser.name, "version": log.browser.version or ""}
    told["pages"] = [_told_page(page) for page in log.pages]
    told["entries"] = [_told_entry(entry, entry.started) for entry in log.entries if entry.started is not None]
    return {"log": told}


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def _parsed(text: str) -> Any:
    stripped = text.strip()
    if not stripped.startswith("{") and (call := _CALL.match(stripped)):
        stripped = _END_OF_CALL.sub("", stripped[call.end() :])
    try:
        return json.loads(stripped)
    except RecursionError as error:
        raise NotHar("nested too deeply") from error
    except ValueError as error:
        raise NotHar(f"not JSON: {error}") from error


def _draft(page: dict[str, Any]) -> PageDraft:
    timings = _object(page.get("pageTimings"))
    return PageDraft(
        id=_name(page.get("id")) or "",
        title=_text(page.get("title")) or "",
        started=_instant(page.get("startedDateTime")),
        on_content_load=_load(timings.get("onContentLoad")),
        on_load=_load(timings.get("onLoad")),
    )


def _entries(log: dict[str, Any]) -> Iterator[Entry]:
    for entry in _objects(log.get("entries")):
        request, response = _object(entry.get("request")), _object(entry.get("response"))
        content, timings = _object(response.get("content")), _object(entry.get("timings"))
        yield Entry(
            url=_address(request.get("url")) or "",
            page=_name(entry.get("pageref")),
            started=_instant(entry.get("startedDateTime")),
            time=_number(entry.get("time")),
            method=_text(request.get("method")) or "GET",
            http_version=_text(response.get("httpVersion") or request.get("httpVersion")),
            status=_status(response.get("status")),
            status_text=_text(response.get("statusText")),
            redirect_url=_address(response.get("redirectURL")),
            mime_type=_text(content.get("mimeType")),
            content_size=_whole(content.get("size")),
            body_size=_whole(response.get("bodySize")),
            server_ip=_text(entry.get("serverIPAddress")),
            request_headers=tuple(_headers(request.get("headers"))),
            response_headers=tuple(_headers(response.get("headers"))),
            timings=Timings(**{phase: _number(timings.get(phase)) for phase in _PHASES}),
        )


def _headers(listed: Any) -> Iterator[tuple[str, str]]:
    for header in _objects(listed):
        if name := _text(header.get("name")):
            yield name, _text(header.get("value")) or ""


def _browser(log: dict[str, Any]) -> Browser | None:
    told = _object(log.get("browser"))  # not the creator: that is only what wrote the file
    name = _name(told.get("name"))
    return None if name is None else Browser(name=name, version=_name(told.get("version")))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    """Read a text that every store and wire can keep; a blank one is none."""
    if not isinstance(value, str):
        return None
    cleaned = value[:LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode().strip()
    return cleaned or None


def _name(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text[:LONGEST_NAME].strip()


def _address(value: Any) -> str | None:
    """Read a URL of any length: cut only where it is told, so that a query never hides the path."""
    if not isinstance(value, str):
        return None
    return _text(value.partition("#")[0] if len(value) <= LONGEST_TEXT else value.partition("?")[0])


def _number(value: Any) -> float | None:
    """Read a number that is not negative; -1 says in a HAR file that there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= LARGEST_NUMBER and math.isfinite(value) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _load(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and number <= LONGEST_LOAD else None


def _status(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and 100 <= number <= 599 else None


def _instant(value: Any) -> int | None:
    return instant_of(value) if isinstance(value, str) else None


def _told_page(page: LoadedPage) -> dict[str, Any]:
    return {
        "startedDateTime": text_of(page.started),
        "id": page.id,
        "title": page.title,
        "pageTimings": {
            "onContentLoad": _or_minus_one(page.on_content_load),
            "onLoad": _or_minus_one(page.on_load),
        },
    }


def _told_entry(entry: Entry, started: int) -> dict[str, Any]:
    timings = entry.timings or Timings()
    told: dict[str, Any] = {
        "startedDateTime": text_of(started),
        "time": _or_minus_one(entry.time),
        "pageref": entry.page,
        "serverIPAddress": entry.server_ip,
        "request": {
            "method": entry.method,
            "url": entry.url,
            "httpVersion": entry.http_version or "",
            "cookies": [],
            "headers": _told_headers(entry.request_headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": _told_response(entry),
        "cache": {},
        "timings": {phase: _or_minus_one(getattr(timings, phase)) for phase in _PHASES},
    }
    return {name: value for name, value in told.items() if value is not None}


def _told_response(entry: Entry) -> dict[str, Any]:
    return {
        "status": entry.status or 0,  # the format's own word for no answer
        "statusText": entry.status_text or "",
        "httpVersion": entry.http_version or "",
        "cookies": [],
        "headers": _told_headers(entry.response_headers),
        "content": {"size": _or_minus_one(entry.content_size), "mimeType": entry.mime_type or ""},
        "redirectURL": entry.redirect_url or "",
        "headersSize": -1,
        "bodySize": _or_minus_one(entry.body_size),
    }


def _told_headers(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _or_minus_one(value: float | None) -> float:
    return -1 if value is None else value

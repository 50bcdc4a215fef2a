"""Visits to look at: delivered as an agent does it, with as many requests as a test wants."""

from typing import Any

from tests.api.native_v1.traveller import VISITS, visit
from tests.stage import Persona

START = "2026-11-23T12:00:00"
SORTS = ("text/html", "application/javascript", "text/css", "image/png", "application/json")


def entry(i: int, **changes: Any) -> dict[str, Any]:
    """A request that began 20 ms after the one before it; its bodies, headers and phases are made up."""
    told: dict[str, Any] = {
        "pageref": "page_0",
        "startedDateTime": f"{START}.{i * 2 % 1000:03d}Z",
        "time": 120,
        "request": {"method": "GET", "url": f"https://www.example.org/asset-{i}", "headers": []},
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": [{"name": "server", "value": "made-up"}],
            "content": {"size": 4_000, "mimeType": SORTS[i % len(SORTS)]},
            "bodySize": 1_000,
        },
        "timings": {"blocked": 5, "dns": 10, "connect": 30, "ssl": 20, "send": 1, "wait": 60, "receive": 14},
    }
    return told | changes


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    """A HAR of one page with those requests."""
    timings = {"onContentLoad": 800, "onLoad": 3_000}
    page = {"id": "page_0", "title": "Home", "startedDateTime": f"{START}Z", "pageTimings": timings}
    return {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "pages": [page], "entries": entries}}


def delivered(who: Persona, **changes: Any) -> str:
    """The id of a visit that was delivered; what is None is left out."""
    body = {name: value for name, value in visit(f"{START}Z", **changes).items() if value is not None}
    answer = who.post(VISITS, json=body)
    assert answer.status_code == 201, answer.text
    told: str = answer.json()["userSessionId"]
    return told

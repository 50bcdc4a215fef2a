"""What agents deliver, for the tests of visits and agents."""

import copy
import json
from pathlib import Path
from typing import Any

import httpx

from tests.stage import Persona

VISITS = "/api/v1/visits"
AGENTS = "/api/v1/agents"

GOLDEN = Path(__file__).parent.parent / "golden" / "endpoint_v6_details.json"

ADDED = {"committed", "coordinates", "numberOfPages", "orgName", "permalink", "roundId", "sourceAddr", "userSessionId"}
"""What the server adds to what was measured."""

HAR: dict[str, Any] = {
    "log": {
        "version": "1.2",
        "creator": {"name": "Sojourn", "version": "1"},
        "pages": [{"id": "page_0", "title": "Home", "startedDateTime": "2026-11-23T12:00:00Z", "pageTimings": {}}],
        "entries": [
            {
                "pageref": "page_0",
                "startedDateTime": "2026-11-23T12:00:00Z",
                "time": 12.5,
                "request": {"method": "GET", "url": "https://www.example.org/", "headers": []},
                "response": {"status": 200, "statusText": "OK", "content": {"size": -1}},
                "_ours": None,
            }
        ],
    }
}


def golden() -> dict[str, Any]:
    """The published example of a visit's details."""
    document: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))["userSessions"][0]
    return document


def golden_body() -> dict[str, Any]:
    """The same measurements as an agent delivers them."""
    measured = {name: value for name, value in golden().items() if name not in ADDED}
    measured["date"] = rfc3339(measured["date"])
    for page in measured["pages"]:
        page["startedDateTime"] = rfc3339(page["startedDateTime"])
    return measured


def rfc3339(published: str) -> str:
    """A published time as this dialect spells it."""
    return published.replace(" ", "T") + ".000000Z"


def visit(date: str = "2026-11-23T12:00:00Z", **changes: Any) -> dict[str, Any]:
    """A visit of one page, as it is delivered."""
    body: dict[str, Any] = {
        "agentId": "agent-1",
        "date": date,
        "visitedSite": "www.example.org",
        "protocol": "https",
        "port": 443,
        "browser": {"name": "Chromium", "version": "156"},
        "pages": [
            {
                "id": "page_0",
                "title": "Home",
                "startedDateTime": date,
                "responseCode": 200,
                "pageTimings": {"onContentLoad": 800, "onLoad": 3_000},
            }
        ],
        "network": {
            "networkProfile": {"interfaceName": "en0", "hardwareType": "Wireless", "gateway": "10.0.0.1"},
            "ping": {
                "pktsSent": 10,
                "pktsReceived": 2,
                "minRtt": 6.9,
                "avgRtt": 24,
                "maxRtt": 116,
                "meanDevRtt": 36,
                "samples": [6.9, 116.0],
            },
            "traceroute": {
                "destination": "13.32.22.232",
                "hops": [{"hop": 1, "ipAddress": "10.0.0.1", "name": "router.local", "delay": 1}],
                "protocol": "tcp",
                "reached": True,
            },
            "connect": {"error": "Connection refused"},
            "errors": ["connect: Connection refused"],
        },
        "trigger": "user",
    }
    return {**body, **changes}


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The same with another value at a path such as `network.ping.error`; what is not on the way is made."""
    copied = copy.deepcopy(body)
    place: Any = copied
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    for step in steps:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    place[last] = value
    return copied


def deliver(who: Persona, *bodies: dict[str, Any]) -> list[str]:
    """Deliver all; their ids."""
    response = who.post(VISITS, json=list(bodies))
    assert response.status_code == 200, response.text
    return [item["userSessionId"] for item in response.json()["items"]]


def found(who: Persona, **parameters: Any) -> list[dict[str, Any]]:
    """What a list finds."""
    response = who.get(VISITS, params=parameters)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def pointers(response: httpx.Response) -> list[str]:
    """Where a problem says that the fault is."""
    return [place.get("pointer") or place.get("parameter", "") for place in response.json()["errors"]]

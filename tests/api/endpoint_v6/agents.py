"""Visits as agents deliver them, straight into the store: what the dialect tells is tested here, not how it comes."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from sojourn.core.access import Scope
from sojourn.core.intent import Deliver, Delivered
from sojourn.core.model import SECOND, Instant
from sojourn.core.report import Coordinates, Visit
from sojourn.core.visit import Source, facets
from sojourn.web.times import parse
from tests.stage import ACME, Stage

GOLDEN = Path(__file__).parent.parent / "golden"
SESSIONS = "/v6/endpoint-data/user-sessions"

_CAPITAL = re.compile(r"(?<!^)([A-Z])")


def seed() -> dict[str, Any]:
    """The seed's details, mended where the page has lost commas."""
    document = json.loads((GOLDEN / "endpoint_v6_details.json").read_text())
    (session,) = document["userSessions"]
    return dict(session)


def _snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {_CAPITAL.sub(lambda found: f"_{found[1].lower()}", key): _snake(item) for key, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value


def measured() -> Visit:
    """The seed's measurements, in core words."""
    told = _snake(seed())
    told["date"] = parse("date", told["date"])
    for page in told["pages"]:
        page["started_date_time"] = parse("date", page["started_date_time"])
    return msgspec.convert(told, Visit)


HAR = json.dumps({
    "log": {
        "version": "1.2",
        "pages": [{"id": "page_0", "title": "Home"}, {"id": "page_1", "title": "Next"}],
        "entries": [{"pageref": "page_0", "time": 1, "odd name": "a<b&c"}, {"pageref": "page_1", "time": 2}],
    }
})  # fmt: skip


def deliver(stage: Stage, *visits: Visit, organisation: int = ACME) -> list[str]:
    """Deliver visits; their ids."""
    told = seed()
    place = Coordinates(**told["coordinates"])
    source = Source(address=told["sourceAddr"], org_name=told["orgName"], coordinates=place)
    intents = [
        Deliver(
            scope=Scope(organisation),
            visit=visit,
            facets=facets(visit, domain=visit.visited_site.split(".", 1)[-1], platform="mac", location=place.location),
            source=source,
        )
        for visit in visits
    ]
    verdicts = stage.core.recorder.write(intents)
    assert all(isinstance(verdict, Delivered) for verdict in verdicts), verdicts
    return [verdict.user_session_id for verdict in verdicts if isinstance(verdict, Delivered)]


def at(date: Instant, **changes: Any) -> Visit:
    """A small visit at that time."""
    return replace(measured(), date=date, pages=(), network=None, **changes)


def lately(stage: Stage, count: int, apart: int = SECOND, **changes: Any) -> list[Visit]:
    """Visits that ended up to now, one after the other."""
    return [at(stage.clock.now - (count - i) * apart, **changes) for i in range(count)]

"""One visit: how it went and why, the way there, its pages and their requests. Where a `permalink` leads."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.desk import HEADERS, Desk
from sojourn.console.har import requests_of
from sojourn.console.page import Page
from sojourn.console.pictures.load import load_bar, page_bar
from sojourn.console.pictures.path import hops_of, path
from sojourn.console.pictures.ranges import delay_range, scale_of
from sojourn.console.pictures.waterfall import MEANINGS, patterns, swatch
from sojourn.console.probes import failures
from sojourn.console.visit_json import visit_json
from sojourn.console.waterfall import PARAMETERS, ROWS, Fall, Wanted
from sojourn.core.access import Caller, Resource, Scope
from sojourn.core.agent import Agent
from sojourn.core.errors import Unknown
from sojourn.core.findings import spelled
from sojourn.core.journal import Journal
from sojourn.core.report import NetworkReport, Visit
from sojourn.core.report import Page as WebPage
from sojourn.core.request import Phase
from sojourn.core.request import Request as WebRequest
from sojourn.core.verdict import Verdict, grade_of, load_of, verdict
from sojourn.core.visit import VisitKept, parse_user_session_id
from sojourn.core.way import StepKind, way

PATH = "/visits/{userSessionId}"
HAR_PATH = "/visits/{userSessionId}/har"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A visit with its requests and its agent, as far as they are kept."""

    kept: VisitKept
    visit: Visit
    requests: tuple[WebRequest, ...]
    agent: Agent | None

    @classmethod
    def of(cls, journal: Journal, scope: Scope, user_session_id: str) -> "Seen":
        """Read it. Raises: Unknown."""
        kept = journal.visit(scope, user_session_id)
        assert kept.visit is not None
        requests = requests_of(journal.har(scope, user_session_id)) if kept.has_har else ()
        return cls(kept=kept, visit=kept.visit, requests=requests, agent=agent_of(journal, scope, kept.agent_id))

    def page(self, told: str, judged: Verdict) -> WebPage | None:
        """The page whose requests are shown: the one asked for, or the one that the verdict is about."""
        by_id = {page.id: page for page in self.visit.pages}
        return by_id.get(told) or by_id.get(judged.page or "")

    def fall(self, request: Request, judged: Verdict) -> Fall | None:
        """The requests of a page, as the address asks for them; None where none were kept."""
        page = self.page(request.query_params.get("page", ""), judged)
        if page is None or not self.requests:
            return None
        return Fall.of(page, self.requests, len(self.visit.pages) == 1, Wanted.of(request.query_params))


def agent_of(journal: Journal, scope: Scope, agent_id: str) -> Agent | None:
    """The agent, where it is not forgotten."""
    try:
        return journal.agent(scope, agent_id)
    except Unknown:
        return None


class OneVisit:
    """One visit."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request, caller: Caller) -> Response:
        """How it went."""
        backend = self._desk.backend
        seen = await backend.read(caller, Seen.of, backend.journal, caller.scope, _id(request))
        values = await backend.run(_values, request, seen)
        return self._desk.page(request, "visit.html", **values)

    async def har(self, request: Request, caller: Caller) -> Response:
        """Its HAR, as a file."""
        backend = self._desk.backend
        text = await backend.read(caller, backend.journal.har, caller.scope, _id(request))
        name = f"{_id(request).replace(':', '-')}.har"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="application/json", headers=headers)


def _values(request: Request, seen: Seen) -> dict[str, Any]:
    """What the template is given."""
    network = seen.visit.network or NetworkReport()
    judged = verdict(seen.visit, seen.requests)
    steps = way(seen.visit)
    answers = [step for step in steps if step.kind in (StepKind.GATEWAY, StepKind.SITE) and step.delays]
    return {
        "kept": seen.kept,
        "visit": seen.visit,
        "agent": seen.agent,
        "network": network,
        "profile": network.network_profile,
        "metrics": network.system_metrics,
        "judged": judged,
        "steps": steps,
        "way_picture": path(steps),
        "answers": answers,
        "scale": scale_of([step.delays for step in answers]),
        "fall": seen.fall(request, judged),
        "failures": failures(network.errors),
        "raw": visit_json(seen.kept),
        **WORDS,
    }


WORDS: dict[str, Any] = {
    "MEANINGS": MEANINGS,
    "PARAMETERS": dict.fromkeys(PARAMETERS),
    "Phase": Phase,
    "ROWS": ROWS,
    "delay_range": delay_range,
    "grade_of": grade_of,
    "hops_of": hops_of,
    "load_bar": load_bar,
    "load_of": load_of,
    "page_bar": page_bar,
    "patterns": patterns,
    "spelled": spelled,
    "swatch": swatch,
}
"""What templates about visits draw and spell with."""


def _id(request: Request) -> str:
    text: str = request.path_params["userSessionId"]
    return text


def _whose(request: Request) -> int | None:
    """The organisation that an id names: its link leads there, wherever its reader was last."""
    parts = parse_user_session_id(_id(request))
    return parts[0] if parts else None


def pages(desk: Desk) -> list[Page]:
    """One visit, and its HAR."""
    one = OneVisit(desk)
    return [
        Page(method="GET", path=PATH, handle=one.show, resource=Resource.ENDPOINT_SESSIONS, whose=_whose),
        Page(method="GET", path=HAR_PATH, handle=one.har, resource=Resource.ENDPOINT_SESSIONS, whose=_whose),
    ]

"""Who may do what: every operation of the dialect, tried by everybody."""

import re
from typing import Any

import pytest

from sojourn.api.native_v1 import days, directory, erasures, exports, holds, imports, retention, sessions, touches
from sojourn.core.access import Level, Resource
from sojourn.web.backend import Backend
from tests.api.native_v1.samples import SESSIONS, activity, opened
from tests.stage import Persona, Stage

EVERYBODY = ("owner", "recorder", "reader", "clerk", "outsider", "stranger", "nobody")

# What each of them is told, in that order. Session 1 is of `anna` at Acme; the clerk sees only sessions of `clerk`, and
# the stranger, who owns another organisation, finds that it has none.
TOLD: dict[str, tuple[int, ...]] = {
    "POST /api/v1/sessions": (201, 201, 403, 403, 403, 201, 401),
    "GET /api/v1/sessions": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/sessions/days": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/sessions/1": (200, 200, 200, 404, 403, 404, 401),
    "DELETE /api/v1/sessions/1": (204, 403, 403, 403, 403, 404, 401),
    "POST /api/v1/sessions/1/activities": (200, 200, 403, 404, 403, 404, 401),
    "GET /api/v1/sessions/1/activities": (200, 200, 200, 404, 403, 404, 401),
    "POST /api/v1/sessions/1/heartbeat": (200, 200, 403, 404, 403, 404, 401),
    "POST /api/v1/sessions/1/remarks": (200, 200, 403, 404, 403, 404, 401),
    "POST /api/v1/sessions/1/end": (200, 200, 403, 404, 403, 404, 401),
    "POST /api/v1/import": (200, 200, 403, 200, 403, 200, 401),
    "POST /api/v1/import?ids=keep": (200, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/export": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/entities/CUSTOMER/98662653/sessions": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/sessions/1/rhythm": (200, 200, 200, 404, 403, 404, 401),
    "GET /api/v1/touches?entityId=98662653": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/touches/people?entityId=98662653": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/people/1": (200, 200, 200, 200, 403, 404, 401),
    "GET /api/v1/people": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/devices": (200, 200, 200, 403, 403, 200, 401),
    "GET /api/v1/devices/desk-7": (200, 200, 200, 403, 403, 404, 401),
    "GET /api/v1/organisation": (200, 200, 200, 200, 403, 200, 401),
    "GET /api/v1/organisation/retention": (200, 403, 403, 403, 403, 200, 401),
    "PUT /api/v1/organisation/retention": (200, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/holds": (200, 403, 403, 403, 403, 200, 401),
    "PUT /api/v1/holds/person/1": (201, 403, 403, 403, 403, 404, 401),
    "DELETE /api/v1/holds/person/7": (404, 403, 403, 403, 403, 404, 401),
    "POST /api/v1/erasures": (202, 403, 403, 403, 403, 202, 401),
    "GET /api/v1/erasures": (200, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/erasures/7": (404, 403, 403, 403, 403, 404, 401),
}

BODIES: dict[str, Any] = {
    "/sessions": {"login": "anna"},
    "/activities": [activity()],
    "/remarks": [{"reason": "Other"}],
    "/organisation/retention": {"work": 86_400},
    "/holds/person/1": {"why": "a case"},
    "/erasures": {"entity": {"type": "ORDER", "id": "1"}, "why": "asked"},
}


def call(persona: Persona, request: str) -> int:
    method, path = request.split()
    body = (
        next((body for end, body in BODIES.items() if path.endswith(end)), None) if method in ("POST", "PUT") else None
    )
    return persona.request(method, path, json=body).status_code if body else persona.request(method, path).status_code


@pytest.mark.parametrize("request_line", TOLD)
def test_everybody_is_told_what_is_theirs(request_line: str, stage_on_each: Stage) -> None:
    told = []
    for name in EVERYBODY:
        number = opened(stage_on_each.owner, activities=[activity()], device={"guid": "desk-7"})
        path = request_line.replace("sessions/1", f"sessions/{number}")
        told.append(call(stage_on_each.people[name], path))
    assert tuple(told) == TOLD[request_line]


@pytest.mark.parametrize("name", ["reader", "outsider", "stranger", "nobody", "clerk"])
def test_who_may_not_write_leaves_nothing_behind(name: str, stage_on_each: Stage) -> None:
    opened(stage_on_each.owner)
    before = stage_on_each.dump()
    for request_line in TOLD:
        creates = request_line.endswith(("/sessions", "/import", "?ids=keep", "/retention", "/erasures"))
        if not request_line.startswith("GET") and not (creates and name == "stranger"):
            call(stage_on_each.people[name], request_line)
    assert stage_on_each.dump() == before


def test_every_operation_is_tried() -> None:
    backend: Backend = None  # type: ignore[assignment] # nothing is called
    operations = [*sessions.operations(backend), *imports.operations(backend), *touches.operations(backend)]
    operations += [*exports.operations(backend), *directory.operations(backend), *days.operations(backend)]
    operations += [*retention.operations(backend), *holds.operations(backend), *erasures.operations(backend)]
    patterns = {f"{o.method} {re.sub(r'{[^}]*}', '[^/]+', o.path)}" for o in operations}
    tried = {pattern for pattern in patterns for line in TOLD if re.fullmatch(pattern, line.partition("?")[0])}
    assert tried == patterns


def test_somebody_narrowed_opens_sessions_of_their_own_alone(stage_on_each: Stage) -> None:
    assert opened(stage_on_each.clerk, "clerk")
    before = stage_on_each.dump()
    assert stage_on_each.clerk.post(SESSIONS, json={"login": "anna"}).status_code == 403
    told = stage_on_each.clerk.post("/api/v1/import", content='{"login":"anna"}\n{"login":"clerk"}').text.splitlines()
    assert '"status":403' in told[0]
    assert '"status":201' in told[1]
    people = [row for row in stage_on_each.dump()["person"] if row not in before["person"]]
    assert people == []


def test_visits_are_another_resource(stage: Stage) -> None:
    stage.core.registry.set_group(1, "Desk", {Resource.ACTIVITY_SESSIONS: Level.WRITE})
    desk = stage.persona("desk", "Desk")
    visit = 2**40
    assert desk.get(SESSIONS).status_code == 200
    assert desk.get(SESSIONS, params={"kind": "visit"}).status_code == 403
    assert desk.get("/api/v1/export", params={"kind": "visit"}).status_code == 403
    assert desk.get(f"{SESSIONS}/{visit}").status_code == 403
    assert stage.recorder.get(f"{SESSIONS}/{visit}").status_code == 404


def test_a_revoked_or_expired_token_opens_nothing(stage: Stage) -> None:
    issued = stage.core.registry.add_token(1, "owner@example.org", "short", life=60)
    short = stage.owner.bearing(Authorization=f"Bearer {issued.secret}")
    assert short.get(SESSIONS).status_code == 200
    stage.clock.advance(61)
    assert short.get(SESSIONS).status_code == 401
    stage.core.registry.revoke(1, stage.owner.token)
    response = stage.owner.get(SESSIONS)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")
    assert response.json()["type"] == "urn:sojourn:error:unauthenticated"

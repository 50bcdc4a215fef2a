"""Every operation of the dialect, tried by those who may not: what exists elsewhere is answered as what does not.

An operation that is added needs a case here: without one the first test fails.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.console.cases import MARKS, NOWHERE, furnished, plainly
from tests.stage import ACME, Persona, Stage

LIVE = "GET /api/v1/live"
"""An answer without an end, for who is let in: `test_live.py` hears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request that would be let in if the right one sent it, with names in braces for what it is about."""

    path: str = ""
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    lines: bool = False

    def about(self, known: Mapping[str, str], operation: str) -> tuple[str, dict[str, str], Any]:
        """Path, query and body, with what is known in the place of the names."""
        path = (self.path or operation.partition(" ")[2]).format_map({k: quote(v, safe="") for k, v in known.items()})
        return path, _filled(dict(self.query), known), _filled(self.body, known)

    def send(self, who: Persona, operation: str, known: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send it as somebody."""
        path, query, body = self.about(known, operation)
        more: dict[str, Any] = {"params": query}
        if body is not None:
            more["content"] = json.dumps(body)
            headers["Content-Type"] = "application/x-ndjson" if self.lines else "application/json"
        return who.request(operation.partition(" ")[0], path, headers=headers, **more)


def _filled(body: Any, known: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return body.format_map(known)
    if isinstance(body, dict):
        return {name: _filled(value, known) for name, value in body.items()}
    return [_filled(value, known) for value in body] if isinstance(body, list) else body


ONE = "/api/v1/sessions/{session}"
VISIT = {
    "agentId": "mine",
    "date": "2026-11-23T12:00:00Z",
    "visitedSite": "mine.example",
    "protocol": "https",
    "port": 443,
}
ACTIVITY = {"entityType": "CUSTOMER", "entityId": "1", "name": "Looked"}

CASES: dict[str, Case] = {
    "GET /api/v1/sessions": Case(query={"login": "{login}"}),
    "POST /api/v1/sessions": Case(body={"login": "mine"}),
    "GET /api/v1/sessions/{id}": Case(path=ONE),
    "DELETE /api/v1/sessions/{id}": Case(path=ONE),
    "POST /api/v1/sessions/{id}/activities": Case(path=f"{ONE}/activities", body=[ACTIVITY]),
    "GET /api/v1/sessions/{id}/activities": Case(path=f"{ONE}/activities"),
    "POST /api/v1/sessions/{id}/heartbeat": Case(path=f"{ONE}/heartbeat", body={}),
    "POST /api/v1/sessions/{id}/remarks": Case(path=f"{ONE}/remarks", body=[{"reason": "Why"}]),
    "POST /api/v1/sessions/{id}/end": Case(path=f"{ONE}/end", body={}),
    "GET /api/v1/entities/{entityType}/{entityId}/sessions": Case(path="/api/v1/entities/CUSTOMER/{entity}/sessions"),
    "GET /api/v1/sessions/days": Case(query={"login": "{login}"}),
    "GET /api/v1/touches": Case(query={"entityId": "{entity}"}),
    "GET /api/v1/touches/people": Case(query={"entityId": "{entity}"}),
    "GET /api/v1/sessions/{id}/rhythm": Case(path=f"{ONE}/rhythm"),
    "POST /api/v1/import": Case(body={"login": "mine", "startedAt": "2026-11-23T10:00:00Z"}, lines=True),
    "GET /api/v1/export": Case(query={"login": "{login}"}),
    "GET /api/v1/people": Case(),
    "GET /api/v1/people/{userId}": Case(path="/api/v1/people/{person}"),
    "GET /api/v1/devices": Case(),
    "GET /api/v1/devices/{guid}": Case(path="/api/v1/devices/{device}"),
    "GET /api/v1/agents/{agentId}": Case(path="/api/v1/agents/{agent}"),
    "DELETE /api/v1/agents/{agentId}": Case(path="/api/v1/agents/{agent}"),
    "PUT /api/v1/agents/{agentId}": Case(path="/api/v1/agents/{agent}", body={"name": "mine"}),
    "GET /api/v1/agents": Case(),
    "POST /api/v1/visits": Case(body=VISIT),
    "GET /api/v1/visits": Case(query={"agentId": "{agent}"}),
    "GET /api/v1/visits/{userSessionId}": Case(path="/api/v1/visits/{visit}"),
    "DELETE /api/v1/visits/{userSessionId}": Case(path="/api/v1/visits/{visit}"),
    "GET /api/v1/visits/{userSessionId}/har": Case(path="/api/v1/visits/{visit}/har"),
    LIVE: Case(),
    "GET /api/v1/organisations": Case(),
    "GET /api/v1/organisation": Case(),
    "PATCH /api/v1/organisation": Case(body={"idleLimit": 60}),
    "GET /api/v1/organisation/retention": Case(),
    "PUT /api/v1/organisation/retention": Case(body={}),
    "GET /api/v1/tokens": Case(),
    "POST /api/v1/tokens": Case(body={"email": "{member}", "name": "new"}),
    "GET /api/v1/tokens/{id}": Case(path="/api/v1/tokens/{token}"),
    "DELETE /api/v1/tokens/{id}": Case(path="/api/v1/tokens/{token}"),
    "POST /api/v1/invitations": Case(body={"email": "{member}"}),
    "GET /api/v1/members": Case(),
    "GET /api/v1/members/{email}": Case(path="/api/v1/members/{member}"),
    "DELETE /api/v1/members/{email}": Case(path="/api/v1/members/{member}"),
    "PUT /api/v1/members/{email}": Case(path="/api/v1/members/{member}", body={"group": "Readers"}),
    "GET /api/v1/access-groups": Case(),
    "GET /api/v1/access-groups/{name}": Case(path="/api/v1/access-groups/{group}"),
    "DELETE /api/v1/access-groups/{name}": Case(path="/api/v1/access-groups/{group}"),
    "PUT /api/v1/access-groups/{name}": Case(path="/api/v1/access-groups/{group}", body={"access": {}}),
    "GET /api/v1/system": Case(),
    "GET /api/v1/holds": Case(),
    "PUT /api/v1/holds/{noun}/{number}": Case(path="/api/v1/holds/session/{session}", body={"why": "Case"}),
    "DELETE /api/v1/holds/{noun}/{number}": Case(path="/api/v1/holds/person/{person}"),
    "POST /api/v1/erasures": Case(body={"login": "{login}", "why": "By letter"}),
    "GET /api/v1/erasures": Case(),
    "GET /api/v1/erasures/{id}": Case(path="/api/v1/erasures/{erasure}"),
}
ADMINISTERING = ("organisation", "members", "invitations", "access-groups", "tokens", "holds", "erasures")


@pytest.fixture
def there(stage: Stage) -> dict[str, str]:
    """What Acme has: also a hold, and an erasure that waits."""
    found = furnished(stage)
    assert stage.owner.put(f"/api/v1/holds/person/{found['person']}", json={"why": "acme-note"}).status_code == 201
    asked = stage.owner.post("/api/v1/erasures", json={"entity": {"type": "X", "id": "ACMECASE-9"}, "why": "acme-note"})
    return {**found, "erasure": str(asked.json()["id"])}


def told(who: Persona, operation: str, there: Mapping[str, str], **headers: str) -> tuple[int, str]:
    """The status and all else that somebody is told of what is there: the same as of what is nowhere."""
    case, nowhere = CASES[operation], {**NOWHERE, "erasure": "471101"}
    typed = (*there.values(), *nowhere.values())
    answer = case.send(who, operation, there, **headers)
    text = plainly(answer, *typed)
    if case.about(there, operation) != case.about(nowhere, operation):
        assert text == plainly(case.send(who, operation, nowhere, **headers), *typed), operation
    return answer.status_code, text


def test_every_operation_has_a_case(stage: Stage) -> None:
    paths = stage.nobody.get("/openapi.json").json()["paths"]
    known = {f"{m.upper()} {path}" for path, some in paths.items() if path.startswith("/api/v1") for m in some}
    assert known == CASES.keys()


def test_who_may_is_let_in_by_every_case(stage: Stage, there: dict[str, str]) -> None:
    for operation, case in CASES.items():
        if operation == LIVE or operation.startswith("DELETE"):
            continue
        answer = case.send(stage.owner, operation, there)
        assert answer.status_code in (200, 201, 202), (operation, answer.text)
    for operation in [each for each in CASES if each.startswith("DELETE")]:
        answer = CASES[operation].send(stage.owner, operation, there)
        assert answer.status_code in (204, 409), (operation, answer.text)  # 409: it is on hold


def test_who_brings_nothing_is_told_nothing(stage: Stage, there: dict[str, str]) -> None:
    before = stage.dump()
    for operation in CASES:
        status, text = told(stage.nobody, operation, there)
        assert status == 401, operation
        assert not [mark for mark in MARKS if mark in text], operation
    assert stage.dump() == before


def test_a_colleague_without_access_is_refused(stage: Stage, there: dict[str, str]) -> None:
    before = stage.dump()
    for operation in [each for each in CASES if each != "GET /api/v1/organisations"]:
        status, text = told(stage.outsider, operation, there)
        assert status == 403, operation
        assert not [mark for mark in MARKS if mark in text], operation
    assert stage.dump() == before


@pytest.mark.parametrize("who", ["reader", "recorder", "clerk", "narrowed"])
def test_who_does_not_administer_is_refused_whatever_there_is(stage: Stage, there: dict[str, str], who: str) -> None:
    stage.persona("narrowed", "Owners", own="narrowed")
    before = stage.dump()
    administering = [o for o in CASES if o.split("/")[3] in ADMINISTERING and o != "GET /api/v1/organisation"]
    assert len(administering) > 20
    for operation in administering:
        status, text = told(stage.people[who], operation, there)
        assert status == 403, operation
        assert not [mark for mark in MARKS if mark in text], operation
    assert stage.dump() == before


def test_a_stranger_learns_nothing_of_an_organisation(stage: Stage, there: dict[str, str]) -> None:
    for stranger in (stage.stranger, stage.roaming(stage.stranger)):
        before = stage.dump()
        for operation, case in CASES.items():
            numbers = (str(ACME), "4711")
            answers = [case.send(stranger, operation, there, **{"X-Organisation": n}) for n in numbers]
            texts = [plainly(answer, *there.values(), *numbers) for answer in answers]
            assert answers[0].status_code == 404, (operation, texts[0])
            assert texts[0] == texts[1], operation
            assert not [mark for mark in MARKS if mark in texts[0]], operation
        assert stage.dump() == before


def test_a_stranger_at_home_is_told_the_same_of_what_is_elsewhere_and_of_what_is_not(
    stage: Stage, there: dict[str, str]
) -> None:
    looks = (stage.core.registry.members, stage.core.registry.groups, stage.core.registry.organisation)
    before = [look(ACME) for look in looks]
    kept = stage.owner.get("/api/v1/export", params={"rows": "activities"}).text
    for operation in [each for each in CASES if each != LIVE]:
        _, text = told(stage.stranger, operation, there)
        assert not [mark for mark in MARKS if mark in text], operation
    assert [look(ACME) for look in looks] == before
    assert not [
        token for token in stage.core.registry.tokens(ACME) if str(token.id) == there["token"] and token.revoked_at
    ]
    assert stage.owner.get("/api/v1/export", params={"rows": "activities"}).text == kept
    assert len(stage.owner.get("/api/v1/holds").json()["items"]) == 1

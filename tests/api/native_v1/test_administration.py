"""Who may administer: every operation on organisations, members, access groups and tokens, tried by everybody."""

import re
from concurrent.futures import Future
from typing import Any

import pytest
from httpx import Response

from sojourn.api.native_v1 import access_groups, invitations, members, organisation, tokens
from sojourn.core.access import Level, Resource
from sojourn.core.administration import Administration
from sojourn.web.backend import Backend
from tests.api.native_v1.samples import SESSIONS
from tests.stage import ACME, Persona, Stage, staged

EVERYBODY = ("owner", "watcher", "recorder", "reader", "clerk", "narrowed", "outsider", "stranger", "nobody")
READER = "reader@example.org"
MEMBER = {"group": "Readers"}
OPEN = {"access": {"activitySessions": "write"}}

# What each of them is told, in that order. At Acme the watcher may read the administration, and the narrowed is an
# owner who sees their own sessions alone; the stranger owns Beta.
TOLD: dict[str, tuple[int, ...]] = {
    "GET /api/v1/organisations": (200, 200, 200, 200, 200, 200, 200, 200, 401),
    "PATCH /api/v1/organisation": (200, 403, 403, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/members": (200, 200, 403, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/members/reader@example.org": (200, 200, 403, 403, 403, 403, 403, 404, 401),
    "PUT /api/v1/members/reader@example.org": (200, 403, 403, 403, 403, 403, 403, 201, 401),
    "DELETE /api/v1/members/reader@example.org": (204, 403, 403, 403, 403, 403, 403, 404, 401),
    "POST /api/v1/invitations": (201, 403, 403, 403, 403, 403, 403, 400, 401),
    "GET /api/v1/access-groups": (200, 200, 403, 403, 403, 403, 403, 200, 401),
    "GET /api/v1/access-groups/Watchers": (200, 200, 403, 403, 403, 403, 403, 404, 401),
    "PUT /api/v1/access-groups/Spare": (200, 403, 403, 403, 403, 403, 403, 201, 401),
    "DELETE /api/v1/access-groups/Spare": (204, 403, 403, 403, 403, 403, 403, 404, 401),
    "GET /api/v1/tokens": (200, 200, 403, 403, 403, 403, 403, 200, 401),
    "POST /api/v1/tokens": (201, 403, 403, 403, 403, 403, 403, 400, 401),
    "GET /api/v1/tokens/3": (200, 200, 403, 403, 403, 403, 403, 404, 401),
    "DELETE /api/v1/tokens/3": (204, 403, 403, 403, 403, 403, 403, 404, 401),
}
BODIES: dict[str, Any] = {
    "PATCH /api/v1/organisation": {"idleLimit": 60},
    "PUT /api/v1/members/reader@example.org": MEMBER,
    "POST /api/v1/invitations": {"email": READER},
    "PUT /api/v1/access-groups/Spare": OPEN,
    "POST /api/v1/tokens": {"email": READER, "name": "a token"},
}


@pytest.fixture
def acme(stage: Stage) -> Stage:
    """Acme, with somebody who watches the administration, and an owner who is narrowed to themselves."""
    stage.core.registry.set_group(ACME, "Watchers", {Resource.ADMINISTRATION: Level.READ})
    stage.core.registry.set_group(ACME, "Spare", {})
    stage.persona("watcher", "Watchers")
    stage.persona("narrowed", "Owners", own="narrowed")
    return stage


def call(persona: Persona, line: str) -> int:
    method, path = line.split()
    more = {"json": BODIES[line]} if line in BODIES else {}
    return persona.request(method, path, **more).status_code


@pytest.mark.parametrize("line", TOLD)
def test_everybody_is_told_what_is_theirs(line: str, acme: Stage) -> None:
    told = {name: call(acme.people[name], line) for name in reversed(EVERYBODY)}  # the owner, who may, comes last
    assert tuple(told[name] for name in EVERYBODY) == TOLD[line]


def test_who_may_not_leaves_nothing_behind(acme: Stage) -> None:
    before = acme.dump()
    for line in TOLD:
        for name in EVERYBODY[1:-2]:
            call(acme.people[name], line)
        call(acme.nobody, line)
    assert acme.dump() == before


def test_a_stranger_changes_nothing_at_acme(acme: Stage) -> None:
    registry = acme.core.registry
    looks = (registry.organisation, registry.members, registry.groups)
    before = [look(ACME) for look in looks]
    for line in TOLD:
        call(acme.stranger, line)
    assert [look(ACME) for look in looks] == before
    assert not any(token.revoked_at for token in registry.tokens(ACME))


def test_every_operation_is_tried() -> None:
    backend: Backend = None  # type: ignore[assignment] # nothing is called
    rules: Administration = None  # type: ignore[assignment]
    tried = {re.sub(r"/(reader@.*|Watchers|Spare|3)$", "/{}", line) for line in TOLD}
    operations = [
        each
        for noun in (organisation, members, invitations, access_groups, tokens)
        for each in noun.operations(backend, rules)
    ]
    known = {f"{o.method} {re.sub(r'{[^}]*}', '{}', o.path)}" for o in operations}
    assert known - {"GET /api/v1/organisation"} == tried


def test_who_was_narrowed_may_as_soon_as_they_are_not(acme: Stage) -> None:
    narrowed = acme.people["narrowed"]
    assert narrowed.get("/api/v1/members").status_code == 403
    acme.core.registry.add_member(ACME, narrowed.email, "Owners")
    assert narrowed.get("/api/v1/members").status_code == 200


def test_a_change_counts_from_the_next_request_on(acme: Stage) -> None:
    assert acme.reader.get(SESSIONS).status_code == 200
    acme.owner.put("/api/v1/access-groups/Readers", json={"access": {}})
    assert acme.reader.get(SESSIONS).status_code == 403
    acme.owner.put(f"/api/v1/members/{acme.reader.email}", json={"group": "Recorders"})
    assert acme.reader.get(SESSIONS).status_code == 200
    acme.owner.delete(f"/api/v1/members/{acme.reader.email}")
    assert acme.reader.get(SESSIONS).status_code == 401


# What would leave nobody who may administer, and what the answer names.
LOCKING: list[tuple[str, str, Any, dict[str, str]]] = [
    ("DELETE", "/api/v1/members/owner@example.org", None, {"parameter": "email"}),
    ("PUT", "/api/v1/members/owner@example.org", {"group": "Readers"}, {"pointer": "/group"}),
    (
        "PUT",
        "/api/v1/members/OWNER@example.org",
        {"group": "Owners", "own": {"login": "owner"}},
        {"pointer": "/own"},
    ),
    (
        "PUT",
        "/api/v1/access-groups/Owners",
        {"access": {"administration": "read"}},
        {"pointer": "/access/administration"},
    ),
    ("PUT", "/api/v1/access-groups/Owners", {"access": {}}, {"pointer": "/access/administration"}),
    ("DELETE", "/api/v1/access-groups/Owners", None, {"parameter": "name"}),
    ("DELETE", "/api/v1/tokens/1", None, {"parameter": "id"}),
]


@pytest.mark.parametrize(("method", "path", "body", "where"), LOCKING)
def test_nobody_locks_everybody_out(
    method: str, path: str, body: Any, where: dict[str, str], stage_on_each: Stage
) -> None:
    before = stage_on_each.dump()
    more = {} if body is None else {"json": body}
    response = stage_on_each.owner.request(method, path, **more)
    assert response.status_code == 400, response.text
    (place,) = response.json()["errors"]
    assert place.pop("detail")
    assert place == where
    assert stage_on_each.dump() == before
    assert stage_on_each.owner.get("/api/v1/members").status_code == 200


TAKING: dict[str, tuple[str, str, Any]] = {
    "removed": ("DELETE", "/api/v1/members/{}", None),
    "demoted": ("PUT", "/api/v1/members/{}", {"group": "Readers"}),
    "narrowed": ("PUT", "/api/v1/members/{}", {"group": "Owners", "own": {"login": "x"}}),
}


@pytest.mark.parametrize(("one", "other"), [("removed", "removed"), ("demoted", "removed"), ("demoted", "narrowed")])
def test_of_two_owners_who_take_each_others_place_one_stays(one: str, other: str, stage_on_each: Stage) -> None:
    """Each by a server of their own, on one database."""
    with staged(stage_on_each.url, stage_on_each.clock) as second:
        registry = stage_on_each.core.registry
        for _ in range(10):
            registry.add_member(ACME, "owner@example.org", "Owners")
            nina, otto = stage_on_each.persona("nina", "Owners"), stage_on_each.persona("otto", "Owners")
            registry.remove_member(ACME, "owner@example.org")
            calls = [taken(stage_on_each, one, nina, otto), taken(second, other, otto, nina)]
            told = [call.result(30).status_code for call in calls]
            assert sorted(status in (200, 204) for status in told) == [False, True], told
            assert set(told) - {200, 204} <= {400, 401, 403}, told
            (left,) = [m for m in registry.members(ACME) if m.group == "Owners" and not m.person]
            assert left.principal.email in (nina.email, otto.email)


def taken(server: Stage, how: str, by: Persona, whose: Persona) -> "Future[Response]":
    """A request on its way by which one owner takes the other's place away."""
    method, path, body = TAKING[how]
    return server.start(method, path.format(whose.email), json=body, headers=by.headers)


BAD: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "a bare address": ("PUT", "members/no%20address", MEMBER, {"parameter": "email"}),
    "an address of nothing": ("PUT", "members/%20", MEMBER, {"parameter": "email"}),
    "an address as a field": ("PUT", "members/a@b", {**MEMBER, "email": "a@b"}, {"pointer": "/email"}),
    "no group": ("PUT", "members/a@b", {}, {"pointer": "/group"}),
    "a group of none": ("PUT", "members/a@b", {"group": "Nonsense"}, {"pointer": "/group"}),
    "a group that is null": ("PUT", "members/a@b", {"group": None}, {"pointer": "/group"}),
    "nobody's own": ("PUT", "members/a@b", {**MEMBER, "own": {}}, {"pointer": "/own/login"}),
    "two own": ("PUT", "members/a@b", {**MEMBER, "own": {"login": "a", "userId": 1}}, {"pointer": "/own/userId"}),
    "a blank login": ("PUT", "members/a@b", {**MEMBER, "own": {"login": " "}}, {"pointer": "/own/login"}),
    "a login with a null": ("PUT", "members/a@b", {**MEMBER, "own": {"login": "a\0"}}, {"pointer": "/own/login"}),
    "a number too large": ("PUT", "members/a@b", {**MEMBER, "own": {"userId": 2**31}}, {"pointer": "/own/userId"}),
    "no access": ("PUT", "access-groups/New", {}, {"pointer": "/access"}),
    "a resource of none": ("PUT", "access-groups/New", {"access": {"all": "read"}}, {"pointer": "/access/all"}),
    "a level of none": (
        "PUT",
        "access-groups/New",
        {"access": {"loginSessions": "all"}},
        {"pointer": "/access/loginSessions"},
    ),
    "a blank name": ("PUT", "access-groups/%20", OPEN, {"parameter": "name"}),
    "a long name": ("PUT", f"access-groups/{'n' * 256}", OPEN, {"parameter": "name"}),
    "a group with members": ("DELETE", "access-groups/Readers", None, {"parameter": "name"}),
    "a token for nobody": ("POST", "tokens", {"name": "x"}, {"pointer": "/email"}),
    "a token for a stranger": ("POST", "tokens", {"email": "stranger@example.org", "name": "x"}, {"pointer": "/email"}),
    "a token for no address": ("POST", "tokens", {"email": "a b", "name": "x"}, {"pointer": "/email"}),
    "a token of no name": ("POST", "tokens", {"email": READER}, {"pointer": "/name"}),
    "a blank token": ("POST", "tokens", {"email": READER, "name": " "}, {"pointer": "/name"}),
    "no life": ("POST", "tokens", {"email": READER, "name": "x", "life": 0}, {"pointer": "/life"}),
    "a long life": (
        "POST",
        "tokens",
        {"email": READER, "name": "x", "life": 2**62},
        {"pointer": "/life"},
    ),
    "a secret of one's own": (
        "POST",
        "tokens",
        {"email": READER, "name": "x", "secret": "y"},
        {"pointer": "/secret"},
    ),
    "a link for a stranger": ("POST", "invitations", {"email": "stranger@example.org"}, {"pointer": "/email"}),
    "a link for nobody": ("POST", "invitations", {}, {"pointer": "/email"}),
    "no name": ("PATCH", "organisation", {"name": " "}, {"pointer": "/name"}),
    "an idle limit below nothing": ("PATCH", "organisation", {"idleLimit": -1}, {"pointer": "/idleLimit"}),
    "an idle limit of years": ("PATCH", "organisation", {"idleLimit": 2**31}, {"pointer": "/idleLimit"}),
    "no requests": ("PATCH", "organisation", {"rateLimit": 0}, {"pointer": "/rateLimit"}),
    "a zone on Mars": ("PATCH", "organisation", {"name": "New", "timeZone": "Mars"}, {"pointer": "/timeZone"}),
    "a number of its own": ("PATCH", "organisation", {"id": 2}, {"pointer": "/id"}),
    "a parameter": ("PATCH", "organisation?dry=1", {"name": "New"}, {"parameter": "dry"}),
    "another parameter": ("DELETE", "members/reader@example.org?all=1", None, {"parameter": "all"}),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named_and_nothing_is_stored(case: str, stage: Stage) -> None:
    method, path, body, where = BAD[case]
    before = stage.dump()
    more = {} if body is None else {"json": body}
    response = stage.owner.request(method, f"/api/v1/{path}", **more)
    assert response.status_code == 400, response.text
    (place,) = response.json()["errors"]
    assert place.pop("detail")
    assert place == where
    assert stage.dump() == before


def test_who_is_known_elsewhere_is_told_of_in_the_same_words_as_nobody(stage: Stage) -> None:
    for path in ("members/{}", "members/{}?x=1"):
        for method in ("GET", "DELETE"):
            told = [
                stage.owner.request(method, "/api/v1/" + path.format(email)).text.replace(email, "#")
                for email in ("stranger@example.org", "unheard@example.org")
            ]
            assert told[0] == told[1]
    for path, body in (("tokens", {"name": "x"}), ("invitations", {})):
        answers = [
            stage.owner.post(f"/api/v1/{path}", json={**body, "email": email})
            for email in ("stranger@example.org", "unheard@example.org")
        ]
        assert answers[0].text == answers[1].text

"""`/api/v1/tokens`."""

from typing import Any

from tests.api.native_v1.samples import NOW, SESSIONS
from tests.stage import Stage

TOKENS = "/api/v1/tokens"
READS = {"activitySessions": "read", "loginSessions": "read", "endpointSessions": "read", "administration": "none"}


def make(stage: Stage, email: str = "reader@example.org", **more: Any) -> dict[str, Any]:
    response = stage.owner.post(TOKENS, json={"email": email, "name": "the care desk", **more})
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"{TOKENS}/{response.json()['id']}"
    assert response.headers["cache-control"] == "no-store"
    return dict(response.json())


def test_its_secret_is_told_once(stage_on_each: Stage) -> None:
    made = make(stage_on_each, life=3_600)
    secret = made.pop("secret")
    number = made["id"]
    assert made == {
        "id": number,
        "name": "the care desk",
        "email": "reader@example.org",
        "clientKey": made["clientKey"],
        "access": READS,
        "createdAt": NOW,
        "expiresAt": "2026-11-23T13:04:05.123456Z",
    }
    assert stage_on_each.owner.get(f"{TOKENS}/{number}").json() == made
    assert stage_on_each.owner.get(TOKENS).json()["items"][0] == made
    assert secret not in repr(stage_on_each.dump())
    program = stage_on_each.nobody.bearing(Authorization=f"Bearer {secret}")
    assert program.get(SESSIONS).status_code == 200
    assert program.post(SESSIONS, json={"login": "anna"}).status_code == 403


def test_it_lives_as_long_as_it_was_given(stage: Stage) -> None:
    made, lasting = make(stage, life=3_600), make(stage)
    assert "expiresAt" not in lasting
    program = stage.nobody.bearing(Authorization=f"Bearer {made['secret']}")
    stage.clock.advance(3_599)
    assert program.get(SESSIONS).status_code == 200
    stage.clock.advance(1)
    assert program.get(SESSIONS).status_code == 401
    assert "access" not in stage.owner.get(f"{TOKENS}/{made['id']}").json()  # it opens nothing any more
    assert stage.nobody.bearing(Authorization=f"Bearer {lasting['secret']}").get(SESSIONS).status_code == 200


def test_revoked_it_opens_nothing(stage_on_each: Stage) -> None:
    made = make(stage_on_each)
    path = f"{TOKENS}/{made['id']}"
    program = stage_on_each.nobody.bearing(Authorization=f"Bearer {made['secret']}")
    assert program.get(SESSIONS).status_code == 200
    stage_on_each.clock.advance(60)
    assert stage_on_each.owner.delete(path).status_code == 204
    assert program.get(SESSIONS).status_code == 401
    told = stage_on_each.owner.get(path).json()
    assert told["revokedAt"] == "2026-11-23T12:05:05.123456Z"
    assert "access" not in told
    assert stage_on_each.owner.delete(path).status_code == 204  # said again, it stays as it was
    assert stage_on_each.owner.get(path).json() == told


def test_it_tells_whose_sessions_alone_it_opens(stage: Stage) -> None:
    assert make(stage, "clerk@example.org")["own"]["login"] == "clerk"


def test_lists_are_paged_newest_first(stage_on_each: Stage) -> None:
    numbers = [make(stage_on_each)["id"] for _ in range(3)]
    first = stage_on_each.owner.get(TOKENS, params={"limit": 2}).json()
    second = stage_on_each.owner.get(TOKENS, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["id"] for item in (*first["items"], *second["items"])][:3] == numbers[::-1]


def test_the_one_that_somebody_came_with_is_not_theirs_to_revoke(stage: Stage) -> None:
    refused = stage.owner.delete(f"{TOKENS}/{stage.owner.token}")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "id")
    another = make(stage, stage.owner.email)
    owner = stage.nobody.bearing(Authorization=f"Bearer {another['secret']}")
    assert owner.delete(f"{TOKENS}/{stage.owner.token}").status_code == 204
    assert stage.owner.get(TOKENS).status_code == 401


def test_neither_is_the_one_that_it_was_bought_with(stage: Stage) -> None:
    bought = stage.core.registry.buy_access(stage.owner.client_key, stage.owner.secret)
    owner = stage.nobody.bearing(Authorization=f"Bearer {bought.secret}")
    assert owner.delete(f"{TOKENS}/{stage.owner.token}").status_code == 400
    assert owner.get(TOKENS).status_code == 200


def test_those_that_nobody_here_made_are_unknown(stage: Stage) -> None:
    stage.roaming(stage.owner)
    theirs, own = stage.stranger.token, stage.core.registry.tokens(0)[0].id
    for number in (theirs, own, 4711, "x", "-1", "9" * 40):
        assert stage.owner.get(f"{TOKENS}/{number}").status_code == 404
        assert stage.owner.delete(f"{TOKENS}/{number}").status_code == 404
    assert theirs not in {item["id"] for item in stage.owner.get(TOKENS).json()["items"]}
    assert stage.stranger.get(SESSIONS).status_code == 200

"""`/api/v1/members`."""

from typing import Any

from sojourn.core.registry import Presented
from tests.stage import ACME, Stage

MEMBERS = "/api/v1/members"
NINA = f"{MEMBERS}/nina@example.org"
READS = {"activitySessions": "read", "loginSessions": "read", "endpointSessions": "read", "administration": "none"}


def test_somebody_is_added_changed_and_removed(stage_on_each: Stage) -> None:
    owner = stage_on_each.owner
    added = owner.put(NINA, json={"group": " Readers ", "own": {"login": "nina"}})
    assert added.status_code == 201
    number = added.json()["own"]["userId"]
    own = {"userId": number, "login": "nina"}
    assert added.json() == {"email": "nina@example.org", "group": "Readers", "access": READS, "own": own}
    assert owner.get(NINA).json() == added.json()

    same = owner.put(NINA, json={"group": "Readers", "own": {"userId": number}})
    assert (same.status_code, same.json()) == (200, added.json())
    widened = owner.put(NINA, json={"group": "Recorders"})
    assert (widened.json()["group"], "own" in widened.json()) == ("Recorders", False)
    assert widened.json()["access"]["activitySessions"] == "write"

    gone = owner.delete(NINA)
    assert (gone.status_code, gone.content) == (204, b"")
    assert owner.get(NINA).status_code == owner.delete(NINA).status_code == 404


def test_an_address_is_caseless_and_may_hold_a_slash(stage: Stage) -> None:
    owner = stage.owner
    assert owner.put(f"{MEMBERS}/Crm/North", json={"group": "Recorders"}).json()["email"] == "crm/north"
    assert owner.get(f"{MEMBERS}/CRM%2FNORTH").json()["group"] == "Recorders"
    assert owner.delete(f"{MEMBERS}/crm/north").status_code == 204


def test_lists_are_paged(stage_on_each: Stage) -> None:
    owner, known = stage_on_each.owner, stage_on_each.core.registry.members(ACME)
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = owner.get(MEMBERS, params={"limit": 2, **cursor}).json()
        found += page["items"]
        cursor = {"cursor": page["next"]} if "next" in page else {}
    assert cursor == {}
    assert len(found) == len(known) == 5
    assert {item["email"] for item in found} == {member.principal.email for member in known}
    clerk = next(item for item in found if item["email"] == "clerk@example.org")
    assert clerk["own"]["login"] == "clerk"


def test_a_cursor_is_not_another_organisations(stage: Stage) -> None:
    cursor = stage.owner.get(MEMBERS, params={"limit": 2}).json()["next"]
    assert stage.stranger.get(MEMBERS, params={"cursor": cursor}).status_code == 400


def test_what_was_made_for_somebody_ends_with_the_membership(stage: Stage) -> None:
    stage.owner.delete(f"{MEMBERS}/{stage.reader.email}")
    assert stage.reader.get("/api/v1/people").status_code == 401
    stage.owner.put(f"{MEMBERS}/{stage.reader.email}", json={"group": "Readers"})
    assert stage.reader.get("/api/v1/people").status_code == 401  # who comes back gets another token


def test_a_retry_is_told_the_same(stage: Stage) -> None:
    first = stage.owner.put(NINA, json={"group": "Readers"})
    second = stage.owner.put(NINA, json={"group": "Readers"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_an_owner_may_step_down_where_another_is_left(stage: Stage) -> None:
    stage.owner.put(NINA, json={"group": "Owners"})
    assert stage.owner.put(f"{MEMBERS}/{stage.owner.email}", json={"group": "Readers"}).status_code == 200
    assert stage.owner.get(MEMBERS).status_code == 403
    issued = stage.core.registry.add_token(ACME, "nina@example.org", "hers")
    assert stage.core.registry.identify(Presented(secret=issued.secret)).email == "nina@example.org"
    nina = stage.owner.bearing(Authorization=f"Bearer {issued.secret}")
    assert nina.delete(f"{MEMBERS}/nina@example.org").status_code == 400

"""Retention, legal hold and erasure: `/api/v1/organisation/retention`, `/api/v1/holds`, `/api/v1/erasures`."""

import pytest

from sojourn.core.access import Level, Resource
from tests.api.native_v1.samples import NOW, SESSIONS, activity, opened, problem
from tests.stage import Stage

RETENTION = "/api/v1/organisation/retention"
HOLDS = "/api/v1/holds"
ERASURES = "/api/v1/erasures"

DAY = 86_400


def test_how_long_what_is_kept_is_told_as_it_was_set(stage: Stage) -> None:
    assert stage.owner.get(RETENTION).json() == {}
    wanted = {"work": 30 * DAY, "visit": DAY}
    assert stage.owner.put(RETENTION, json=wanted).json() == wanted
    assert stage.owner.get(RETENTION).json() == wanted
    assert stage.stranger.get(RETENTION).json() == {}
    assert stage.owner.put(RETENTION, json={}).json() == {}


@pytest.mark.parametrize("wanted", [{"work": DAY - 1}, {"work": None}, {"works": DAY}, {"work": 10**12}])
def test_what_cannot_be_is_refused(wanted: dict[str, object], stage: Stage) -> None:
    before = stage.dump()
    assert stage.owner.put(RETENTION, json=wanted).status_code == 400
    assert stage.dump() == before


def test_what_is_held_cannot_be_deleted(stage_on_each: Stage) -> None:
    stage = stage_on_each
    number = opened(stage.owner)
    held = stage.owner.put(f"{HOLDS}/session/{number}", json={"why": "Case 12"})
    told = {"noun": "session", "number": number, "why": "Case 12", "heldBy": "owner@example.org", "at": NOW}
    assert (held.status_code, held.json()) == (201, told)
    assert stage.owner.put(f"{HOLDS}/session/{number}", json={"why": "Another"}).json() == told
    assert stage.owner.get(HOLDS).json() == {"items": [told]}
    assert stage.stranger.get(HOLDS).json() == {"items": []}

    refused = stage.owner.delete(f"{SESSIONS}/{number}")

    assert refused.status_code == 409
    assert refused.json() == problem("held", 409, f"The session {number} is on legal hold: it cannot be deleted")
    assert stage.stranger.delete(f"{HOLDS}/session/{number}").status_code == 404
    assert stage.owner.delete(f"{HOLDS}/session/{number}").status_code == 204
    assert stage.owner.delete(f"{SESSIONS}/{number}").status_code == 204


@pytest.mark.parametrize("what", ["session/7", "person/7", "thing/1", "session/x", f"session/{10**20}"])
def test_what_is_not_there_cannot_be_held(what: str, stage: Stage) -> None:
    assert stage.owner.put(f"{HOLDS}/{what}", json={"why": "Case 12"}).status_code == 404
    assert stage.owner.delete(f"{HOLDS}/{what}").status_code == 404


def test_a_reason_is_wanted(stage: Stage) -> None:
    number = opened(stage.owner)
    for body in ({}, {"why": " "}):
        assert stage.owner.put(f"{HOLDS}/session/{number}", json=body).status_code == 400
        assert stage.owner.post(ERASURES, json={"login": "anna", **body}).status_code == 400


def test_a_person_is_erased_and_a_receipt_is_left(stage_on_each: Stage) -> None:
    stage = stage_on_each
    number = opened(stage.owner, "Quixotic", activities=[activity(note="a word")])
    asked = stage.owner.post(ERASURES, json={"login": "Quixotic", "why": "By letter"})
    assert (asked.status_code, asked.headers["location"]) == (202, f"{ERASURES}/1")
    assert asked.json()["state"] == "waiting"
    assert stage.owner.post(ERASURES, json={"userId": 2, "why": "Again"}).json()["id"] == 1

    stage.core.custodian.sweep(60)

    receipt = stage.owner.get(f"{ERASURES}/1").json()
    assert (receipt["state"], receipt["why"], receipt["askedBy"]) == ("done", "By letter", "owner@example.org")
    assert (receipt["deleted"]["sessions"], receipt["deleted"]["activities"], receipt["scrubbed"]) == (1, 1, False)
    assert stage.owner.get(ERASURES).json() == {"items": [receipt]}
    assert stage.owner.get(f"{SESSIONS}/{number}").status_code == 404
    assert "Quixotic" not in repr(stage.dump())
    assert stage.stranger.get(f"{ERASURES}/1").status_code == 404


def test_an_entity_is_erased_and_the_session_stays(stage: Stage) -> None:
    number = opened(stage.owner, activities=[activity(), activity(entityId="77")])
    stage.owner.post(ERASURES, json={"entity": {"type": "CUSTOMER", "id": "98662653"}, "why": "By letter"})
    stage.core.custodian.sweep(60)
    session = stage.owner.get(f"{SESSIONS}/{number}").json()
    assert session["activityCount"] == 1
    assert stage.owner.get(ERASURES).json()["items"][0]["deleted"]["narrowed"] == 1


@pytest.mark.parametrize(
    "body", [{"why": "x"}, {"why": "x", "login": "anna", "userId": 1}, {"why": "x", "userId": 0}, {"login": "anna"}]
)
def test_who_is_meant_must_be_told_in_one_way(body: dict[str, object], stage: Stage) -> None:
    opened(stage.owner)
    assert stage.owner.post(ERASURES, json=body).status_code == 400


def test_nobody_is_erased_who_is_not_known(stage: Stage) -> None:
    assert stage.owner.post(ERASURES, json={"login": "nobody", "why": "x"}).status_code == 404
    assert stage.owner.get(f"{ERASURES}/x").status_code == 404


def test_to_erase_takes_writing_sessions_too(stage: Stage) -> None:
    stage.core.registry.set_group(1, "Clerks", {Resource.ADMINISTRATION: Level.WRITE})
    office = stage.persona("office", "Clerks")
    narrowed = stage.persona("narrowed", "Owners", own="anna")
    assert office.get(ERASURES).status_code == 200
    assert office.post(ERASURES, json={"login": "anna", "why": "x"}).status_code == 403
    for path in (RETENTION, HOLDS, ERASURES):
        assert narrowed.get(path).status_code == 403

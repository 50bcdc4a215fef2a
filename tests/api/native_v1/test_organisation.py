"""`GET /api/v1/organisation`."""

from tests.api.native_v1.samples import NOW
from tests.stage import Stage

PATH = "/api/v1/organisation"


def test_it_is_the_callers_own(stage_on_each: Stage) -> None:
    assert stage_on_each.reader.get(PATH).json() == {
        "id": 1,
        "name": "Acme",
        "idleLimit": 1800,
        "rateLimit": 240,
        "timeZone": "UTC",
        "createdAt": NOW,
    }
    assert stage_on_each.stranger.get(PATH).json()["name"] == "Beta"


def test_one_who_belongs_to_several_names_it(stage: Stage) -> None:
    stage.core.registry.add_member(2, "owner@example.org", "Readers")
    owner = stage.roaming(stage.owner)
    told = {n: owner.get(PATH, headers={"X-Organisation": n}) for n in ("1", "2", "3", "two")}
    assert [(n, told[n].json().get("name")) for n in ("1", "2")] == [("1", "Acme"), ("2", "Beta")]
    assert told["3"].status_code == 404
    assert told["two"].status_code == 400
    assert told["two"].json()["errors"] == [
        {"detail": "must be the number of an organisation", "header": "X-Organisation"}
    ]


def test_its_settings_are_changed_one_by_one_or_together(stage_on_each: Stage) -> None:
    owner, before = stage_on_each.owner, stage_on_each.owner.get(PATH).json()
    changes = {"name": "Acme & Co", "idleLimit": 0, "rateLimit": 99, "timeZone": "Europe/Oslo"}
    for name, value in changes.items():
        told = owner.patch(PATH, json={name: value})
        assert (told.status_code, told.json()[name]) == (200, value)
    assert owner.get(PATH).json() == {**before, **changes}
    assert owner.patch(PATH, json={}).json() == {**before, **changes}
    assert owner.patch(PATH, json=before | {"id": 1}).status_code == 400
    together = {"name": "Acme", "idleLimit": 1800}
    assert owner.patch(PATH, json=together).json() == {**before, **changes, **together}


def test_a_name_that_is_taken_is_a_conflict(stage: Stage) -> None:
    before = stage.dump()
    response = stage.owner.patch(PATH, json={"name": "Beta", "rateLimit": 1})
    assert (response.status_code, response.json()["type"]) == (409, "urn:sojourn:error:exists")
    assert stage.dump() == before


def test_a_caller_is_told_which_organisations_their_token_opens(stage: Stage) -> None:
    stage.core.registry.add_member(2, "reader@example.org", "Owners")
    acme = {"id": 1, "name": "Acme", "group": "Readers", "default": True}
    beta = {"id": 2, "name": "Beta", "group": "Owners", "default": False}
    assert stage.reader.get(f"{PATH}s").json() == {"items": [acme]}
    assert stage.roaming(stage.reader).get(f"{PATH}s").json() == {"items": [acme, beta]}

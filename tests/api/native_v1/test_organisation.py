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

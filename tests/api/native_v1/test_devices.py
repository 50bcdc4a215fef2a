"""`GET /api/v1/devices`."""

from tests.api.native_v1.samples import opened
from tests.stage import Stage

PATH = "/api/v1/devices"


def test_they_are_told_as_they_were_first_seen_in_pages(stage_on_each: Stage) -> None:
    for device in ({"guid": "b", "name": "desk-1"}, {"guid": "a"}, {"guid": "b", "name": "desk-2"}):
        opened(stage_on_each.recorder, device=device)
    first = stage_on_each.reader.get(PATH, params={"limit": 1}).json()
    assert first["items"] == [{"guid": "b", "name": "desk-2"}]
    assert stage_on_each.reader.get(PATH, params={"cursor": first["next"]}).json() == {"items": [{"guid": "a"}]}


def test_another_organisation_has_its_own(stage: Stage) -> None:
    opened(stage.recorder, device={"guid": "a"})
    assert stage.stranger.get(PATH).json() == {"items": []}


def test_somebody_narrowed_may_not_know_them(stage: Stage) -> None:
    assert stage.clerk.get(PATH).status_code == 403


def test_one_is_told_by_its_guid(stage_on_each: Stage) -> None:
    opened(stage_on_each.recorder, device={"guid": "b 1", "name": "desk-1"})
    assert stage_on_each.reader.get(f"{PATH}/b%201").json() == {"guid": "b 1", "name": "desk-1"}
    assert stage_on_each.reader.get(f"{PATH}/c").status_code == 404

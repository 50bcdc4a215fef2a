"""`GET /api/v1/people`."""

from tests.api.native_v1.samples import opened
from tests.stage import Stage

PATH = "/api/v1/people"


def test_they_are_told_by_number_in_pages(stage_on_each: Stage) -> None:
    for login in ("bob", "anna"):
        opened(stage_on_each.recorder, login)
    first = stage_on_each.reader.get(PATH, params={"limit": 2}).json()
    assert first["items"] == [{"userId": 1, "login": "clerk"}, {"userId": 2, "login": "bob"}]
    second = stage_on_each.reader.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert second == {"items": [{"userId": 3, "login": "anna"}]}


def test_somebody_narrowed_knows_only_themselves(stage: Stage) -> None:
    opened(stage.recorder, "anna")
    assert stage.clerk.get(PATH).json() == {"items": [{"userId": 1, "login": "clerk"}]}


def test_a_cursor_of_another_list_is_refused(stage: Stage) -> None:
    for login in ("anna", "bob"):
        opened(stage.recorder, login, device={"guid": login})
    cursor = stage.reader.get("/api/v1/devices", params={"limit": 1}).json()["next"]
    assert stage.reader.get(PATH, params={"cursor": cursor}).status_code == 400

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


def test_one_of_them_is_told_by_number(stage: Stage) -> None:
    opened(stage.recorder, "anna")
    assert stage.reader.get(f"{PATH}/2").json() == {"userId": 2, "login": "anna"}
    assert stage.clerk.get(f"{PATH}/1").json() == {"userId": 1, "login": "clerk"}


def test_whoever_the_caller_may_not_know_is_unknown(stage: Stage) -> None:
    opened(stage.recorder, "anna")
    for number in ("0", "3", "x", "9" * 30, "-1"):
        assert stage.reader.get(f"{PATH}/{number}").status_code == 404, number
    for persona, status in ((stage.clerk, 404), (stage.stranger, 404), (stage.outsider, 403), (stage.nobody, 401)):
        assert persona.get(f"{PATH}/2").status_code == status

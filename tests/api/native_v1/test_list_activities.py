"""`GET /api/v1/sessions/{id}/activities`."""

from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened, problem
from tests.stage import Persona, Stage


def all_of(persona: Persona, path: str, **params: str | int) -> list[list[dict[str, object]]]:
    """All pages of a list."""
    pages = []
    while True:
        told = persona.get(path, params=params).json()
        pages.append(told["items"])
        if "next" not in told:
            return pages
        params["cursor"] = told["next"]


def test_they_are_told_in_order_of_time_whenever_they_came(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"))
    path = f"{SESSIONS}/{number}/activities"
    for clock in ("11:00:00", "10:00:00", "10:30:00", "10:30:00"):
        stage_on_each.recorder.post(path, json=[activity(on_day(clock))])

    pages = all_of(stage_on_each.reader, path, limit=3)

    assert [[(done["at"], done["seq"]) for done in page] for page in pages] == [
        [(on_day("10:00:00"), 2), (on_day("10:30:00"), 3), (on_day("10:30:00"), 4)],
        [(on_day("11:00:00"), 1)],
    ]


def test_they_are_told_from_the_last_one_back(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, activities=[activity()] * 3)
    pages = all_of(stage_on_each.reader, f"{SESSIONS}/{number}/activities", limit=2, order="newest")
    assert [[done["seq"] for done in page] for page in pages] == [[3, 2], [1]]


def test_a_page_that_is_just_full_has_no_next(stage: Stage) -> None:
    number = opened(stage.recorder, activities=[activity(), activity()])
    assert "next" not in stage.reader.get(f"{SESSIONS}/{number}/activities", params={"limit": 2}).json()


def test_none_at_all_are_an_empty_list(stage: Stage) -> None:
    number = opened(stage.recorder)
    assert stage.reader.get(f"{SESSIONS}/{number}/activities").json() == {"items": []}


def test_a_cursor_belongs_to_its_session_and_its_caller(stage: Stage) -> None:
    first, second = (opened(stage.recorder, activities=[activity()] * 3) for _ in range(2))
    cursor = stage.reader.get(f"{SESSIONS}/{first}/activities", params={"limit": 1}).json()["next"]

    told = stage.reader.get(f"{SESSIONS}/{second}/activities", params={"cursor": cursor})

    reason = "cursor must be the one of a page before, with the same filter and order"
    assert told.json() == problem("invalid", 400, reason, parameter="cursor")
    again = stage.recorder.get(f"{SESSIONS}/{first}/activities", params={"cursor": cursor})
    assert [done["seq"] for done in again.json()["items"]] == [2, 3]


def test_an_unknown_session_has_none(stage: Stage) -> None:
    assert stage.reader.get(f"{SESSIONS}/1/activities").status_code == 404


def test_a_limit_is_a_number_from_1_to_1000(stage: Stage) -> None:
    number = opened(stage.recorder)
    for limit in ("-1", "0", "1001", "ten", ""):
        response = stage.reader.get(f"{SESSIONS}/{number}/activities", params={"limit": limit})
        assert response.json() == problem("invalid", 400, "limit must be a number from 1 to 1000", parameter="limit")

"""POST /v2/activitySessions."""

from typing import Any

import pytest

from tests.api.activity_v2.care_desk import SESSIONS, message, one, opened, page
from tests.stage import ACME, BETA, Stage


def test_it_opens_a_session_and_tells_all_of_it(stage_on_each: Stage) -> None:
    told = stage_on_each.recorder.post(SESSIONS, json={"userId": 75001234, "module": "CARE_DESK"})
    assert told.status_code == 200
    assert told.json() == {
        "sessionId": 1,
        "userId": 75001234,
        "orgId": ACME,
        "module": "CARE_DESK",
        "sessionStartTime": "2026-11-23T12:04:05Z",
        "sessionStatus": "ACTIVE",
        "autoUpdateTime": "2026-11-23T12:04:05Z",
        "warnings": [],
    }


def test_it_can_be_read_back_at_once(stage_on_each: Stage) -> None:
    session = opened(stage_on_each.recorder)
    told = one(stage_on_each.reader, session)
    assert (told["sessionStatus"], told["activities"], told["activitySessionDetails"]) == ("ACTIVE", [], [])


def test_it_numbers_the_sessions_of_each_organisation_from_one(stage_on_each: Stage) -> None:
    acme = [opened(stage_on_each.owner) for _ in range(3)]
    beta = [opened(stage_on_each.stranger) for _ in range(2)]
    assert (acme, beta) == ([1, 2, 3], [1, 2])
    assert {session["orgId"] for session in page(stage_on_each.stranger)["data"]} == {BETA}


def test_it_takes_the_user_as_a_number_or_as_its_text(stage_on_each: Stage) -> None:
    for user in (17, "17", " 17 "):
        assert one(stage_on_each.owner, opened(stage_on_each.owner, user))["userId"] == 17


def test_it_gives_a_login_name_a_number_and_knows_it_again(stage_on_each: Stage) -> None:
    users = [one(stage_on_each.owner, opened(stage_on_each.owner, login))["userId"] for login in ("anna", "bo", "anna")]
    assert users[0] == users[2] != users[1]
    assert all(user > 0 for user in users)


def test_a_login_name_never_gets_the_number_of_somebody_else(stage_on_each: Stage) -> None:
    taken = {one(stage_on_each.owner, opened(stage_on_each.owner, user))["userId"] for user in (1, 2, 3)}
    assert one(stage_on_each.owner, opened(stage_on_each.owner, "anna"))["userId"] not in taken


def test_the_same_login_name_is_somebody_else_in_another_organisation(stage_on_each: Stage) -> None:
    for user in (1, 2, 3):
        opened(stage_on_each.owner, user)
    opened(stage_on_each.owner, "anna")
    assert one(stage_on_each.stranger, opened(stage_on_each.stranger, "anna"))["userId"] == 1


def test_one_user_may_have_several_sessions_at_once(stage_on_each: Stage) -> None:
    first, second = opened(stage_on_each.owner, 7), opened(stage_on_each.owner, 7)
    assert {one(stage_on_each.owner, number)["sessionStatus"] for number in (first, second)} == {"ACTIVE"}


def test_it_trims_the_module(stage_on_each: Stage) -> None:
    assert one(stage_on_each.owner, opened(stage_on_each.owner, module=" \t CARE DESK\n"))["module"] == "CARE DESK"


def test_it_keeps_a_module_of_up_to_255_characters(stage_on_each: Stage) -> None:
    for module in ("x", "x" * 255, "  " + "x" * 255 + "  ", "Zürich 東京 🧭", "a\u2028b"):
        session = opened(stage_on_each.owner, module=module)
        assert one(stage_on_each.owner, session)["module"] == module.strip()


def test_what_it_does_not_know_is_ignored(stage: Stage) -> None:
    told = stage.owner.post(SESSIONS, json={"userId": 7, "module": "CARE_DESK", "sessionId": 99, "more": {"a": [1]}})
    assert told.json()["sessionId"] == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"module": "CARE_DESK"}, "Field userId is mandatory"),
        ({"userId": 7}, "Field module is mandatory"),
        ({}, "Field userId is mandatory"),
        ({"userId": None, "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": True, "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": 1.5, "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": [7], "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": 0, "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": 2**31, "module": "x"}, "must be a number from 1 to 2147483647 or a text"),
        ({"userId": "0", "module": "x"}, "must be a number from 1 to 2147483647"),
        ({"userId": "2147483648", "module": "x"}, "must be a number from 1 to 2147483647"),
        ({"userId": "", "module": "x"}, "must not be empty"),
        ({"userId": " \n", "module": "x"}, "must not be empty"),
        ({"userId": "x" * 256, "module": "x"}, "must not be longer than 255 characters"),
        ({"userId": "a\0b", "module": "x"}, "must not contain the character U+0000"),
        ({"userId": 7, "module": 5}, "must be a text"),
        ({"userId": 7, "module": None}, "must be a text"),
        ({"userId": 7, "module": "  "}, "must not be empty"),
        ({"userId": 7, "module": "x" * 256}, "must not be longer than 255 characters"),
        ({"userId": 7, "module": "\0"}, "must not contain the character U+0000"),
    ],
)
def test_it_refuses_what_breaks_a_rule_and_names_the_field(quiet_stage: Stage, body: dict[str, Any], told: str) -> None:
    before = quiet_stage.dump()
    text = message(quiet_stage.owner.post(SESSIONS, json=body), 400)
    field = "module" if body.get("userId") == 7 else "userId"
    assert text in (told, f"Field {field} {told}")
    assert quiet_stage.dump() == before


def test_somebody_who_sees_their_own_sessions_alone_opens_no_other(stage_on_each: Stage) -> None:
    stage = stage_on_each
    opened(stage.clerk, "clerk")
    before = stage.dump()
    assert message(stage.clerk.post(SESSIONS, json={"userId": "anna", "module": "x"}), 403)
    assert message(stage.clerk.post(SESSIONS, json={"userId": 4711, "module": "x"}), 403)
    assert stage.dump() == before

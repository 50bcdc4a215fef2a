"""`GET /api/v1/sessions/{id}/rhythm`."""

from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened, problem
from tests.stage import Stage


def test_it_tells_how_a_session_went_by(stage_on_each: Stage) -> None:
    done = [activity(on_day(f"10:{minute}:00")) for minute in ("00", "01", "59")]
    number = opened(stage_on_each.recorder, startedAt=on_day("10:00:00"), endedAt=on_day("11:00:00"), activities=done)
    told = stage_on_each.reader.get(f"{SESSIONS}/{number}/rhythm", params={"parts": 10}).json()
    assert told["items"] == [
        {"count": 2, "firstAt": on_day("10:00:00"), "lastAt": on_day("10:01:00")},
        {"count": 1, "firstAt": on_day("10:59:00"), "lastAt": on_day("10:59:00")},
    ]


def test_the_parts_are_bounded(stage: Stage) -> None:
    told = stage.reader.get(f"{SESSIONS}/{opened(stage.recorder)}/rhythm", params={"parts": 1001})
    assert told.json() == problem("invalid", 400, "parts must be a number from 1 to 1000", parameter="parts")


def test_what_is_anothers_is_unknown(stage: Stage) -> None:
    number = opened(stage.recorder)
    for persona, status in ((stage.stranger, 404), (stage.clerk, 404), (stage.outsider, 403), (stage.nobody, 401)):
        assert persona.get(f"{SESSIONS}/{number}/rhythm").status_code == status

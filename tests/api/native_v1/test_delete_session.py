"""`DELETE /api/v1/sessions/{id}`."""

from tests.api.native_v1.samples import SESSIONS, activity, opened
from tests.stage import Stage

_MOVED = {"counter", "person", "token", "device"}
"""Tables that remember more than sessions: numbers are not given out again, people stay known."""


def test_nothing_is_left_of_it(stage_on_each: Stage) -> None:
    before = stage_on_each.dump()
    number = opened(stage_on_each.owner, activities=[activity(note="a word")], remarks=[{"reason": "Other"}])

    response = stage_on_each.owner.delete(f"{SESSIONS}/{number}")

    assert (response.status_code, response.content) == (204, b"")
    assert stage_on_each.owner.get(f"{SESSIONS}/{number}").status_code == 404
    after = stage_on_each.dump()
    assert {name: rows for name, rows in after.items() if name not in _MOVED} == {
        name: rows for name, rows in before.items() if name not in _MOVED
    }


def test_a_second_time_it_is_unknown(stage: Stage) -> None:
    number = opened(stage.owner)
    stage.owner.delete(f"{SESSIONS}/{number}")
    assert stage.owner.delete(f"{SESSIONS}/{number}").status_code == 404


def test_a_retry_with_the_same_key_is_told_the_same(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.owner)
    key = {"Idempotency-Key": "once"}
    told = [stage_on_each.owner.delete(f"{SESSIONS}/{number}", headers=key).status_code for _ in range(2)]
    assert told == [204, 204]


def test_it_takes_somebody_who_administers(stage: Stage) -> None:
    number = opened(stage.recorder, "clerk")
    for persona in (stage.recorder, stage.clerk, stage.reader, stage.outsider):
        assert persona.delete(f"{SESSIONS}/{number}").status_code == 403
    assert stage.owner.get(f"{SESSIONS}/{number}").status_code == 200

"""The rate limit of an organisation, and of an address that fails to say who it is."""

from tests.api.endpoint_v6.agents import SESSIONS
from tests.stage import ACME, Stage

HEADERS = ("X-Organization-Rate-Limit-Limit", "X-Organization-Rate-Limit-Remaining", "X-Organization-Rate-Limit-Reset")
NEXT_MINUTE = 1_795_435_500


def test_every_counted_answer_and_the_429_tell_where_the_organisation_stands(stage: Stage) -> None:
    stage.core.registry.change_organisation(ACME, rate_limit=3)
    told = [stage.reader.get(path) for path in (SESSIONS, f"{SESSIONS}?window=5y", "/v6/account-groups", SESSIONS)]
    assert [answer.status_code for answer in told] == [200, 400, 200, 429]
    assert [[answer.headers[name] for name in HEADERS] for answer in told] == [
        ["3", "2", str(NEXT_MINUTE)],
        ["3", "1", str(NEXT_MINUTE)],
        ["3", "0", str(NEXT_MINUTE)],
        ["3", "0", str(NEXT_MINUTE)],
    ]
    assert told[-1].headers["Retry-After"] == "55"
    assert told[-1].json()["errorMessage"].startswith("429 Too Many Requests: ")


def test_the_limit_is_the_organisations_and_turns_with_the_minute(stage: Stage) -> None:
    stage.core.registry.change_organisation(ACME, rate_limit=1)
    assert [stage.reader.get(SESSIONS).status_code, stage.owner.get(SESSIONS).status_code] == [200, 429]
    assert stage.stranger.get(SESSIONS).status_code == 200
    stage.clock.advance(60)
    assert stage.owner.get(SESSIONS).status_code == 200


def test_the_usual_limit_is_240_a_minute(stage: Stage) -> None:
    assert stage.reader.get(SESSIONS).headers[HEADERS[0]] == "240"


def test_status_is_not_counted(stage: Stage) -> None:
    answer = stage.nobody.get("/v6/status")
    assert answer.json() == {"timestamp": stage.clock.now // 1000}
    assert HEADERS[0] not in answer.headers


def test_a_hundred_failures_close_the_door_to_an_address_until_the_minute_turns(stage: Stage) -> None:
    wrong = stage.nobody.bearing(authorization="Bearer wrong")
    assert {wrong.get(SESSIONS).status_code for _ in range(100)} == {401}
    assert wrong.get(SESSIONS).status_code == 429
    assert stage.reader.get(SESSIONS).status_code == 429
    stage.clock.advance(60)
    assert stage.reader.get(SESSIONS).status_code == 200


def test_answers_are_not_to_be_kept_or_guessed_at(stage: Stage) -> None:
    for caller in (stage.reader, stage.nobody):
        answer = caller.get(SESSIONS)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

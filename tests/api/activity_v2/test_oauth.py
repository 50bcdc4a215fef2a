"""POST /v3/oauth/token/generate, and what the bought token opens."""

from typing import Any

import httpx
import pytest

from sojourn.core.access import Level, Resource
from sojourn.core.registry import ACCESS_LIFE
from tests.api.activity_v2.care_desk import SESSIONS, message, opened
from tests.stage import ACME, Persona, Stage, staged

GENERATE = "/v3/oauth/token/generate"


def buy(stage: Stage, persona: Persona, **more: Any) -> httpx.Response:
    """Ask for a token with a persona's client credentials."""
    return stage.nobody.post(GENERATE, json={"key": persona.client_key, "secret": persona.secret} | more)


def bought(stage: Stage, persona: Persona) -> Persona:
    """The persona, calling with a bought token."""
    token = buy(stage, persona).json()["data"]["accessToken"]
    return persona.bearing(x_cap_api_oauth_token=token)


def refusal(told: httpx.Response, status: int) -> tuple[int, str]:
    """The code and message in the envelope of this path."""
    assert told.status_code == status, told.text
    assert list(told.json()) == ["data", "errors"]
    assert told.json()["data"] is None
    (error,) = told.json()["errors"]
    assert list(error) == ["code", "message"]
    return error["code"], error["message"]


def test_a_key_and_its_secret_buy_a_token_for_five_minutes(stage_on_each: Stage) -> None:
    told = buy(stage_on_each, stage_on_each.recorder)
    assert told.status_code == 200
    token = told.json()["data"]["accessToken"]
    assert told.json() == {"data": {"accessToken": token, "ttlSeconds": 300}, "errors": None}
    assert len(token) >= 43
    assert told.headers["cache-control"] == "no-store"


def test_the_token_opens_what_its_parent_opens(stage_on_each: Stage) -> None:
    stage = stage_on_each
    recorder, reader = bought(stage, stage.recorder), bought(stage, stage.reader)
    opened(recorder)
    assert reader.get(SESSIONS).status_code == 200
    assert message(reader.post(SESSIONS, json={"userId": 7, "module": "x"}), 403) == "Not authorized. Access is denied!"


def test_the_token_is_over_after_its_time(stage_on_each: Stage) -> None:
    stage = stage_on_each
    recorder = bought(stage, stage.recorder)
    stage.clock.advance(ACCESS_LIFE - 1)
    assert recorder.get(SESSIONS).status_code == 200
    stage.clock.advance(1)
    assert message(recorder.get(SESSIONS), 401).startswith("Authentication failed.")
    assert stage.recorder.get(SESSIONS).status_code == 200


def test_the_token_ends_with_its_parent(stage_on_each: Stage) -> None:
    stage = stage_on_each
    recorder = bought(stage, stage.recorder)
    assert recorder.get(SESSIONS).status_code == 200
    stage.core.registry.revoke(ACME, stage.recorder.token)
    assert message(recorder.get(SESSIONS), 401)
    assert refusal(buy(stage, stage.recorder), 401) == (320001, "Invalid client key and secret")


def test_a_token_lives_no_longer_than_the_one_it_was_bought_with(stage_on_each: Stage) -> None:
    stage = stage_on_each
    issued = stage.core.registry.add_token(ACME, stage.recorder.email, "short", life=120)
    credentials = {"key": issued.token.client_key, "secret": issued.secret}
    stage.clock.advance(20)
    told = stage.nobody.post(GENERATE, json=credentials).json()["data"]
    assert told["ttlSeconds"] == 100
    recorder = stage.recorder.bearing(x_cap_api_oauth_token=told["accessToken"])
    stage.clock.advance(99)
    assert recorder.get(SESSIONS).status_code == 200
    stage.clock.advance(1)
    assert message(recorder.get(SESSIONS), 401)
    assert refusal(stage.nobody.post(GENERATE, json=credentials), 401)


def test_a_bought_token_buys_no_other(stage: Stage) -> None:
    token = buy(stage, stage.recorder).json()["data"]["accessToken"]
    assert refusal(buy(stage, stage.recorder, secret=token), 401) == (320001, "Invalid client key and secret")


def test_every_purchase_is_another_token(stage: Stage) -> None:
    assert bought(stage, stage.recorder).headers != bought(stage, stage.recorder).headers


def test_a_change_of_the_access_group_acts_on_bought_tokens_at_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    recorder = bought(stage, stage.recorder)
    opened(recorder)
    stage.core.registry.set_group(ACME, "Recorders", {Resource.ACTIVITY_SESSIONS: Level.NONE})
    assert message(recorder.get(SESSIONS), 403) == "Not authorized. Access is denied!"


def test_a_bought_token_outlives_a_restart(database_url: str) -> None:
    with staged(database_url) as first:
        recorder, people = bought(first, first.recorder), first.people
    with staged(database_url, first.clock) as second:
        second.take({**people, "bought": recorder})
        assert second.people["bought"].get(SESSIONS).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "0" * 24},
        {"secret": "wrong"},
        {"key": ""},
        {"secret": ""},
        {"key": "a\0b"},
        {"secret": "a\0b"},
        {"key": "🧭" * 1000},
    ],
)
def test_a_key_and_a_secret_that_do_not_belong_together_buy_nothing(quiet_stage: Stage, wrong: dict[str, str]) -> None:
    before = quiet_stage.dump()
    told = buy(quiet_stage, quiet_stage.recorder, **wrong)
    assert refusal(told, 401) == (320001, "Invalid client key and secret")
    assert quiet_stage.dump() == before


def test_the_secret_of_another_buys_nothing(quiet_stage: Stage) -> None:
    told = buy(quiet_stage, quiet_stage.recorder, secret=quiet_stage.reader.secret)
    assert refusal(told, 401) == (320001, "Invalid client key and secret")


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        (b"", 4003, "The body is empty; it must be JSON"),
        (b"not json", 4003, "The body is not JSON: invalid character (byte 4)"),
        (b"[]", 4003, "The body must be an object"),
        (b'{"secret":"s"}', 4004, "Field key is mandatory"),
        (b'{"key":"k"}', 4004, "Field secret is mandatory"),
        (b'{"key":1,"secret":"s"}', 4003, "Field key must be a text"),
        (b'{"key":"k","secret":null}', 4003, "Field secret must be a text"),
        (b'{"key":"k","key":"k","secret":"s"}', 4003, "Field key must not stand twice in an object"),
    ],
)
def test_a_bad_body_is_refused_in_the_envelope_of_this_path(
    quiet_stage: Stage, body: bytes, code: int, told: str
) -> None:
    headers = {"Content-Type": "application/json"}
    assert refusal(quiet_stage.nobody.post(GENERATE, content=body, headers=headers), 400) == (code, told)


def test_other_refusals_too_are_in_the_envelope_of_this_path(quiet_stage: Stage) -> None:
    nobody = quiet_stage.nobody
    assert refusal(nobody.get(GENERATE), 405) == (4009, "This path does not take this method")
    assert nobody.get(GENERATE).headers["allow"] == "POST"
    assert refusal(nobody.get("/v3/oauth/nothing"), 404) == (4009, "There is nothing at this path")
    told = nobody.post(GENERATE, content=b"key=k", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert refusal(told, 415)[0] == 4011
    huge = {"key": "k" * 5_000_000, "secret": "s"}
    assert refusal(nobody.post(GENERATE, json=huge), 413)[0] == 4010

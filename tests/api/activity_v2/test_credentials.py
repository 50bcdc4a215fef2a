"""All ways to say who one is, and that what changes about it acts at once."""

import pytest

from sojourn.core.access import Level, Resource
from sojourn.services import services
from tests.api.activity_v2.care_desk import SESSIONS, message, numbers, opened, refusal
from tests.stage import ACME, BETA, Persona, Stage, basic, basic_md5, staged

FAILED = (4002, "Authentication failed. Please check username and password.")
DENIED = (4000, "Not authorized. Access is denied!")
VECTOR = "c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"
"""The published example: the user store.server with the secret server123."""


def enters(persona: Persona, **headers: str) -> int:
    """The status of a request with these headers alone."""
    return persona.bearing(**headers).get(SESSIONS).status_code


def test_the_published_example_of_basic_credentials_is_spelled_alike() -> None:
    assert basic_md5("store.server", "server123") == f"Basic {VECTOR}"


def test_the_published_example_of_basic_credentials_opens_the_door(stage_on_each: Stage) -> None:
    registry = stage_on_each.core.registry
    registry.add_member(ACME, "store.server", "Readers")
    registry.add_token(ACME, "store.server", "till", secret="server123")
    assert enters(stage_on_each.nobody, authorization=f"Basic {VECTOR}") == 200


def test_every_way_to_show_a_token_opens_the_door(stage_on_each: Stage) -> None:
    reader = stage_on_each.reader
    ways = {
        "bearer": {"authorization": f"Bearer {reader.secret}"},
        "scheme in small letters": {"authorization": f"bearer {reader.secret}"},
        "user and token": {"authorization": basic(reader.email, reader.secret)},
        "user in capitals": {"authorization": basic(reader.email.upper(), reader.secret)},
        "client key and token": {"authorization": basic(reader.client_key, reader.secret)},
        "user and MD5": {"authorization": basic_md5(reader.email, reader.secret)},
        "client key and MD5": {"authorization": basic_md5(reader.client_key, reader.secret)},
        "ApiKey": {"apikey": reader.secret},
        "ApiKey as scheme": {"authorization": f"ApiKey {reader.secret}"},
        "OAuth": {"x_cap_api_oauth_token": reader.secret},
    }
    assert {way: enters(reader, **headers) for way, headers in ways.items()} == dict.fromkeys(ways, 200)


def test_no_other_way_does(quiet_stage: Stage) -> None:
    reader, other = quiet_stage.reader, quiet_stage.recorder
    ways = {
        "nothing": {},
        "an empty header": {"authorization": ""},
        "a scheme alone": {"authorization": "Bearer"},
        "a scheme and blanks": {"authorization": "Bearer    "},
        "a wrong token": {"authorization": "Bearer wrong"},
        "half a token": {"authorization": f"Bearer {reader.secret[:-1]}"},
        "a token and more": {"authorization": f"Bearer {reader.secret}x"},
        "another's name": {"authorization": basic(other.email, reader.secret)},
        "another's name and the MD5": {"authorization": basic_md5(other.email, reader.secret)},
        "another's client key": {"authorization": basic(other.client_key, reader.secret)},
        "no name": {"authorization": basic("", reader.secret)},
        "no token": {"authorization": basic(reader.email, "")},
        "no colon": {"authorization": "Basic cmVhZGVy"},
        "no base64": {"authorization": "Basic ***"},
        "no text": {"authorization": "Basic /////w=="},
        "an unknown scheme": {"authorization": f'Digest username="{reader.email}"'},
        "a very long token": {"authorization": f"Bearer {'x' * 5000}"},
        "a very long key": {"apikey": "x" * 5000},
        "a client key alone": {"apikey": reader.client_key},
        "U+0000": {"authorization": basic(reader.email, "a\0b")},
    }
    before = quiet_stage.dump()
    for way, headers in ways.items():
        told = reader.bearing(**headers).get(SESSIONS)
        assert refusal(told, 401) == FAILED, way
        assert told.headers["www-authenticate"] == 'Basic realm="Sojourn"'
    assert quiet_stage.dump() == before


def test_a_token_with_an_end_is_over_at_that_moment(stage_on_each: Stage) -> None:
    stage = stage_on_each
    issued = stage.core.registry.add_token(ACME, stage.reader.email, "for an hour", life=3600)
    reader = stage.reader.bearing(apikey=issued.secret)
    stage.clock.advance(3599)
    assert reader.get(SESSIONS).status_code == 200
    stage.clock.advance(1)
    assert refusal(reader.get(SESSIONS), 401) == FAILED


def test_a_revoked_token_is_over_at_once_and_others_go_on(stage_on_each: Stage) -> None:
    stage = stage_on_each
    second = stage.core.registry.add_token(ACME, stage.reader.email, "second")
    assert stage.reader.get(SESSIONS).status_code == 200
    stage.core.registry.revoke(ACME, stage.reader.token)
    assert refusal(stage.reader.get(SESSIONS), 401) == FAILED
    assert enters(stage.reader, apikey=second.secret) == 200


@pytest.mark.parametrize("level", [Level.NONE, Level.READ])
def test_a_change_of_the_access_group_acts_at_once(stage_on_each: Stage, level: Level) -> None:
    stage = stage_on_each
    opened(stage.recorder)
    stage.core.registry.set_group(ACME, "Recorders", {Resource.ACTIVITY_SESSIONS: level})
    before = stage.dump()
    assert refusal(stage.recorder.post(SESSIONS, json={"userId": 7, "module": "x"}), 403) == DENIED
    assert stage.recorder.get(SESSIONS).status_code == (200 if level else 403)
    assert stage.dump() == before
    stage.core.registry.set_group(ACME, "Recorders", {Resource.ACTIVITY_SESSIONS: Level.WRITE})
    opened(stage.recorder)


def test_a_change_in_another_process_acts_at_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    opened(stage.recorder)
    assert stage.reader.get(SESSIONS).status_code == 200
    other = services(stage.settings, stage.clock)  # as another process has it: it shares the database alone
    try:
        other.registry.set_group(ACME, "Recorders", {Resource.ACTIVITY_SESSIONS: Level.READ})
        other.registry.revoke(ACME, stage.reader.token)
    finally:
        other.close()
    assert refusal(stage.recorder.post(SESSIONS, json={"userId": 7, "module": "x"}), 403) == DENIED
    assert stage.recorder.get(SESSIONS).status_code == 200
    assert refusal(stage.reader.get(SESSIONS), 401) == FAILED


def test_who_leaves_an_organisation_is_out_at_once(stage_on_each: Stage) -> None:
    stage = stage_on_each
    assert stage.reader.get(SESSIONS).status_code == 200
    stage.core.registry.remove_member(ACME, stage.reader.email)
    assert refusal(stage.reader.get(SESSIONS), 401) == FAILED


def test_who_works_in_two_organisations_chooses(stage_on_each: Stage) -> None:
    stage = stage_on_each
    stage.core.registry.add_member(BETA, stage.recorder.email, "Recorders")
    here, there = opened(stage.recorder), opened(stage.stranger)
    opened(stage.stranger)
    recorder = stage.roaming(stage.recorder)
    assert numbers(recorder) == [here]
    chosen = recorder.get(SESSIONS, headers={"X-Organisation": str(BETA)})
    assert [s["orgId"] for s in chosen.json()["data"]] == [BETA, BETA]
    assert chosen.json()["data"][1]["sessionId"] == there


def test_a_token_that_one_organisation_made_opens_no_other(stage_on_each: Stage) -> None:
    """Whoever administers Beta makes themselves a token of a member that Acme has too: it must not open Acme."""
    stage = stage_on_each
    opened(stage.owner)
    stage.core.registry.add_member(BETA, stage.owner.email, "Readers")
    taken = stage.core.registry.add_token(BETA, stage.owner.email, "taken").secret
    for headers in (
        {"Authorization": f"Bearer {taken}"},
        {"Authorization": basic(stage.owner.email, taken)},
        {"ApiKey": taken},
    ):
        told = stage.nobody.get(SESSIONS, headers={**headers, "X-Organisation": str(ACME)})
        assert refusal(told, 404) == (4005, f"There is no organisation {ACME}")
        assert stage.nobody.get(SESSIONS, headers=headers).json()["data"] == []


def test_an_organisation_that_one_does_not_belong_to_is_unknown(stage_on_each: Stage) -> None:
    for number in (BETA, 4711):
        told = stage_on_each.recorder.get(SESSIONS, headers={"X-Organisation": str(number)})
        assert refusal(told, 404) == (4005, f"There is no organisation {number}")


@pytest.mark.parametrize("number", ["abc", "-1", "1.5", "9" * 30])
def test_an_organisation_that_is_no_number_is_refused(quiet_stage: Stage, number: str) -> None:
    told = quiet_stage.recorder.get(SESSIONS, headers={"X-Organisation": number})
    assert message(told, 400) == "Field X-Organisation must be the number of an organisation"


def test_no_secret_is_kept(stage_on_each: Stage) -> None:
    stage = stage_on_each
    kept = repr(stage.dump())
    for persona in stage.people.values():
        if persona.issued:
            assert persona.secret not in kept
            assert persona.client_key in kept


def test_the_last_use_of_a_token_is_kept(database_url: str) -> None:
    with staged(database_url) as first:
        first.clock.advance(60)
        first.reader.get(SESSIONS)
        used = first.clock.now
    with staged(database_url, first.clock) as second:
        tokens = {token.id: token.last_used_at for token in second.core.registry.tokens(ACME)}
    assert tokens[first.reader.token] == used
    assert tokens[first.recorder.token] is None

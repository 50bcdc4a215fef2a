"""Whatever goes wrong at whichever door: one envelope, a stable code, nothing stored."""

import gzip
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from sojourn.api.activity_v2.errors import CODES, wire_field
from sojourn.core import errors as core_errors
from sojourn.core.errors import SojournError
from sojourn.core.provider import Away, NotVouched
from sojourn.web import pause
from sojourn.web.access import AccessUnavailable
from sojourn.web.wire import BODY_BYTES
from tests import postgres
from tests.api.activity_v2.care_desk import ACTIVITY, DETAILS, SESSIONS, message, opened, page, path, refusal
from tests.stage import Stage, staged

WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": ("POST", SESSIONS, {"userId": 7, "module": "CARE_DESK"}),
    "inform": ("PUT", path(1), {"activitySessionDetails": [DETAILS]}),
    "inform by PATCH": ("PATCH", path(1), {"activitySessionDetails": [DETAILS]}),
    "record": ("POST", path(1, "/activities"), {"activities": [ACTIVITY]}),
    "end": ("POST", path(1, "/endSession"), {"activitySessionDetails": [DETAILS]}),
}
READS = {"retrieve": ("GET", SESSIONS), "get": ("GET", path(1))}

every_write = pytest.mark.parametrize("name", WRITES)


def refused(stage: Stage, name: str, body: bytes, status: int, **headers: str) -> tuple[int, str]:
    """What a write answers to these bytes, having stored nothing."""
    method, where, _ = WRITES[name]
    before = stage.dump()
    sent = {"Content-Type": "application/json", **headers}
    told = refusal(stage.recorder.request(method, where, content=body, headers=sent), status)
    assert stage.dump() == before
    return told


# Bad bodies


@every_write
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "The body is not JSON: input data was truncated"),
        (b"userId=7&module=x", "The body is not JSON: invalid character (byte 0)"),
        (b"<xml/>", "The body is not JSON: invalid character (byte 0)"),
        (b"\xff\xfe{\x00}\x00", "The body is not JSON: invalid character (byte 0)"),
        (b'{"note":"\xff"}', "The body is not UTF-8"),
        (b"[]", "The body must be an object"),
        (b"null", "The body must be an object"),
        (b'"text"', "The body must be an object"),
        (b"7", "The body must be an object"),
    ],
)
def test_what_is_no_json_object_is_refused(quiet_stage: Stage, name: str, body: bytes, told: str) -> None:
    code, text = refused(quiet_stage, name, body, 400)
    if body == b'{"note":"\xff"}':  # a mandatory field is missed first
        assert code in (4003, 4004)
    else:
        assert (code, text) == (4003, told)


@every_write
@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e", b"01", b"+1", b".5", b"0x10"])
def test_what_is_no_json_number_is_refused(quiet_stage: Stage, name: str, number: bytes) -> None:
    code, text = refused(quiet_stage, name, spelled(name)[:-1] + b',"more":' + number + b"}", 400)
    assert code == 4003
    assert text.startswith("The body is not JSON: ")


@every_write
def test_what_follows_the_body_is_refused(quiet_stage: Stage, name: str) -> None:
    code, text = refused(quiet_stage, name, spelled(name) + b" {}", 400)
    assert code == 4003
    assert text.startswith("The body is not JSON: trailing characters")


def spelled(name: str) -> bytes:
    """A good body of a write, as bytes."""
    return msgspec.json.encode(WRITES[name][2])


@every_write
def test_a_name_that_stands_twice_is_refused(quiet_stage: Stage, name: str) -> None:
    body = spelled(name)
    first = body[: body.index(b":")].strip(b"{")
    twice = body[:-1] + b"," + first + b":1}"
    code, text = refused(quiet_stage, name, twice, 400)
    assert code == 4003
    if "must not stand twice" not in text:  # the second value was looked at first
        assert first.strip(b'"').decode() in text
    inner = body[:-1] + b',"more":{"a":1,"a":2}}'
    assert refused(quiet_stage, name, inner, 400) == (4003, "Field a must not stand twice in an object")


@every_write
@pytest.mark.parametrize("escape", [b"\\ud800", b"\\udfff", b"\\ud800\\ud800", b"\\ud800x"])
def test_half_a_surrogate_pair_is_refused(quiet_stage: Stage, name: str, escape: bytes) -> None:
    body = spelled(name)[:-1] + b',"more":"' + escape + b'"}'
    told = refused(quiet_stage, name, body, 400)
    assert told == (4003, "The body is not JSON: it holds half of a surrogate pair")


@every_write
@pytest.mark.parametrize("nested", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_what_is_nested_too_deeply_is_refused(quiet_stage: Stage, name: str, nested: bytes) -> None:
    body = spelled(name)[:-1] + b',"more":' + nested + b"}"
    assert refused(quiet_stage, name, body, 400) == (4003, "The body is nested too deeply")


@every_write
def test_an_empty_body_is_refused_where_it_must_say_something(quiet_stage: Stage, name: str) -> None:
    if name == "end":
        return  # which needs no reason
    for empty in (b"", b" \r\n"):
        assert refused(quiet_stage, name, empty, 400) == (4003, "The body is empty; it must be JSON")


@every_write
def test_a_body_over_the_limit_is_refused(quiet_stage: Stage, name: str) -> None:
    body = spelled(name)[:-1] + b',"more":"' + b"x" * BODY_BYTES + b'"}'
    told = (4010, f"The body must not be larger than {BODY_BYTES} bytes")
    assert refused(quiet_stage, name, body, 413) == told


@every_write
def test_a_small_body_that_unpacks_over_the_limit_is_refused(quiet_stage: Stage, name: str) -> None:
    bomb = gzip.compress(spelled(name)[:-1] + b',"more":"' + b"x" * (20 * BODY_BYTES) + b'"}')
    assert len(bomb) < BODY_BYTES / 10
    told = (4010, f"The body must not be larger than {BODY_BYTES} bytes")
    assert refused(quiet_stage, name, bomb, 413, **{"Content-Encoding": "gzip"}) == told


@every_write
def test_a_body_of_another_type_is_refused(quiet_stage: Stage, name: str) -> None:
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"):
        told = refused(quiet_stage, name, spelled(name), 415, **{"Content-Type": kind})
        assert told == (4011, f"The content type {kind} is not supported; send application/json")


@every_write
def test_a_body_in_another_encoding_is_refused(quiet_stage: Stage, name: str) -> None:
    told = refused(quiet_stage, name, spelled(name), 400, **{"Content-Encoding": "br"})
    assert told == (4003, "Field Content-Encoding must be gzip or absent")
    told = refused(quiet_stage, name, spelled(name), 400, **{"Content-Encoding": "gzip"})
    assert told == (4003, "The body is not gzip")


@every_write
def test_a_body_may_be_gzip(stage: Stage, name: str) -> None:
    opened(stage.recorder)
    method, where, _ = WRITES[name]
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip"}
    told = stage.recorder.request(method, where, content=gzip.compress(spelled(name)), headers=headers)
    assert told.status_code == 200


# The router's own refusals


@pytest.mark.parametrize(
    "where", ["/v2", "/v2/", "/v2/nothing", f"{SESSIONS}/", path(1, "/"), path(1, "/more"), path("1/2", "/activities")]
)
def test_a_path_that_is_none_is_refused(quiet_stage: Stage, where: str) -> None:
    for persona in (quiet_stage.recorder, quiet_stage.nobody):
        assert refusal(persona.get(where), 404) == (4009, "There is nothing at this path")


@pytest.mark.parametrize(
    ("where", "allowed"),
    [
        (SESSIONS, "GET, POST"),
        (path(1), "GET, PATCH, PUT"),
        (path(1, "/activities"), "POST"),
        (path(1, "/endSession"), "POST"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_refused_with_those_that_it_does(
    quiet_stage: Stage, where: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - set(allowed.split(", ")):
        told = quiet_stage.recorder.request(method, where)
        assert refusal(told, 405) == (4009, "This path does not take this method")
        assert told.headers["allow"] == allowed


@pytest.mark.parametrize("where", [SESSIONS, path(1)])
def test_head_answers_as_get_does_without_a_body(quiet_stage: Stage, where: str) -> None:
    got, head = quiet_stage.reader.get(where), quiet_stage.reader.request("HEAD", where)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


# What is not the caller's fault


def test_a_fault_of_ours_is_told_as_such_and_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    opened(stage.recorder)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a detail of ours")

    monkeypatch.setattr(stage.core.engine, "read", fail)
    monkeypatch.setattr(stage.core.engine, "write", fail)
    for method, where, body in [*WRITES.values(), *((method, where, None) for method, where in READS.values())]:
        told = stage.recorder.request(method, where, json=body)
        assert refusal(told, 500) == (4014, "The server failed; its log tells more under this request's id")
        assert "detail" not in told.text
        logged = capfd.readouterr().out
        assert told.headers["x-cap-requestid"] in logged
        assert "a detail of ours" in logged


def test_one_request_at_fault_takes_no_other_of_its_transaction_with_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(stage.recorder)
    write = stage.core.recorder.write

    def fail(intents: list[Any]) -> Any:
        if any(draft.entity_id == "13" for intent in intents for draft in intent.activities):
            raise RuntimeError
        return write(intents)

    monkeypatch.setattr(stage.core.recorder, "write", fail)
    waiting = [
        stage.start(
            "POST",
            path(session, "/activities"),
            json={"activities": [{**ACTIVITY, "entityId": str(number)}]},
            headers=stage.recorder.headers,
        )
        for number in range(30)
    ]
    assert [answer.result().status_code for answer in waiting] == [500 if n == 13 else 200 for n in range(30)]
    assert len(page(stage.reader)["data"][0]["activities"]) == 29


def test_too_many_that_wait_are_told_to_come_back(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "SECONDS", 0.01)  # nothing is written meanwhile that could let them go on
    with staged(sqlite_url, queue=10) as stage:
        session = opened(stage.recorder)
        sent = {"json": {"activities": [ACTIVITY]}, "headers": stage.recorder.headers}
        locked, done = threading.Event(), threading.Event()

        def hold() -> None:
            with stage.core.engine.write():
                locked.set()
                done.wait(60)

        holder = threading.Thread(target=hold)
        holder.start()
        locked.wait(60)
        waiting = [stage.start("POST", path(session, "/activities"), **sent) for _ in range(40)]
        early = [answer for answer in waiting if wait_for_refusal(answer)]
        done.set()
        holder.join()
        answers = [answer.result() for answer in waiting]
        busy = [answer for answer in answers if answer.status_code == 503]
        assert len(early) == len(busy) > 0
        for answer in busy:
            assert refusal(answer, 503) == (4012, "Too many requests are waiting to be written")
            assert answer.headers["retry-after"] == "1"
        kept = page(stage.reader)["data"][0]["activities"]
        assert len(kept) == len(answers) - len(busy) > 0


def wait_for_refusal(answer: Any) -> bool:
    """Whether an answer comes while the database is held."""
    try:
        answer.result(timeout=0.5)
    except TimeoutError:
        return False
    return True


@pytest.fixture
def stopped(private_postgres: postgres.PrivateServer) -> Iterator[tuple[Stage, postgres.PrivateServer]]:
    """A stage whose database was stopped under it."""
    with private_postgres.database() as url, staged(url) as stage:
        opened(stage.recorder)
        private_postgres.stop()
        yield stage, private_postgres
        if not running(private_postgres):
            private_postgres.start()


def running(server: postgres.PrivateServer) -> bool:
    return (server._server.pgdata / "postmaster.pid").exists()


def test_a_database_that_cannot_be_reached_is_told_and_service_comes_back_by_itself(
    stopped: tuple[Stage, postgres.PrivateServer],
) -> None:
    stage, server = stopped
    for method, where, body in [WRITES["record"], (*READS["retrieve"], None)]:
        told = stage.recorder.request(method, where, json=body)
        assert refusal(told, 503) == (4001, "Authorization status unavailable!")
        assert int(told.headers["retry-after"]) > 0
    unseen = stage.reader.get(SESSIONS)
    assert refusal(unseen, 503) == (4001, "Authorization status unavailable!")
    assert stage.nobody.get("/healthz").status_code == 200
    ready = stage.nobody.get("/readyz")
    assert (ready.status_code, ready.headers["content-type"]) == (503, "application/problem+json")
    server.start()
    record = stage.recorder.post
    statuses = [record(path(1, "/activities"), json={"activities": [ACTIVITY]}).status_code]
    while statuses[-1] != 200 and len(statuses) < 20:
        statuses.append(record(path(1, "/activities"), json={"activities": [ACTIVITY]}).status_code)
    assert statuses[-1] == 200, statuses
    assert len(page(stage.reader)["data"][0]["activities"]) == 1


# The table of codes


def kinds(root: type[SojournError]) -> set[type[SojournError]]:
    return {root} | {kind for child in root.__subclasses__() for kind in kinds(child)}


def test_every_error_has_a_code() -> None:
    at_the_door = kinds(Away) | kinds(NotVouched)  # these never leave the door of the console
    for kind in kinds(SojournError) - {SojournError} - at_the_door:
        assert any(parent in CODES for parent in kind.__mro__), kind


def test_no_two_errors_share_a_code() -> None:
    assert len(set(CODES.values())) == len(CODES)


def test_the_published_codes_are_what_they_were() -> None:
    assert (CODES[core_errors.Forbidden], CODES[AccessUnavailable]) == (4000, 4001)


def test_a_path_in_core_words_becomes_one_of_the_dialect() -> None:
    assert wire_field("remarks[0].reason") == "activitySessionDetails[0].reason"
    assert wire_field("activities[12].entity_id") == "activities[12].entityId"
    assert wire_field("login") == wire_field("user_id") == "userId"
    assert wire_field("Idempotency-Key") == "Idempotency-Key"


def test_the_message_of_an_error_that_names_no_field_is_the_cores_own(quiet_stage: Stage) -> None:
    assert message(quiet_stage.reader.get(path(4711)), 404) == core_errors.Unknown("session", 4711).message

"""`POST /api/v1/import`."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from sojourn.api.native_v1.imports import AHEAD_BYTES, _Delivery, _Hearing
from sojourn.core.access import Caller
from sojourn.core.errors import Unavailable
from sojourn.core.intent import Open
from sojourn.core.model import WHOLE_LENGTH, PersonDraft
from sojourn.core.registry import Presented
from sojourn.web.access import AccessChanged
from sojourn.web.lines import LINE_BYTES, PIECE_BYTES
from tests.api.native_v1.samples import SESSIONS, activity, on_day, opened
from tests.stage import Persona, Stage, staged

PATH = "/api/v1/import"

WHOLE: dict[str, Any] = {
    "login": "anna",
    "startedAt": on_day("10:00:00"),
    "endedAt": on_day("11:00:00"),
    "activities": [activity(on_day("10:30:00"))],
}


def ndjson(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def told(response: httpx.Response) -> list[dict[str, Any]]:
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson"), response.text
    return [json.loads(line) for line in response.text.splitlines()]


def delivered(persona: Persona, body: bytes, **more: Any) -> list[dict[str, Any]]:
    """The verdicts on the lines of a body."""
    return told(persona.post(PATH, content=body, **more))


def test_each_line_has_a_verdict_of_its_own_in_order(stage_on_each: Stage) -> None:
    body = ndjson(WHOLE, {"login": " "}, {"login": "bob"}, {**WHOLE, "endedAt": on_day("09:00:00")})
    body += b'\n  \r\n{"login": \n' + ndjson({"login": "a", "who": "b"}) + b'{"login": "cleo"}'

    verdicts = delivered(stage_on_each.recorder, body)

    assert [(v["line"], v["status"], v.get("id")) for v in verdicts] == [
        (1, 201, 1),
        (2, 400, None),
        (3, 201, 2),
        (4, 400, None),
        (7, 400, None),
        (8, 400, None),
        (9, 201, 3),
    ]
    assert verdicts[1]["error"] == {
        "type": "urn:sojourn:error:invalid",
        "title": "Invalid",
        "detail": "login must not be empty",
        "errors": [{"detail": "must not be empty", "pointer": "/login"}],
    }
    assert verdicts[3]["error"]["errors"][0]["pointer"] == "/endedAt"
    assert verdicts[5]["error"]["detail"] == "who is not a field of this request"
    session = stage_on_each.reader.get(f"{SESSIONS}/1").json()
    assert (session["login"], session["endedAt"], session["activityCount"]) == ("anna", on_day("11:00:00"), 1)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ({"module": "CARE_DESK"}, "login is mandatory"),
        ({"login": "a", "kind": "visit"}, "kind must be work"),
        ({"login": "a", "device": {"name": "desk"}}, "device.guid is mandatory"),
        ({"login": "a", "activities": [activity(on_day("13:00:00"))]}, "activities[0].at must not be in the future"),
        ({"login": "a", "remarks": [{"reason": "a\0b"}]}, "remarks[0].reason must not contain the character U+0000"),
        (["login", "a"], "The body must be an object"),
    ],
)
def test_a_line_is_refused_by_name(line: Any, detail: str, stage_on_each: Stage) -> None:
    before = stage_on_each.dump()
    (verdict,) = delivered(stage_on_each.recorder, ndjson(line))
    assert (verdict["status"], verdict["error"]["detail"]) == (400, detail)
    assert stage_on_each.dump() == before


def test_nothing_is_answered_with_nothing(stage: Stage) -> None:
    assert delivered(stage.recorder, b"") == []
    assert delivered(stage.recorder, b"\n\n") == []


def test_thousands_of_lines_are_written_hundreds_at_a_time(stage_on_each: Stage) -> None:
    lines = [{"login": f"p{i % 7}", "activities": [activity()]} if i % 10 else {"login": ""} for i in range(3000)]
    verdicts = delivered(stage_on_each.recorder, ndjson(*lines))
    assert [(v["line"], v["status"]) for v in verdicts] == [(i + 1, 201 if i % 10 else 400) for i in range(3000)]
    assert [v["id"] for v in verdicts if "id" in v] == list(range(1, 2701))
    measured = stage_on_each.nobody.get("/metrics").text
    commits = next(line for line in measured.splitlines() if line.startswith("sojourn_commit_seconds_count"))
    assert float(commits.split()[1]) < 30


def test_a_line_with_a_key_is_written_once(stage_on_each: Stage) -> None:
    body = ndjson({**WHOLE, "key": "a"}, WHOLE, {**WHOLE, "key": "a"}, {**WHOLE, "login": "bob", "key": "a"})
    assert [v.get("id", v["status"]) for v in delivered(stage_on_each.recorder, body)] == [1, 2, 1, 422]
    before = stage_on_each.dump()
    assert delivered(stage_on_each.recorder, ndjson({**WHOLE, "key": "a"})) == [{"line": 1, "status": 201, "id": 1}]
    assert stage_on_each.dump() == before
    assert delivered(stage_on_each.owner, ndjson({**WHOLE, "key": "a"}))[0]["id"] == 3


def test_a_whole_call_with_a_key_is_written_once(stage_on_each: Stage) -> None:
    key = {"Idempotency-Key": "k"}
    body = ndjson(WHOLE, {"login": ""}, {**WHOLE, "key": "own"}, WHOLE)
    first = delivered(stage_on_each.recorder, body[: -len(ndjson(WHOLE))], headers=key)  # it broke off
    before = stage_on_each.dump()
    again = delivered(stage_on_each.recorder, body, headers=key)
    assert again[:3] == first
    assert [v.get("id", v["status"]) for v in again] == [1, 400, 2, 3]
    assert delivered(stage_on_each.recorder, body, headers=key) == again
    assert len(stage_on_each.dump()["session"]) == len(before["session"]) + 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ü", "a\n"])
def test_a_key_of_a_line_is_1_to_255_visible_characters(key: str, stage: Stage) -> None:
    (verdict,) = delivered(stage.recorder, ndjson({**WHOLE, "key": key}))
    assert verdict["error"]["detail"] == "key must be 1 to 255 visible characters"


def test_gzip_is_taken_of_one_member_or_several(stage: Stage) -> None:
    first, second = ndjson(WHOLE, WHOLE), ndjson(WHOLE)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
    packed = gzip.compress(first[:40]) + gzip.compress(first[40:] + second)
    assert [v["id"] for v in delivered(stage.recorder, packed, headers=headers)] == [1, 2, 3]


@pytest.mark.parametrize(("cut", "reason"), [(-9, "The body is not whole gzip"), (None, "The body is not gzip")])
def test_a_broken_gzip_ends_the_call_and_keeps_what_came_before(cut: int | None, reason: str, stage: Stage) -> None:
    lines = ndjson(*[{"login": f"person {i}"} for i in range(2000)])
    packed = gzip.compress(lines)[:cut] if cut else gzip.compress(lines) + b"junk"
    verdicts = delivered(stage.recorder, packed, headers={"Content-Encoding": "gzip"})
    assert verdicts[-1]["status"] == 400
    assert verdicts[-1]["error"]["detail"] == reason
    kept = len(stage.dump()["session"])
    assert [v["status"] for v in verdicts[:-1]] == [201] * kept
    assert kept > 0


def test_a_line_that_is_too_long_stops_no_other(stage: Stage) -> None:
    long = ndjson({"login": "x" * LINE_BYTES})
    verdicts = delivered(stage.recorder, ndjson(WHOLE) + long + ndjson(WHOLE))
    assert [v["status"] for v in verdicts] == [201, 413, 201]
    assert verdicts[1]["error"]["detail"] == f"The body must not be larger than {LINE_BYTES} bytes"


def test_a_session_may_bring_more_activities_than_a_call(stage: Stage) -> None:
    many = {"login": "anna", "startedAt": on_day("10:00:00"), "activities": [activity(on_day("11:00:00"))] * 1001}
    over = {**many, "activities": [activity()] * (WHOLE_LENGTH + 1)}
    verdicts = delivered(stage.recorder, ndjson(many, over, WHOLE))
    assert [v["status"] for v in verdicts] == [201, 400, 201]
    assert verdicts[1]["error"]["detail"] == f"activities must be a list of up to {WHOLE_LENGTH} items"
    assert stage.reader.get(f"{SESSIONS}/1").json()["activityCount"] == 1001


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_may_end_and_begin_as_other_systems_do_it(end: bytes, mark: bytes, stage: Stage) -> None:
    body = mark + ndjson(WHOLE, WHOLE).replace(b"\n", end)
    assert [v["status"] for v in delivered(stage.recorder, body)] == [201, 201]


# Numbers


def test_numbers_are_kept_when_moving_between_stores(stage_on_each: Stage) -> None:
    body = ndjson(
        {**WHOLE, "id": 500, "userId": 77},
        {**WHOLE, "id": 501, "userId": 77, "login": "bob"},
        {**WHOLE, "id": 501, "userId": 78},
        {**WHOLE, "id": 500, "userId": 77},
        {**WHOLE, "userId": 77},
        {"id": 502, "userId": 79},
    )
    verdicts = delivered(stage_on_each.owner, body, params={"ids": "keep"})
    assert [v.get("id", v["status"]) for v in verdicts] == [500, 409, 409, 409, 400, 502]
    assert [v["error"]["detail"] for v in verdicts[1:5]] == [
        "There is already a person 77, with the login anna",
        "There is already a person anna, with the number 77",
        "There is already a session 500",
        "id is mandatory",
    ]
    assert opened(stage_on_each.owner, "anna") == 503
    assert stage_on_each.owner.get(f"{SESSIONS}/503").json()["userId"] == 77


def test_numbers_are_given_anew_unless_they_are_to_be_kept(stage_on_each: Stage) -> None:
    verdicts = delivered(stage_on_each.recorder, ndjson({**WHOLE, "id": 500, "userId": 77}, {"id": 9, "userId": 5}))
    assert [v["id"] for v in verdicts] == [1, 2]
    people = [stage_on_each.reader.get(f"{SESSIONS}/{n}").json() for n in (1, 2)]
    assert [(session["userId"], session["login"]) for session in people] == [(2, "anna"), (5, "5")]


# Refused as a whole


@pytest.mark.parametrize(
    ("request_", "status", "place"),
    [
        ({"params": {"ids": "some"}}, 400, {"parameter": "ids"}),
        ({"params": {"dry": "1"}}, 400, {"parameter": "dry"}),
        ({"headers": {"Content-Encoding": "br"}}, 400, {"header": "Content-Encoding"}),
        ({"headers": {"Idempotency-Key": "a b"}}, 400, {"header": "Idempotency-Key"}),
        ({"headers": {"Content-Type": "application/json"}}, 415, None),
        ({"headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 415, None),
    ],
)
def test_a_call_is_refused_before_its_first_line(
    request_: dict[str, Any], status: int, place: dict[str, str] | None, stage: Stage
) -> None:
    before = stage.dump()
    response = stage.recorder.post(PATH, content=ndjson(WHOLE), **request_)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    if place:
        (where,) = response.json()["errors"]
        assert place.items() <= where.items()
    assert stage.dump() == before


# While it comes


def wait_for_sessions(stage: Stage, count: int) -> None:
    while len(stage.dump()["session"]) < count:
        time.sleep(0.01)


def send(stage: Stage, persona: Persona, body: AsyncIterator[bytes], **headers: str) -> list[dict[str, Any]]:
    post = partial(stage.client.post, PATH, content=body, headers={**persona.headers, **headers})
    return told(stage.portal.call(post))


def test_the_first_lines_are_on_disk_while_others_are_still_to_come(stage_on_each: Stage) -> None:
    stage = stage_on_each

    async def body() -> AsyncIterator[bytes]:
        yield ndjson(WHOLE)[:20]
        yield ndjson(WHOLE)[20:]
        await asyncio.to_thread(wait_for_sessions, stage, 1)
        yield ndjson(WHOLE)

    assert [v["id"] for v in send(stage, stage.recorder, body())] == [1, 2]


def test_a_change_of_access_acts_at_once(stage: Stage) -> None:
    registry = stage.core.registry
    changes: list[Callable[[], object]] = [
        partial(registry.add_token, 1, "owner@example.org", "of no matter"),
        partial(registry.revoke, 1, stage.recorder.token),
    ]

    async def body() -> AsyncIterator[bytes]:
        yield ndjson(WHOLE)
        for number, change in enumerate(changes, 1):
            await asyncio.to_thread(wait_for_sessions, stage, number)
            await asyncio.to_thread(change)
            yield ndjson(WHOLE, {"login": ""})

    verdicts = send(stage, stage.recorder, body())
    assert [v["status"] for v in verdicts] == [201, 201, 400, 401, 400]


def test_where_the_store_cannot_be_reached_the_rest_is_told_to_come_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def write(*_: object) -> None:
        asked.append(1)
        raise Unavailable

    monkeypatch.setattr(stage.core.engine, "write", write)
    verdicts = delivered(stage.recorder, ndjson(*[WHOLE] * 1000))
    assert [v["status"] for v in verdicts] == [503] * 1000
    assert verdicts[0]["error"]["detail"] == "The database cannot be reached"
    assert len(asked) == 1


def test_where_access_changes_again_and_again_the_rest_is_told_to_come_back(stage: Stage) -> None:
    class Restless:
        """Whoever it knows, it knows no more."""

        gate = property(lambda self: self)
        asked = 0

        def forget(self) -> None:
            pass

        async def enter(self, *_: object) -> Caller:
            return caller

        async def write_all(self, *_: object) -> None:
            self.asked += 1
            raise AccessChanged

    caller = stage.core.registry.identify(Presented(secret=stage.recorder.secret))
    request = Request({"type": "http", "headers": [], "state": {}})
    delivery = _Delivery(backend := cast(Any, Restless()), request, caller, keep=False)
    intent = Open(scope=caller.scope, person=PersonDraft(id=1))
    verdicts = stage.portal.call(delivery._write, [intent, intent])
    assert [type(verdict) for verdict in verdicts] == [AccessChanged, AccessChanged]
    assert backend.asked == 3


def test_a_small_queue_makes_it_slow_and_refuses_nothing(sqlite_url: str) -> None:
    with staged(sqlite_url, queue=8) as stage:
        headers = {**stage.recorder.headers, "Content-Type": "application/x-ndjson"}
        body = ndjson(*[{"login": "anna", "activities": [activity()] * 3}] * 400)
        calls = [stage.start("POST", PATH, content=body, headers=headers) for _ in range(4)]
        assert {v["status"] for call in calls for v in told(call.result())} == {201}
        assert len(stage.dump()["session"]) == 1600


def asgi(chunks: Sequence[bytes], sent: asyncio.Event) -> tuple[list[bytes], Any]:
    """Somebody who sends chunks, and then says so: those left, and how the server receives them."""
    left = list(chunks)

    async def receive() -> Message:
        await asyncio.sleep(0)
        if len(left) == 1:
            sent.set()
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}
        await asyncio.Event().wait()
        raise AssertionError

    return left, receive


def test_a_client_that_sends_all_before_it_reads_anything_is_served(stage: Stage) -> None:
    lines = [ndjson({"login": ""}) * 200 for _ in range(100)]

    async def run() -> bytes:
        _, receive = asgi(lines, sent := asyncio.Event())
        body: list[bytes] = []

        async def send(message: Message) -> None:
            await sent.wait()  # what is sent to somebody who does not read is stuck
            body.append(message.get("body", b""))

        headers = [(b"authorization", stage.recorder.headers["Authorization"].encode())]
        scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": headers}
        await asyncio.wait_for(stage.app(scope, receive, send), 60)
        return b"".join(body)

    assert len(stage.portal.call(run).splitlines()) == 20_000


def test_a_client_that_goes_away_leaves_what_came_whole(stage: Stage) -> None:
    async def run() -> None:
        messages: list[Message] = [
            {"type": "http.request", "body": ndjson(WHOLE) + b'{"login": "bo', "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            pass

        headers = [(b"authorization", stage.recorder.headers["Authorization"].encode())]
        scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": headers}
        await asyncio.wait_for(stage.app(scope, receive, send), 60)

    stage.portal.call(run)
    assert len(stage.dump()["session"]) == 1


def test_it_hears_no_further_ahead_than_it_may(stage: Stage) -> None:
    chunk = ndjson({"login": "x" * 100}) * 1000

    async def run() -> int:
        left, receive = asgi([chunk] * 100, asyncio.Event())
        scope = {"type": "http", "method": "POST", "path": PATH, "headers": [], "state": {}}
        hearing = _Hearing(Request(scope, receive))
        task = asyncio.create_task(hearing.run())
        before = -1
        while before != len(left):
            before = len(left)
            for _ in range(100):
                await asyncio.sleep(0)
        task.cancel()
        return (100 - len(left)) * len(chunk)

    assert stage.portal.call(run) <= AHEAD_BYTES + PIECE_BYTES + 2 * len(chunk)

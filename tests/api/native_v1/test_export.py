"""`GET /api/v1/export`."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Message

from sojourn.core.access import Scope
from sojourn.core.errors import Unavailable
from sojourn.core.query import SessionQuery
from tests.api.native_v1.samples import NOW, SESSIONS, activity, on_day, opened, problem
from tests.stage import Persona, Stage, staged

PATH = "/api/v1/export"

SECOND_OF_DAY = "2026-11-23T{:02d}:{:02d}:{:02d}.000000Z"


def moments(count: int) -> list[str]:
    """Times from ten o'clock on, a second apart."""
    return [SECOND_OF_DAY.format(10 + i // 3600, i // 60 % 60, i % 60) for i in range(count)]


def populate(stage: Stage) -> None:
    """Sessions with no, one, and more activities than one chunk of an export reads."""
    for count in (0, 1, 101, 2350):
        opened(
            stage.recorder,
            f"person {count}",
            startedAt=on_day("10:00:00"),
            device={"guid": f"desk-{count}", "name": "Desk"} if count else {"guid": "nameless"},
            module="CARE_DESK",
            remarks=[{"reason": "Asked", "comment": "twice", "at": on_day("11:00:00")}, {"reason": "Other"}],
        )
    for number, count in enumerate((0, 1, 101, 2350), 1):
        done = [activity(at, entityId=str(i % 2), note=f"Note {i}") for i, at in enumerate(moments(count))]
        for start in range(0, count, 1000):
            path = f"{SESSIONS}/{number}/activities"
            assert stage.recorder.post(path, json=done[start : start + 1000]).status_code == 200
    stage.recorder.post(f"{SESSIONS}/2/end", json={"at": on_day("11:00:00")})
    stage.clock.advance(3600)
    opened(stage.recorder, "late")
    stage.core.recorder.close_idle()


def lines(persona: Persona, **params: str) -> list[dict[str, Any]]:
    response = persona.get(PATH, params=params)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


def rows(persona: Persona, **params: str) -> list[list[str]]:
    response = persona.get(PATH, params={"format": "csv", **params})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/csv; header=present; charset=utf-8")
    return list(csv.reader(io.StringIO(response.text)))


def test_a_line_is_a_whole_session(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    told = lines(stage_on_each.reader, order="oldest")
    assert [session["id"] for session in told] == [1, 2, 3, 4, 5]
    assert [len(session["activities"]) for session in told] == [0, 1, 101, 2350, 0]
    assert told[1] == {
        "id": 2,
        "userId": 3,
        "login": "person 1",
        "module": "CARE_DESK",
        "device": {"guid": "desk-1", "name": "Desk"},
        "startedAt": on_day("10:00:00"),
        "endedAt": on_day("11:00:00"),
        "closing": "ended",
        "remarks": [{"reason": "Asked", "at": on_day("11:00:00"), "comment": "twice"}, {"reason": "Other", "at": NOW}],
        "activities": [activity(on_day("10:00:00"), entityId="0", note="Note 0")],
    }
    assert [done["note"] for done in told[3]["activities"]] == [f"Note {i}" for i in range(2350)]
    assert [session.get("closing") for session in told] == ["idle", "ended", "idle", "idle", None]


def test_what_one_store_tells_another_keeps(stage_on_each: Stage, tmp_path: Path) -> None:
    populate(stage_on_each)
    told = stage_on_each.owner.get(PATH, params={"order": "oldest"}).content
    with staged(f"sqlite:///{tmp_path / 'other.db'}", stage_on_each.clock) as other:
        response = other.owner.post("/api/v1/import", params={"ids": "keep"}, content=told)
        assert [json.loads(line)["status"] for line in response.text.splitlines()] == [201] * 5
        assert other.owner.get(PATH, params={"order": "oldest"}).content == told
        session = other.owner.get(f"{SESSIONS}/4").json()
        kept = stage_on_each.owner.get(f"{SESSIONS}/4").json()
        assert {**session, "updatedAt": ""} == {**kept, "updatedAt": ""}


def test_activities_are_told_flat_as_far_as_the_search_asks_for_them(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    told = lines(stage_on_each.reader, rows="activities", order="oldest")
    assert len(told) == 1 + 101 + 2350
    assert told[0] == {
        "session": 2,
        "userId": 3,
        "login": "person 1",
        "device": "desk-1",
        "module": "CARE_DESK",
        "seq": 1,
        "at": on_day("10:00:00"),
        "entityType": "CUSTOMER",
        "entityId": "0",
        "name": "CustomerSearched",
        "note": "Note 0",
    }
    touched = lines(stage_on_each.reader, rows="activities", entityId="1")
    assert len(touched) == 50 + 1175
    assert {done["entityId"] for done in touched} == {"1"}


def test_csv_has_a_row_for_each_session(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    header, *told = rows(stage_on_each.reader, order="oldest")
    sessions = [dict(zip(header, row, strict=True)) for row in told]
    assert [session["activityCount"] for session in sessions] == ["0", "1", "101", "2350", "0"]
    assert sessions[1] == {
        "id": "2",
        "userId": "3",
        "login": "person 1",
        "device": "desk-1",
        "deviceName": "Desk",
        "module": "CARE_DESK",
        "startedAt": on_day("10:00:00"),
        "endedAt": on_day("11:00:00"),
        "closing": "ended",
        "updatedAt": NOW,
        "firstActivityAt": on_day("10:00:00"),
        "lastActivityAt": on_day("10:00:00"),
        "activityCount": "1",
        "reasons": "Asked\nOther",
        "comments": "twice",
    }


def test_csv_has_a_row_for_each_activity(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    header, *told = rows(stage_on_each.reader, rows="activities", order="oldest")
    assert header == [
        "session", "userId", "login", "device", "module", "seq", "at", "entityType", "entityId", "name", "note",
    ]  # fmt: skip
    assert told[0][:7] == ["2", "3", "person 1", "desk-1", "CARE_DESK", "1", on_day("10:00:00")]
    assert len(told) == 1 + 101 + 2350


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1-cmd|' /C calc'!A0", "'+1-cmd|' /C calc'!A0"),
        ("-2+A1", "'-2+A1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("+43 (1) 234-56/78", "+43 (1) 234-56/78"),
        ("-5", "-5"),
        ('a "quoted", text\nof two lines', 'a "quoted", text\nof two lines'),
        ("ümläut 😀", "ümläut 😀"),
    ],
)
def test_a_cell_is_what_was_recorded_unless_a_spreadsheet_would_run_it(text: str, cell: str, stage: Stage) -> None:
    opened(stage.recorder, activities=[activity(note=text)])
    assert rows(stage.reader, rows="activities")[1][-1] == cell


def test_it_finds_what_the_search_finds(stage_on_each: Stage) -> None:
    populate(stage_on_each)
    for params in (
        {"login": "person 1"},
        {"status": "active"},
        {"text": "note 7"},
        {"aliveFrom": on_day("13:00:00")},
        {"order": "oldest", "entityId": "1"},
    ):
        found = stage_on_each.reader.get(SESSIONS, params=params).json()["items"]
        assert [line["id"] for line in lines(stage_on_each.reader, **params)] == [session["id"] for session in found]


def test_nothing_found_is_nothing_told(stage: Stage) -> None:
    assert lines(stage.reader) == []
    assert len(rows(stage.reader)) == 1
    opened(stage.recorder)
    assert lines(stage.reader, rows="activities") == []


def test_somebody_narrowed_is_told_only_their_own(stage_on_each: Stage) -> None:
    opened(stage_on_each.owner, "anna")
    mine = opened(stage_on_each.owner, "clerk", activities=[activity()])
    assert [line["id"] for line in lines(stage_on_each.clerk)] == [mine]
    assert [line["session"] for line in lines(stage_on_each.clerk, rows="activities")] == [mine]


def test_all_chunks_are_told_once_while_others_are_added(stage_on_each: Stage) -> None:
    body = b"\n".join([b'{"login": "anna"}'] * 450)
    stage_on_each.recorder.post("/api/v1/import", content=body)
    for order in ("newest", "oldest"):
        told = [line["id"] for line in lines(stage_on_each.reader, order=order, startedTo=NOW)]
        assert sorted(told) == list(range(1, 451))


def test_a_session_that_is_deleted_meanwhile_ends_where_it_was_read_to(stage_on_each: Stage) -> None:
    number = opened(stage_on_each.recorder, activities=[activity()] * 150)
    journal, scope = stage_on_each.core.journal, Scope(1)
    page = journal.page(SessionQuery(scope=scope, activities=True, listed=100))
    assert [len(part) for part in journal.rest(scope, page.sessions[0])] == [50]
    stage_on_each.owner.delete(f"{SESSIONS}/{number}")
    assert list(journal.rest(scope, page.sessions[0])) == []


def test_what_goes_wrong_on_the_way_cuts_the_answer_short(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.recorder.post("/api/v1/import", content=b'{"login": "anna"}\n' * 401)
    read, asked = stage.core.engine.read, []

    def failing() -> Any:
        asked.append(1)
        if len(asked) > 4:  # access twice, and two chunks
            raise Unavailable
        return read()

    monkeypatch.setattr(stage.core.engine, "read", failing)
    told: list[Message] = []

    async def run() -> None:
        async def send(message: Message) -> None:
            told.append(message)

        headers = [(b"authorization", stage.reader.headers["Authorization"].encode())]
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": PATH, "query_string": b""}
        scope |= {"headers": headers, "asgi": {"spec_version": "2.4"}}
        await stage.app(scope, cast(Any, None), send)

    with pytest.raises(Unavailable):
        stage.portal.call(run)
    assert len(b"".join(message.get("body", b"") for message in told).splitlines()) == 400
    assert told[-1]["more_body"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/x-ndjson"),
        ("application/json", "application/x-ndjson"),
        ("text/csv", "text/csv; header=present; charset=utf-8"),
        ("text/html, text/csv;q=0.9", "text/csv; header=present; charset=utf-8"),
    ],
)
def test_what_is_accepted_decides_the_format(accept: str, media_type: str, stage: Stage) -> None:
    assert stage.reader.get(PATH, headers={"Accept": accept}).headers["content-type"] == media_type
    told = stage.reader.get(PATH, headers={"Accept": accept}, params={"format": "csv"})
    assert told.headers["content-type"].startswith("text/csv")


def test_what_cannot_be_spelled_is_refused(stage: Stage) -> None:
    response = stage.reader.get(PATH, headers={"Accept": "image/png"})
    assert response.json() == problem("not-acceptable", 406, "This can be answered as application/x-ndjson or text/csv")


@pytest.mark.parametrize(
    ("accept", "coding"), [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None)]
)
def test_it_is_packed_where_that_is_accepted(accept: str, coding: str | None, stage: Stage) -> None:
    populate(stage)
    response = stage.reader.get(PATH, headers={"Accept-Encoding": accept})
    assert response.headers.get("content-encoding") == coding
    assert len(response.text.splitlines()) == 5


def test_a_packed_answer_is_one_whole_gzip(stage: Stage) -> None:
    populate(stage)

    async def raw() -> bytes:
        headers = {**stage.reader.headers, "Accept-Encoding": "gzip"}
        async with stage.client.stream("GET", PATH, headers=headers) as response:
            return b"".join([chunk async for chunk in response.aiter_raw()])

    plain = stage.reader.get(PATH, headers={"Accept-Encoding": "identity"}).content
    assert gzip.decompress(stage.portal.call(raw)) == plain


def test_asking_for_the_head_alone_tells_no_row(stage: Stage) -> None:
    opened(stage.recorder)
    response = stage.reader.request("HEAD", PATH)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("format=yaml", "format", "format must be one of csv, ndjson"),
        ("rows=remarks", "rows", "rows must be one of activities, sessions"),
        ("limit=5", "limit", "limit is not a parameter of this request"),
        ("startedFrom=junk", "startedFrom", "startedFrom must be a time such as 2023-07-13T09:47:03Z"),
    ],
)
def test_it_refuses(query: str, parameter: str, detail: str, stage: Stage) -> None:
    response = stage.reader.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert response.json()["detail"] == detail
    assert response.json()["errors"][0]["parameter"] == parameter

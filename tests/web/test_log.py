"""One line a request, with the id that its answer carries, and nothing in it that somebody may want to keep."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from sojourn.core.registry import md5_hex
from tests.api.activity_v2.care_desk import ACTIVITY, SESSIONS, opened, path
from tests.servers import serving
from tests.stage import Stage, basic, basic_md5

BODY = "a note that is nobody's business"
QUERY = "an-entity-that-is-nobodys-business"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The lines that are logged."""
    with capture_logs() as captured:
        yield captured


def test_every_answer_carries_its_id_and_the_line_has_the_same(stage: Stage, lines: list[Any]) -> None:
    session = opened(stage.owner)
    asked = [
        stage.owner.get(SESSIONS),
        stage.owner.get(path(session)),
        stage.owner.get(path(4711)),
        stage.owner.get("/v2/nothing"),
        stage.owner.delete(SESSIONS),
        stage.owner.post(SESSIONS, content=b"not json"),
        stage.nobody.get(SESSIONS),
        stage.nobody.get("/nothing"),
        stage.nobody.get("/healthz"),
        stage.nobody.get("/docs"),
        stage.nobody.get("/docs/style.css"),
        stage.nobody.post("/v3/oauth/token/generate", json={"key": "a", "secret": "b"}),
        stage.owner.request("HEAD", SESSIONS),
    ]
    ids = [told.headers["x-cap-requestid"] for told in asked]
    assert len(set(ids)) == len(ids)
    assert ids == [told.headers["x-request-id"] for told in asked]
    told = {line["id"]: line for line in lines if line["event"] == "request"}
    assert [told[id_]["status"] for id_ in ids] == [answer.status_code for answer in asked]


def test_a_line_tells_who_did_what_and_how_it_went(stage: Stage, lines: list[Any]) -> None:
    told = stage.reader.get(path(4711), params={"secret": "in the query"})
    (line,) = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "id": told.headers["x-cap-requestid"],
        "operation": "get-activity-session",
        "method": "GET",
        "path": "/v2/activitySessions/4711",
        "status": 404,
        "organisation": 1,
        "principal": 3,
        "peer": "127.0.0.1",
    }


def test_a_line_of_a_stranger_to_us_names_nobody(stage: Stage, lines: list[Any]) -> None:
    stage.nobody.get("/nothing")
    assert {lines[0][name] for name in ("operation", "organisation", "principal")} == {None}


def test_a_request_cannot_choose_its_id(stage: Stage) -> None:
    told = stage.owner.get(SESSIONS, headers={"X-Request-Id": "mine", "X-Cap-Requestid": "mine"})
    assert told.headers.get_list("x-cap-requestid") != ["mine"]


LIBRARY = """
import logging
from sojourn.web.log import configure

configure("info")
configure("info")
log = logging.getLogger("some.library")
log.warning("it is %s", "late")
log.info("not worth a line")
def fail(token):
    raise RuntimeError("a detail")
try:
    fail("s3" + "cr3t")
except RuntimeError:
    log.exception("it failed")
"""


def test_what_libraries_say_is_a_line_of_the_same_form() -> None:
    ended = subprocess.run([sys.executable, "-c", LIBRARY], capture_output=True, text=True, check=True, timeout=60)
    late, failed = [json.loads(line) for line in ended.stderr.splitlines()]
    assert (late["event"], late["logger"], late["level"]) == ("it is late", "some.library", "warning")
    assert (failed["event"], failed["level"]) == ("it failed", "error")
    assert "RuntimeError: a detail" in failed["exception"]
    assert "s3cr3t" not in ended.stderr, "a traceback tells no values"


def test_no_line_of_a_server_holds_a_secret_a_query_or_a_body(database_url: str) -> None:
    """Everything that may be kept from a log is sent to a real one, by every door, in good requests and in bad."""
    with serving(database_url, SOJOURN_LOG_LEVEL="debug") as server:
        token = server.token
        ways = [
            {"Authorization": f"Bearer {token}"},
            {"Authorization": basic("owner@localhost", token)},
            {"Authorization": basic_md5("owner@localhost", token)},
            {"ApiKey": token},
            {"X-CAP-API-OAUTH-TOKEN": token},
            {"Authorization": f"Bearer {token}x"},
            {"Authorization": basic("another", token)},
            {"Authorization": token},
        ]
        record = {"activities": [{**ACTIVITY, "note": BODY, "entityId": QUERY}]}
        with httpx.Client(base_url=server.address) as client:
            for headers in ways:
                client.post(SESSIONS, json={"userId": BODY, "module": BODY}, headers=headers)
                client.post(path(1, "/activities"), json=record, headers=headers)
                client.post(path(1, "/activities"), json={"activities": [{"note": BODY}]}, headers=headers)
                client.post(path(1, "/activities"), content=f'{{"x":"{BODY}"'.encode(), headers=headers)
                client.put(path(1), json={"activitySessionDetails": [{"reason": BODY}]}, headers=headers)
                client.get(SESSIONS, params={"entityId": QUERY, "token": token}, headers=headers)
                client.get(SESSIONS, params={"startDate": QUERY}, headers=headers)
                client.get(f"/nothing?{token}", headers=headers)
                client.get("/docs", params={"token": token}, headers=headers)
                client.get(path(1), headers={**headers, "Cookie": f"token={token}", "Referer": token})
                client.post(
                    SESSIONS, content=gzip.compress(BODY.encode()), headers={**headers, "Content-Encoding": "gzip"}
                )
            client.post("/v3/oauth/token/generate", json={"key": token, "secret": token})
            client.post("/v3/oauth/token/generate", json={"key": BODY, "secret": token[:-1]})
        code, logged = server.stop()
    assert code == 0
    told = [json.loads(line) for line in logged.splitlines()]
    assert {line["status"] for line in told if line["event"] == "request"} >= {200, 400, 401, 404}
    for secret in (token, token[:-1], md5_hex(token), BODY, QUERY, basic("owner@localhost", token).split()[1]):
        assert secret not in logged

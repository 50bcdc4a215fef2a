import gzip
import json
import socket
import time
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from sojourn.agent.uplink import (
    LONGEST_RETRY_AFTER,
    Delivered,
    Denied,
    Postponed,
    Refused,
    Server,
    Uplink,
    Verdict,
    judged,
    pack,
    unpack,
)
from tests.agent.native import TOKEN, Answer, NativeServer


def verdict(status: int, body: bytes = b"", **headers: str) -> Verdict:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request("POST", "http://sojourn.example/api/v1/visits?x=1")
    return judged(httpx.Response(status, content=body, headers=told, request=request), body)


def test_a_packed_document_is_always_the_same_bytes() -> None:
    document = {"title": "Überblick", "pages": []}
    assert pack(document) == pack(document)
    assert json.loads(gzip.decompress(pack(document))) == document
    assert unpack(pack(document)) == '{"title":"Überblick","pages":[]}'


def test_what_is_sent_carries_token_key_and_organisation(server: NativeServer) -> None:
    uplink = Uplink(Server(url=server.url + "/", token=lambda: TOKEN, organisation=7))
    assert isinstance(uplink.send("POST", "/api/v1/visits", pack({"agentId": "a"}), key="k1"), Delivered)
    uplink.close()
    (seen,) = server.seen
    assert seen.key == "k1"
    assert seen.document == {"agentId": "a"}
    assert seen.headers["X-Organisation"] == "7"
    assert seen.headers["Authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_is_delivered(status: int) -> None:
    assert isinstance(verdict(status), Delivered)


@pytest.mark.parametrize("status", [408, 423, 425, 429, 500, 502, 503, 504, 507])
def test_what_passes_is_postponed(status: int) -> None:
    assert isinstance(verdict(status), Postponed)


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_never_passes_is_refused(status: int) -> None:
    assert isinstance(verdict(status), Refused)


@pytest.mark.parametrize("status", [301, 308, 401, 403, 404, 405])
def test_a_wrong_token_or_address_is_denied(status: int) -> None:
    assert isinstance(verdict(status, Location="/elsewhere"), Denied)


def test_only_a_server_error_is_laid_to_the_request() -> None:
    assert verdict(500) == Postponed(reason="500 Internal Server Error", own_fault=True)
    assert verdict(503) == Postponed(reason="503 Service Unavailable")


def test_the_reason_names_the_field() -> None:
    problem = {
        "title": "Invalid",
        "detail": "no agent",
        "errors": [{"pointer": "/agentId", "detail": "is mandatory"}, 7],
    }
    assert verdict(400, json.dumps(problem).encode()) == Refused(
        reason="400 no agent; /agentId: is mandatory", status=400
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": 3}', b"\xff"])
def test_an_answer_of_any_form_is_a_reason(body: bytes) -> None:
    assert verdict(400, body) == Refused(reason="400 Bad Request", status=400)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0", 0.0), ("-3", 0.0), ("nan", 0.0), ("", 0.0), ("soon", 0.0), ("1e9", LONGEST_RETRY_AFTER)],
)
def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    told = verdict(503, Retry_After=text)
    assert isinstance(told, Postponed)
    assert told.retry_after == seconds


def test_retry_after_as_a_date() -> None:
    told = verdict(503, Retry_After=formatdate(time.time() + 100, usegmt=True))
    assert isinstance(told, Postponed)
    assert 90 < told.retry_after <= 100


def test_a_server_that_is_down_postpones() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uplink = Uplink(Server(url=f"http://127.0.0.1:{taken.getsockname()[1]}", token=lambda: TOKEN))
        assert isinstance(uplink.send("POST", "/api/v1/visits", pack({})), Postponed)


def test_a_server_that_hangs_up_postpones_and_is_asked_again(server: NativeServer, uplink: Uplink) -> None:
    answers = iter([Answer(status=0), None])
    server.fail = lambda _seen: next(answers)
    assert isinstance(uplink.send("POST", "/api/v1/visits", pack({"agentId": "a"})), Postponed)
    assert isinstance(uplink.send("POST", "/api/v1/visits", pack({"agentId": "a"})), Delivered)


def test_a_token_that_cannot_be_read_is_denied(server: NativeServer, tmp_path: Path) -> None:
    uplink = Uplink(Server(url=server.url, token=(tmp_path / "none").read_text))
    told = uplink.send("POST", "/api/v1/visits", pack({}))
    assert isinstance(told, Denied)
    assert "the token cannot be read" in told.reason
    assert server.seen == []


def test_the_token_is_asked_for_anew_each_time(server: NativeServer) -> None:
    tokens = iter(["old", TOKEN])
    uplink = Uplink(Server(url=server.url, token=lambda: next(tokens)))
    assert isinstance(uplink.send("POST", "/api/v1/visits", pack({"agentId": "a"})), Denied)
    assert isinstance(uplink.send("POST", "/api/v1/visits", pack({"agentId": "a"})), Delivered)
    uplink.close()


@pytest.mark.parametrize("url", ["ftp://sojourn.example", "http://", "nonsense"])
def test_what_is_no_address_is_denied(url: str) -> None:
    assert isinstance(Uplink(Server(url=url, token=lambda: TOKEN)).send("POST", "/x", pack({})), Denied)

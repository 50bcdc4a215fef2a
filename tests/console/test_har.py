import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.har import requests_of
from sojourn.core.request import Phase, Request, Sort

ENTRY: dict[str, Any] = {
    "startedDateTime": "2026-11-20T10:00:00.500Z",
    "time": 320.5,
    "pageref": "page_0",
    "serverIPAddress": "203.0.113.9",
    "request": {
        "method": "POST",
        "url": "https://site.example/api?x=1",
        "headers": [{"name": "accept", "value": "*/*"}],
    },
    "response": {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "h2",
        "headers": [{"name": "content-type", "value": "application/json"}, {"value": "no name"}],
        "content": {"size": 2_000, "mimeType": "application/json; charset=utf-8"},
        "bodySize": 700,
    },
    "timings": {"blocked": -1, "dns": 10, "connect": 60, "ssl": 40, "send": 0, "wait": 200, "receive": 10.5},
}


def requests(*entries: object) -> tuple[Request, ...]:
    return requests_of(json.dumps({"log": {"version": "1.2", "entries": entries}}))


def test_a_request_is_read_with_all_that_is_told() -> None:
    (told,) = requests(ENTRY)
    assert told.at == 1_795_168_800_500_000
    assert (told.method, told.host, told.status, told.sort) == ("POST", "site.example", 200, Sort.DATA)
    assert (told.size, told.content_size, told.server) == (700, 2_000, "203.0.113.9")
    assert told.response_headers == (("content-type", "application/json"),)


def test_the_time_of_tls_is_not_counted_twice() -> None:
    (told,) = requests(ENTRY)
    assert dict(told.phases) == {
        Phase.DNS: 10,
        Phase.CONNECT: 20,
        Phase.TLS: 40,
        Phase.WAIT: 200,
        Phase.RECEIVE: 10.5,
    }


def test_requests_come_in_the_order_of_their_starts() -> None:
    later = {**ENTRY, "startedDateTime": "2026-11-20T12:00:01+01:00"}
    told = requests(later, ENTRY)
    assert [(one.sequence, one.at % 60_000_000) for one in told] == [(1, 500_000), (2, 1_000_000)]


@pytest.mark.parametrize("date", [None, 7, "", "yesterday", "2026-11-20T10:00:00"])
def test_a_request_of_which_nobody_knows_when_has_no_place(date: object) -> None:
    assert requests({**ENTRY, "startedDateTime": date}) == ()


def test_what_is_not_told_is_unknown_and_never_zero() -> None:
    (told,) = requests({"startedDateTime": "2026-11-20T10:00:00Z", "time": -1, "response": {"status": 0}})
    assert (told.duration, told.status, told.size, told.phases, told.url) == (None, None, None, (), "")
    assert told.failed


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*ENTRY, "other"]), values))
def test_whatever_a_har_holds_it_is_read(entry: dict[str, Any]) -> None:
    for told in requests({**ENTRY, **entry}, entry):
        assert told.took >= 0
        assert isinstance(told.host, str)


@given(values)
def test_whatever_stands_in_its_place_there_are_no_requests(value: object) -> None:
    assert requests_of(json.dumps({"log": value})) == ()

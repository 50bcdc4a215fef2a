"""A corpus of made files, each with one fault that real exports have, and hypothesis on top."""

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.agent import har
from sojourn.agent.clock import text_of
from sojourn.agent.har import NotHar, read, write
from sojourn.agent.privacy import Privacy
from sojourn.agent.weblog import WebLog
from sojourn.core.report import Browser

START = "2017-03-26T11:58:43.000Z"
STARTED = 1_490_529_523_000_000


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "pageref": "page_0",
        "startedDateTime": START,
        "time": 120.5,
        "request": {
            "method": "GET",
            "url": "https://www.site.example/?q=1",
            "httpVersion": "HTTP/2",
            "headers": [{"name": "Cookie", "value": "secret"}, {"name": "Accept", "value": "*/*"}],
            "cookies": [{"name": "a", "value": "secret"}],
            "queryString": [{"name": "q", "value": "1"}],
            "postData": {"mimeType": "text/plain", "text": "secret"},
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/2",
            "headers": [{"name": "Content-Type", "value": "text/html"}],
            "cookies": [{"name": "b", "value": "secret"}],
            "content": {"size": 1000, "mimeType": "text/html", "text": "secret"},
            "redirectURL": "",
            "bodySize": 400,
        },
        "timings": {"blocked": 1.5, "dns": -1, "connect": 20, "ssl": 10, "send": 0.1, "wait": 60, "receive": 39},
        "serverIPAddress": "192.0.2.7",
    } | changes


def page(**changes: Any) -> dict[str, Any]:
    return {
        "id": "page_0",
        "title": "Home",
        "startedDateTime": START,
        "pageTimings": {"onContentLoad": 874, "onLoad": 3492},
    } | changes


def document(**changes: Any) -> dict[str, Any]:
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "browser": {"name": "Firefox", "version": "128.0"},
            "pages": [page()],
            "entries": [entry()],
        }
        | changes
    }


def packed(told: Any) -> bytes:
    return json.dumps(told).encode()


def log_of(**changes: Any) -> WebLog:
    return read(packed(document(**changes)))


def timings(content_load: Any, load: Any) -> tuple[int | None, int | None]:
    (told,) = log_of(pages=[page(pageTimings={"onContentLoad": content_load, "onLoad": load})]).pages
    return told.on_content_load, told.on_load


def status(value: Any) -> int | None:
    (told,) = log_of(entries=[entry(response={"status": value})]).pages
    return told.response_code


def test_a_sound_file_is_told_whole() -> None:
    log = log_of()
    (told,) = log.pages
    assert (told.id, told.title, told.started) == ("page_0", "Home", STARTED)
    assert (told.on_content_load, told.on_load) == (874, 3492)
    assert told.url == "https://www.site.example/?q=1"
    assert told.response_code == 200
    assert told.response_time == 82  # blocked, connect, send and wait; a phase of -1 there was not
    assert log.browser == Browser(name="Firefox", version="128.0")
    (request,) = log.entries
    assert request.timings is not None
    assert request.timings.dns is None
    assert request.timings.connect == 20
    assert (request.content_size, request.body_size, request.server_ip) == (1000, 400, "192.0.2.7")


def test_what_a_file_keeps_of_people_goes_no_further() -> None:
    told = json.dumps(write(Privacy(domains=["site.example"]).scrub(log_of())))
    assert "https://www.site.example/" in told
    for kept in ("secret", "q=1", "Cookie", "postData"):
        assert kept not in told


@pytest.mark.parametrize("unknown", [-1, -1.0, None, "", "874", True, [], {}, -874])
def test_a_time_that_is_unknown_is_left_out_and_never_zero(unknown: Any) -> None:
    assert timings(unknown, 3492) == (None, 3492)
    assert timings(874, unknown) == (874, None)


def test_times_that_are_absent_are_left_out() -> None:
    for pages in ([page(pageTimings={})], [page(pageTimings=None)], [{"id": "p", "startedDateTime": START}]):
        (told,) = log_of(pages=pages).pages
        assert (told.on_content_load, told.on_load) == (None, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400])
def test_a_number_that_is_none_is_left_out(number: str) -> None:
    text = json.dumps(document()).replace("3492", number)
    assert read(text.encode()).pages[0].on_load is None


@pytest.mark.parametrize(("given_ms", "told"), [(873.6, 874), (0.2, 0), (3491.5, 3492), (1e3, 1000)])
def test_fractions_become_whole_milliseconds(given_ms: float, told: int) -> None:
    assert timings(given_ms, 3492.4) == (told, 3492)


def test_a_load_before_its_dom_stays_so() -> None:
    assert timings(900, 100) == (900, 100)


@pytest.mark.parametrize("unknown", [0, -1, None, "200", 1000, -204, 99, True])
def test_a_status_that_is_none_is_left_out(unknown: Any) -> None:
    assert status(unknown) is None


def test_an_answer_that_is_absent_is_left_out() -> None:
    (told,) = log_of(entries=[{"pageref": "page_0", "request": {"url": "https://a.example/"}}]).pages
    assert (told.url, told.response_code, told.response_time) == ("https://a.example/", None, None)


@pytest.mark.parametrize("title", [None, "", "   ", 7])
def test_without_a_title_the_address_is_the_title(title: Any) -> None:
    assert log_of(pages=[page(title=title)]).pages[0].title == "https://www.site.example/?q=1"


def test_a_title_that_is_an_address_stays_and_tells_it() -> None:
    (told,) = log_of(pages=[page(title="https://b.example/x")], entries=[]).pages
    assert told.url == told.title == "https://b.example/x"


@pytest.mark.parametrize("pages", [None, [], {}, "pages", [7, None]])
def test_a_file_without_pages_is_one_page(pages: Any) -> None:
    earlier = entry(startedDateTime="2017-03-26T11:58:42Z", pageref=None)
    (told,) = log_of(pages=pages, entries=[entry(), earlier]).pages
    assert told.id == "page_0"
    assert told.title == "https://www.site.example/?q=1"
    assert told.started == STARTED - 1_000_000
    assert (told.on_content_load, told.on_load) == (None, None)


def test_pages_that_the_file_has_not_at_all_are_one_page() -> None:
    told = document()
    del told["log"]["pages"]
    assert len(read(packed(told)).pages) == 1


def test_a_file_with_nothing_in_it_has_no_pages() -> None:
    assert read(b'{"log": {}}') == WebLog()


def test_an_entry_without_a_page_belongs_to_the_one_that_was_loading() -> None:
    pages = [page(id="one"), page(id="two", startedDateTime="2017-03-26T11:59:00Z")]
    entries = [
        entry(pageref=None, startedDateTime="2017-03-26T11:58:50Z"),
        entry(pageref="gone", startedDateTime="2017-03-26T11:59:30Z"),
        entry(pageref=None, startedDateTime="2017-03-26T10:00:00Z"),
        entry(pageref=None, startedDateTime=None),
    ]
    assert [each.page for each in log_of(pages=pages, entries=entries).entries] == ["one", "two", None, None]


def test_pages_keep_their_order_and_get_ids_of_their_own() -> None:
    later = "2017-03-26T12:00:00Z"
    log = log_of(pages=[page(startedDateTime=later), page(), page(id=None), page(id="")])
    assert [(each.id, each.started - STARTED) for each in log.pages] == [
        ("page_0", 77_000_000),
        ("page_0_1", 0),
        ("page_2", 0),
        ("page_3", 0),
    ]


@pytest.mark.parametrize(
    "text",
    ["2017-03-26T13:58:43.000+02:00", "2017-03-26T11:58:43Z", "2017-03-26T11:58:43", "2017-03-26T11:58:43.000000000Z"],
)
def test_dates_become_utc(text: str) -> None:
    assert log_of(pages=[page(startedDateTime=text)]).pages[0].started == STARTED


@pytest.mark.parametrize("date", [None, "", "Sun, 26 Mar 2017", 1490529523, "0001-01-01T00:00:00Z", "99999-01-01"])
def test_a_page_without_a_date_has_its_first_request_s(date: Any) -> None:
    assert log_of(pages=[page(startedDateTime=date)]).pages[0].started == STARTED


def test_a_page_that_nothing_dates_is_left_out_with_a_note() -> None:
    log = log_of(pages=[page(), page(id="two", startedDateTime=None)])
    assert [each.id for each in log.pages] == ["page_0"]
    assert log.notes == ("page two has no date",)


def redirect(url: str, target: str, **changes: Any) -> dict[str, Any]:
    return entry(request={"url": url}, response={"status": 302, "redirectURL": target}, **changes)


def test_the_page_s_answer_is_where_its_redirects_led() -> None:
    entries = [
        entry(request={"url": "data:image/png;base64,AAAA"}),
        redirect("http://a.example/", "/next#there"),
        entry(request={"url": "http://a.example/pixel"}, response={"status": 404}),
        redirect("http://a.example/next", "https://b.example/end"),
        entry(request={"url": "https://b.example/end"}, response={"status": 500}),
    ]
    (told,) = log_of(entries=entries).pages
    assert (told.url, told.response_code) == ("https://b.example/end", 500)


def test_a_redirect_to_nowhere_is_the_answer() -> None:
    (told,) = log_of(entries=[redirect("http://a.example/", "http://["), entry()]).pages
    assert (told.url, told.response_code) == ("http://a.example/", 302)


WRAPPINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8 mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16 mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16 mark, big end": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "call": lambda text: f"onInputData({text});".encode(),
    "call with spaces": lambda text: f"\n  har.load ( {text} ) ; \n".encode(),
    "call after a comment": lambda text: f"/* made by a tool */ cb({text})".encode(),
    "mark and call": lambda text: b"\xef\xbb\xbf" + f"cb({text});".encode(),
    "parentheses": lambda text: f"({text})".encode(),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_marks_and_calls_around_the_file_are_taken_off(wrapping: str) -> None:
    assert read(WRAPPINGS[wrapping](json.dumps(document()))) == read(packed(document()))


NO_HAR = {
    "nothing": b"",
    "blanks": b"   ",
    "a list": b"[]",
    "no log": b"{}",
    "a log that is none": b'{"log": 7}',
    "null": b"null",
    "half a call": b"cb(",
    "a page": b"<html>",
    "no text": b"\xff\x00\xff",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"log":' * 9999,
}


@pytest.mark.parametrize("name", NO_HAR)
def test_what_is_no_har_says_so(name: str) -> None:
    with pytest.raises(NotHar):
        read(NO_HAR[name])


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(NotHar, match="larger"):
        read(b" " * 101, largest=100)


def test_texts_are_such_as_every_store_can_keep() -> None:
    log = log_of(pages=[page(title="a\0b\ud800c" + "x" * 5000)])
    title = log.pages[0].title
    assert title.encode("utf-8")
    assert "\0" not in title
    assert len(title) <= har.LONGEST_TEXT


def test_the_browser_is_told_by_the_browser_only() -> None:
    assert log_of(browser=None).browser is None
    assert log_of(browser={"version": "1"}).browser is None
    assert log_of(browser={"name": "Edge"}).browser == Browser(name="Edge")


def test_what_is_written_is_har_and_reads_back_the_same() -> None:
    bare = {"startedDateTime": START, "request": {"url": "http://c.example/"}}
    log = log_of(entries=[entry(), redirect("http://a.example/", "/next"), bare])
    assert read(packed(write(log))) == log


def test_what_is_written_has_all_that_the_format_wants() -> None:
    undated = {"pageref": "page_0", "request": {"url": "http://c.example/"}}
    (told,) = write(log_of(entries=[undated, {"startedDateTime": START}]))["log"]["entries"]
    assert told["time"] == -1
    assert told["response"]["status"] == 0
    assert told["startedDateTime"] == text_of(STARTED)


def test_names_are_no_longer_than_servers_take() -> None:
    log = log_of(
        pages=[page(id="x" * 300), page(id="x" * 299)], entries=[entry(pageref="x" * 300)], browser={"name": "b" * 300}
    )
    assert [len(each.id) for each in log.pages] == [255, 242]
    assert log.entries[0].page == log.pages[0].id
    assert log.browser == Browser(name="b" * 255)


def test_a_load_of_more_than_a_day_is_none() -> None:
    assert timings(86_400_000, 86_400_001) == (86_400_000, None)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(START)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=3)


@st.composite
def mangled(draw: st.DrawFn) -> Any:
    """A sound document in which some parts are gone, and anything stands in the place of others."""
    told = copy.deepcopy(document(pages=[page(), page(id="page_1")], entries=[entry(), entry(pageref="page_1")]))
    for _ in range(draw(st.integers(1, 8))):
        holder, key = _somewhere(draw, told)
        if draw(st.booleans()):
            holder[key] = draw(ANYTHING)
        elif isinstance(holder, dict):
            del holder[key]
    return told


def _somewhere(draw: st.DrawFn, told: Any) -> tuple[Any, Any]:
    holder: Any = {"": told}
    key: Any = ""
    while isinstance(holder[key], dict | list) and holder[key] and (holder[key] is told or draw(st.integers(0, 4))):
        holder = holder[key]
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = draw(st.sampled_from(keys))
    return holder, key


def numbers(value: Any) -> set[float]:
    if isinstance(value, dict):
        return {each for inner in value.values() for each in numbers(inner)}
    if isinstance(value, list):
        return {each for inner in value for each in numbers(inner)}
    return {value} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def seen(log: WebLog) -> list[tuple[str, int, int | None, int | None]]:
    return [(each.id, each.started, each.on_content_load, each.on_load) for each in log.pages]


@given(mangled())
@settings(max_examples=300)
def test_no_file_breaks_it_and_none_makes_it_invent(told: Any) -> None:
    try:
        log = read(packed(told))
    except NotHar:
        return
    assert len({each.id for each in log.pages}) == len(log.pages)
    rounded = {round(each) for each in numbers(told) if each == each and abs(each) < 1e18}
    for each in log.pages:
        assert 0 <= each.started <= 253_402_300_799_999_999
        assert text_of(each.started)
        for time in (each.on_content_load, each.on_load):
            assert time is None or time in rounded
        assert each.response_code is None or each.response_code in rounded
        assert "\0" not in each.title + (each.url or "")
    if log.pages:
        assert seen(read(packed(write(log)))) == seen(log)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_it(data: bytes) -> None:
    with suppress(NotHar):
        read(data)

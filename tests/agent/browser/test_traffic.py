"""Events as Chromium tells them, in the orders that it tells them in."""

from typing import Any

from sojourn.agent.browser.traffic import MOST_REQUESTS, Traffic

WALL = 1_793_606_400.0
TIMING = {
    "requestTime": 100.01,
    "dnsStart": 2,
    "dnsEnd": 5,
    "connectStart": 5,
    "connectEnd": 25,
    "sslStart": 12,
    "sslEnd": 25,
    "sendStart": 26,
    "sendEnd": 26.5,
    "receiveHeadersEnd": 90,
}
REUSED = TIMING | dict.fromkeys(("dnsStart", "dnsEnd", "connectStart", "connectEnd", "sslStart", "sslEnd"), -1)


def sent(identity: str, url: str, at: float = 100.0, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Network.requestWillBeSent", {
        "requestId": identity,
        "request": {"url": url, "method": "GET", "headers": {"Accept": "*/*"}},
        "timestamp": at,
        "wallTime": WALL + at - 100,
        "type": "Other",
        "frameId": "F",
    } | more


def document(identity: str, url: str, at: float = 100.0, **more: Any) -> tuple[str, dict[str, Any]]:
    return sent(identity, url, at, type="Document", **more)


def response(status: int = 200, **more: Any) -> dict[str, Any]:
    return {
        "status": status,
        "statusText": "OK",
        "headers": {"Content-Type": "text/html"},
        "mimeType": "text/html",
        "protocol": "h2",
        "remoteIPAddress": "192.0.2.7",
        "timing": TIMING,
    } | more


def answered(identity: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Network.responseReceived", {"requestId": identity, "response": response(**more)}


def finished(identity: str, at: float, length: int = 400) -> tuple[str, dict[str, Any]]:
    return "Network.loadingFinished", {"requestId": identity, "timestamp": at, "encodedDataLength": length}


def taken(*events: tuple[str, dict[str, Any]]) -> Traffic:
    traffic = Traffic(page="page_0", frame="F")
    for method, params in events:
        traffic.take(method, params)
    return traffic


def test_a_request_is_an_entry_with_its_phases() -> None:
    traffic = taken(
        document("1", "https://site.example/"),
        answered("1"),
        ("Network.dataReceived", {"requestId": "1", "dataLength": 700, "encodedDataLength": 300}),
        ("Network.dataReceived", {"requestId": "1", "dataLength": 300, "encodedDataLength": 100}),
        finished("1", 100.2),
    )
    (entry,) = traffic.finish()
    assert (entry.url, entry.page, entry.status, entry.time) == ("https://site.example/", "page_0", 200, 200.0)
    assert entry.started == round(WALL * 1e6)
    assert (entry.content_size, entry.body_size, entry.server_ip) == (1000, 400, "192.0.2.7")
    timings = entry.timings
    assert timings is not None
    assert (timings.blocked, timings.dns, timings.connect, timings.ssl) == (12.0, 3.0, 20.0, 13.0)
    assert (timings.send, timings.wait, timings.receive) == (0.5, 63.5, 100.0)


def test_a_connection_used_again_has_no_phases_of_its_own() -> None:
    (entry,) = taken(
        document("1", "https://site.example/"), answered("1", timing=REUSED), finished("1", 100.2)
    ).finish()
    assert entry.timings is not None
    assert (entry.timings.dns, entry.timings.connect, entry.timings.ssl) == (None, None, None)
    assert entry.timings.blocked == 36.0


def test_a_redirect_is_an_entry_of_its_own() -> None:
    traffic = taken(
        document("1", "http://site.example/"),
        document("1", "https://site.example/", 100.1, redirectResponse=response(301, timing=None)),
        answered("1"),
        finished("1", 100.3),
    )
    first, second = traffic.finish()
    assert (first.url, first.status, first.redirect_url) == ("http://site.example/", 301, "https://site.example/")
    assert (second.url, second.status, second.redirect_url) == ("https://site.example/", 200, None)
    assert traffic.started == 100.0


def test_times_are_from_the_document_s_request_on() -> None:
    traffic = taken(
        ("Page.loadEventFired", {"timestamp": 99.0}),
        document("1", "https://site.example/"),
        ("Page.domContentEventFired", {"timestamp": 100.874}),
        ("Page.loadEventFired", {"timestamp": 103.4921}),
        ("Page.loadEventFired", {"timestamp": 200.0}),
    )
    assert traffic.since_start(traffic.dom_ready) == 874
    assert traffic.since_start(traffic.loaded) == 3492


def test_an_error_page_has_no_times() -> None:
    traffic = taken(document("1", "https://site.example/"), ("Page.loadEventFired", {"timestamp": 101.0}))
    traffic.error = "net::ERR_CONNECTION_REFUSED"
    assert traffic.since_start(traffic.loaded) is None


def test_what_was_never_answered_has_no_status_and_no_sizes() -> None:
    failed = ("Network.loadingFailed", {"requestId": "1", "timestamp": 100.5, "errorText": "net::ERR_FAILED"})
    (entry,) = taken(document("1", "https://site.example/"), failed).finish()
    assert (entry.status, entry.content_size, entry.body_size, entry.timings) == (None, None, None, None)
    assert entry.time == 500.0


def test_what_is_still_under_way_is_told_without_an_end() -> None:
    (entry,) = taken(document("1", "https://site.example/")).finish()
    assert (entry.status, entry.time) == (None, None)


def test_late_requests_of_the_page_before_and_contents_are_no_entries() -> None:
    traffic = taken(
        sent("0", "https://site.example/late"),
        finished("0", 100.0),
        document("1", "https://site.example/", 101.0),
        sent("2", "data:image/png;base64,AAAA", 101.1),
        sent("3", "blob:https://site.example/x", 101.1),
        finished("3", 101.2),
    )
    assert [entry.url for entry in traffic.finish()] == ["https://site.example/"]


def test_a_document_in_a_frame_is_not_the_page_s() -> None:
    traffic = taken(
        document("1", "https://ads.example/", frameId="another"), document("2", "https://site.example/", 101)
    )
    assert traffic.started == 101


def test_a_page_that_asks_for_ever_does_not_fill_the_memory() -> None:
    traffic = taken(document("d", "https://site.example/"))
    for number in range(MOST_REQUESTS + 100):
        traffic.take(*sent(str(number), "https://site.example/poll"))
        traffic.take(*finished(str(number), 101.0))
    assert len(traffic.finish()) == MOST_REQUESTS

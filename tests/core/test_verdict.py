from typing import Any

import pytest

from sojourn.core.findings import Cause, spelled
from sojourn.core.measurement import (
    NO_ANSWER,
    REFUSED,
    Connect,
    NetworkProfile,
    Ping,
    Statistics,
    SystemMetrics,
    WirelessProfile,
)
from sojourn.core.model import SECOND
from sojourn.core.report import NetworkReport, Page, PageTimings, Visit
from sojourn.core.request import Phase, Request, Sort
from sojourn.core.verdict import Grade, verdict

DATE = 1_700_000_000 * SECOND
FINE = Ping.of(10, [31.0] * 10)
NEAR = Ping.of(10, [2.0] * 10)


def page(load: int | None, *, name: str = "page_0", **more: Any) -> Page:
    timings = None if load is None else PageTimings(on_content_load=load // 2, on_load=load)
    told: dict[str, Any] = {"response_code": 200, **more}
    return Page(id=name, title="Home", started_date_time=DATE, page_timings=timings, **told)


def visit(*pages: Page, **network: Any) -> Visit:
    measured = {"ping": FINE, "gateway_ping": NEAR, "connect": Connect(rtt=30.0), **network}
    return Visit(
        agent_id="agent",
        date=DATE,
        visited_site="site.example",
        protocol="https",
        port=443,
        pages=pages,
        network=NetworkReport.of(**measured),
    )


def request(**more: Any) -> Request:
    told: dict[str, Any] = {"sequence": 1, "page": "page_0", "at": DATE, "url": "https://site.example/", "status": 200}
    return Request(**{**told, **more})


def document(**phases: float) -> Request:
    return request(phases=tuple([(Phase(name), spent) for name, spent in phases.items()]), sort=Sort.DOCUMENT)


def machine(cpu: float, memory: float) -> SystemMetrics:
    used = Statistics.of([memory * 2**30])
    return SystemMetrics(
        start_time_ms=1,
        end_time_ms=2,
        cpu_utilization=Statistics.of([cpu]),
        physical_memory_used_bytes=used,
        physical_memory_total_bytes=2**30,
    )


def radio(**more: Any) -> NetworkProfile:
    return NetworkProfile(
        interface_name="wlan0", hardware_type="Wireless", wireless_profile=WirelessProfile(ssid="Office", **more)
    )


SLOW_GATEWAY = Ping.of(10, [48.0] * 10)
SAID: list[tuple[str, Visit, tuple[Request, ...], Grade, str]] = [
    (
        "a slow server",
        visit(page(4200)),
        (document(dns=20, connect=30, tls=40, wait=2900, receive=80),),
        Grade.SLOW,
        "The page took 4.2 s: 2.9 s of it waiting for the server; the way there was fine (31 ms, no loss).",
    ),
    (
        "a slow server, and no HAR",
        visit(page(4200, response_time=3000)),
        (),
        Grade.SLOW,
        "The page took 4.2 s: 3.0 s of it until the server's answer began; the way there was fine (31 ms, no loss).",
    ),
    (
        "a slow name",
        visit(page(3000)),
        (document(dns=1500, connect=30, wait=200),),
        Grade.FAIR,
        "The page took 3.0 s: 1.5 s of it looking up its name (DNS); the way there was fine (31 ms, no loss).",
    ),
    (
        "slow encryption, and a slow connection",
        visit(page(3000)),
        (document(connect=600, tls=900, wait=200),),
        Grade.FAIR,
        "The page took 3.0 s: 900 ms of it agreeing on encryption (TLS), 600 ms connecting;"
        " the way there was fine (31 ms, no loss).",
    ),
    (
        "one huge request to somebody else",
        visit(page(5000)),
        (
            document(wait=100),
            request(
                sequence=2,
                url="https://ads.example/a.js",
                sort=Sort.SCRIPT,
                at=DATE + SECOND,
                duration=3500.0,
                size=3_100_000,
            ),
        ),
        Grade.SLOW,
        "The page took 5.0 s: 3.5 s of it one request (script, 3.1 MB) to ads.example;"
        " the way there was fine (31 ms, no loss).",
    ),
    (
        "one long request to the site itself, which goes on after the load",
        visit(page(5000)),
        (document(wait=100), request(sequence=2, sort=Sort.DATA, at=DATE + 3 * SECOND, duration=60_000.0)),
        Grade.SLOW,
        "The page took 5.0 s: 2.0 s of it one request (data) to the site itself;"
        " the way there was fine (31 ms, no loss).",
    ),
    (
        "more requests than connections",
        visit(page(5000)),
        (
            document(wait=100),
            request(sequence=2, duration=2_600.0, phases=((Phase.BLOCKED, 2_500.0), (Phase.WAIT, 100.0))),
        ),
        Grade.SLOW,
        "The page took 5.0 s; requests waited up to 2.5 s for a free connection;"
        " the way there was fine (31 ms, no loss).",
    ),
    (
        "redirects",
        visit(page(5000)),
        (
            request(status=301, duration=900.0),
            request(sequence=2, at=DATE + 900_000, phases=((Phase.WAIT, 100.0),), sort=Sort.DOCUMENT),
        ),
        Grade.SLOW,
        "The page took 5.0 s: 900 ms of it following redirects; the way there was fine (31 ms, no loss).",
    ),
    (
        "loss at the destination",
        visit(page(6000), ping=Ping.of(10, [31.0] * 7)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; 3 of 10 packets to the site were lost.",
    ),
    (
        "loss of everything, and no connection",
        visit(page(6000), ping=Ping(error=NO_ANSWER), connect=Connect(error="No route to host")),
        (),
        Grade.SLOW,
        "The page took 6.0 s; no packet to the site came back.",
    ),
    (
        "a site that answers no ping",
        visit(page(800), ping=Ping(error=NO_ANSWER)),
        (),
        Grade.FAST,
        "The page took 800 ms, which is fast; the way there was fine (30 ms, the site answers no ping).",
    ),
    (
        "a slow gateway behind a weak Wi-Fi",
        visit(page(6000), gateway_ping=SLOW_GATEWAY, network_profile=radio(rssi=-82)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the Wi-Fi was weak (-82 dBm); the gateway, one step away, took 48 ms.",
    ),
    (
        "a weak Wi-Fi that says so by its quality",
        visit(page(6000), network_profile=radio(quality=30)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the Wi-Fi was weak (quality 30 %).",
    ),
    (
        "a slow gateway behind a Wi-Fi that is strong",
        visit(page(6000), gateway_ping=SLOW_GATEWAY, network_profile=radio(rssi=-40, quality=100)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the gateway, one step away, took 48 ms, over a Wi-Fi that is crowded or disturbed.",
    ),
    (
        "a slow gateway by wire",
        visit(page(6000), gateway_ping=SLOW_GATEWAY),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the gateway, one step away, took 48 ms.",
    ),
    (
        "a long way",
        visit(page(6000), ping=Ping.of(10, [240.0] * 10)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the way there and back was long (240 ms).",
    ),
    (
        "a busy machine without memory",
        visit(page(6000), system_metrics=machine(0.93, 0.97)),
        (),
        Grade.SLOW,
        "The page took 6.0 s; the machine was busy (processors at 93%); the machine's memory was nearly full (97%);"
        " the way there was fine (31 ms, no loss).",
    ),
    (
        "nothing to blame",
        visit(page(6000)),
        (document(wait=100),),
        Grade.SLOW,
        "The page took 6.0 s; the way there was fine (31 ms, no loss); nothing that was measured says why.",
    ),
    (
        "a page that failed",
        visit(page(300, response_code=503)),
        (),
        Grade.FAILED,
        "The page failed: the server answered 503 (Service Unavailable); the way there was fine (31 ms, no loss).",
    ),
    (
        "a page that failed with a number of its own",
        visit(page(None, response_code=599)),
        (),
        Grade.FAILED,
        "The page failed: the server answered 599; the way there was fine (31 ms, no loss).",
    ),
    (
        "the slowest of several",
        visit(page(900), page(2600, name="page_1"), page(None, name="page_2")),
        (),
        Grade.FAIR,
        "The worst of 3 pages took 2.6 s; the way there was fine (31 ms, no loss); nothing that was measured says why.",
    ),
    (
        "a page whose load nobody saw",
        visit(page(None), ping=None, connect=None),
        (),
        Grade.UNKNOWN,
        "How long the page took is not known; of the way there nothing was measured.",
    ),
    (
        "a refused connection",
        visit(connect=Connect(error=REFUSED), ping=None, gateway_ping=None),
        (),
        Grade.FAILED,
        "The site refused the connection.",
    ),
    (
        "a site that cannot be reached",
        visit(connect=Connect(error="No route to host"), ping=None),
        (),
        Grade.FAILED,
        "The site could not be reached (No route to host).",
    ),
    (
        "a network without a page",
        visit(),
        (),
        Grade.UNKNOWN,
        "No page was loaded; the way there was fine (31 ms, no loss).",
    ),
    (
        "a connection alone",
        visit(page(900), ping=None),
        (),
        Grade.FAST,
        "The page took 900 ms, which is fast; the way there was fine (30 ms, loss was not measured).",
    ),
    (
        "nothing measured",
        visit(ping=None, gateway_ping=None, connect=None),
        (),
        Grade.UNKNOWN,
        "Nothing was measured: all that is known is that the visit was.",
    ),
]


@pytest.mark.parametrize(
    ("seen", "requests", "grade", "sentence"), [row[1:] for row in SAID], ids=[row[0] for row in SAID]
)
def test_it_says_in_plain_words_how_a_visit_went(
    seen: Visit, requests: tuple[Request, ...], grade: Grade, sentence: str
) -> None:
    told = verdict(seen, requests)
    assert (told.sentence, told.grade) == (sentence, grade)


def test_it_names_the_page_and_what_it_was_found_on() -> None:
    told = verdict(visit(page(900), page(4200, name="page_1"), gateway_ping=SLOW_GATEWAY), ())
    assert told.page == "page_1"
    assert [finding.cause for finding in told.findings] == [Cause.GATEWAY]


def test_requests_of_another_page_are_not_blamed() -> None:
    other = request(page="page_1", phases=((Phase.WAIT, 3900.0),))
    told = verdict(visit(page(4200), page(100, name="page_1")), (other,))
    assert told.findings == ()


def test_loss_at_the_gateway_alone_is_no_loss() -> None:
    told = verdict(visit(page(900), gateway_ping=Ping.of(10, [2.0] * 4)))
    assert told.findings == ()


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0 ms"), (31.4, "31 ms"), (999.4, "999 ms"), (999.6, "1.0 s"), (59_949, "59.9 s"), (72_000, "1 min 12 s")],
)
def test_spans_are_spelled_for_people(milliseconds: float, words: str) -> None:
    assert spelled(milliseconds) == words

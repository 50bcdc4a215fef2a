import json

from sojourn.agent.wire import document_of, key_of
from sojourn.core.measurement import Connect, Hop, Ping, Statistics, SystemMetrics, Traceroute
from sojourn.core.report import Browser, NetworkReport, Page, PageTimings, Visit

STARTED = 1_490_529_523_000_000
VISIT = Visit(
    agent_id="3fde6422-f119-40e1-ae32-d08a1243c038",
    date=STARTED,
    visited_site="www.thousandeyes.com",
    protocol="https",
    port=443,
    browser=Browser(name="Google Chrome", version="57.0.2987.98"),
    pages=(
        Page(
            id="page_0",
            title="Home",
            started_date_time=STARTED,
            response_code=200,
            page_timings=PageTimings(on_content_load=874, on_load=3492),
        ),
    ),
    network=NetworkReport.of(
        ping=Ping(error="Request timed out before getting response"),
        connect=Connect(rtt=77.449),
        traceroute=Traceroute(
            destination="13.32.22.232",
            hops=(Hop(hop=6, ip_address="52.93.38.116", name="x", delay=14, mpls=("L=301472,E=0,S=1,T=1",)),),
        ),
        system_metrics=SystemMetrics(
            start_time_ms=1,
            end_time_ms=2,
            cpu_utilization=Statistics.of([0.5]),
            physical_memory_used_bytes=Statistics.of([1.0, 3.0]),
            physical_memory_total_bytes=4,
        ),
    ),
    har='{"log":{"version":"1.2"}}',
)


def test_a_visit_is_told_in_the_published_names() -> None:
    assert document_of(VISIT) == {
        "agentId": "3fde6422-f119-40e1-ae32-d08a1243c038",
        "date": "2017-03-26T11:58:43.000000Z",
        "visitedSite": "www.thousandeyes.com",
        "protocol": "https",
        "port": 443,
        "browser": {"name": "Google Chrome", "version": "57.0.2987.98"},
        "pages": [
            {
                "id": "page_0",
                "title": "Home",
                "startedDateTime": "2017-03-26T11:58:43.000000Z",
                "responseCode": 200,
                "pageTimings": {"onContentLoad": 874, "onLoad": 3492},
            }
        ],
        "network": {
            "ping": {"error": "Request timed out before getting response"},
            "connect": {"rtt": 77.449},
            "traceroute": {
                "destination": "13.32.22.232",
                "hops": [
                    {"hop": 6, "ipAddress": "52.93.38.116", "name": "x", "delay": 14, "mpls": ["L=301472,E=0,S=1,T=1"]}
                ],
            },
            "systemMetrics": {
                "startTimeMs": 1,
                "endTimeMs": 2,
                "cpuUtilization": {"min": 0.5, "max": 0.5, "mean": 0.5, "median": 0.5, "stdDev": 0.0, "count": 1},
                "physicalMemoryUsedBytes": {
                    "min": 1.0, "max": 3.0, "mean": 2.0, "median": 2.0, "stdDev": 1.0, "count": 2,
                },
                "physicalMemoryTotalBytes": 4,
            },
            "icmpBlocked": True,
            "errors": ["ping: Request timed out before getting response"],
        },
        "har": {"log": {"version": "1.2"}},
    }  # fmt: skip


def test_it_is_json() -> None:
    assert json.loads(json.dumps(document_of(VISIT))) == document_of(VISIT)


def test_the_key_is_of_the_contents() -> None:
    document = document_of(VISIT)
    assert key_of(document) == key_of(dict(reversed(document.items())))
    assert key_of(document) != key_of(document | {"port": 80})
    assert 1 <= len(key_of(document)) <= 255
    assert key_of(document).isascii()

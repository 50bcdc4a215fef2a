"""Pages of visits as lists (web), their network, and the HAR of one page."""

from dataclasses import replace

import pytest

from sojourn.core.measurement import Ping
from sojourn.core.model import SECOND
from sojourn.core.report import NetworkReport
from tests.api.endpoint_v6.agents import HAR, SESSIONS, deliver, measured
from tests.stage import Stage


def test_web_tells_a_row_for_each_page_in_the_order_they_were_seen(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each, measured())
    document = stage_on_each.reader.get(f"{SESSIONS}/web").json()
    assert [row["pageId"] for row in document["webSessions"]] == ["page_0", "page_1"]
    first = document["webSessions"][0]
    assert first["userSessionId"] == name
    assert first["pageTimings"] == {"onContentLoad": 1483, "onLoad": 4569}
    assert first["responseCode"] == 200
    assert first["systemMetrics"]["cpuUtilization"]["count"] == 10
    assert document["pages"] == {"current": 1}


def test_web_splits_a_visit_between_two_pages_without_loss(stage: Stage) -> None:
    (page,) = measured().pages[:1]
    now = stage.clock.now
    visits = [
        replace(
            measured(),
            date=now - (400 - i) * SECOND,
            pages=tuple(replace(page, id=f"{i}-{n}", started_date_time=now - n) for n in range(3)),
        )
        for i in range(400)
    ]
    deliver(stage, *visits)
    rows, path = [], f"{SESSIONS}/web?window=1h"
    while path:
        document = stage.reader.get(path).json()
        rows.append([row["pageId"] for row in document["webSessions"]])
        path = document["pages"].get("next")
    assert [len(some) for some in rows] == [1000, 200]
    assert [row for some in rows for row in some] == [f"{i}-{n}" for i in range(400) for n in (2, 1, 0)]


def test_network_tells_how_a_ping_met_the_site(stage: Stage) -> None:
    lost = replace(measured(), network=NetworkReport.of(ping=Ping.of(10, [])))
    none = replace(measured(), network=None)
    deliver(stage, measured(), lost, none)
    rows = stage.reader.get(f"{SESSIONS}/network").json()["networkSessions"]
    assert [row.get("destination") for row in rows] == [
        {"target": "www.thousandeyes.com", "jitter": 36.0, "latency": 24.0, "loss": 0.0},
        {"target": "www.thousandeyes.com", "loss": 100.0},
        None,
    ]


def test_web_and_network_can_be_filtered(stage: Stage) -> None:
    deliver(stage, measured())
    body = {"searchFilters": [{"key": "visitedSite", "values": ["www.thousandeyes.com"]}]}
    assert len(stage.reader.post(f"{SESSIONS}/web", json=body).json()["webSessions"]) == 2
    assert len(stage.reader.post(f"{SESSIONS}/network", json=body).json()["networkSessions"]) == 1


def test_a_page_has_its_har_alone(stage_on_each: Stage) -> None:
    (name,) = deliver(stage_on_each, replace(measured(), har=HAR))
    log = stage_on_each.reader.get(f"{SESSIONS}/{name}/page/page_1.json").json()["har"]["log"]
    assert log["version"] == "1.2"
    assert log["pages"] == [{"id": "page_1", "title": "Next"}]
    assert log["entries"] == [{"pageref": "page_1", "time": 2}]


@pytest.mark.parametrize("page", ["page_7", "page_0"])
def test_what_has_no_har_is_not_found(stage: Stage, page: str) -> None:
    with_har, without = deliver(stage, replace(measured(), har=HAR), measured())
    name = with_har if page == "page_7" else without
    assert stage.reader.get(f"{SESSIONS}/{name}/page/{page}").status_code == 404


def test_a_har_is_for_those_who_may_see_the_visit(stage: Stage) -> None:
    (name,) = deliver(stage, replace(measured(), har=HAR))
    path = f"{SESSIONS}/{name}/page/page_0"
    assert stage.stranger.get(path).status_code == 404
    assert stage.outsider.get(path).status_code == 403
    assert stage.nobody.get(path).status_code == 401

"""The lists of visits, agents and devices, and the pages of each agent and device."""

import html
import re
from urllib.parse import quote

import httpx

from sojourn.core.model import DAY
from tests.agent.chrome import needs_chromium
from tests.api.native_v1.samples import opened
from tests.api.native_v1.traveller import AGENTS, deliver, visit
from tests.console.axe import serious
from tests.console.browser import PHONE, Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage

HOSTILE = "a/b c?&<i>'\"#%25"


def sites(page: httpx.Response) -> list[str]:
    """The sites of the visits that a list shows."""
    return re.findall(r'<th scope="row"><a href="/visits\?visitedSite=([^"&]+)', page.text)


def link(page: httpx.Response, rel: str) -> str:
    """Where a page of a list leads to."""
    return html.unescape(re.findall(rf'href="([^"]+)" rel="{rel}"', page.text)[0])


def days(stage: Stage, *bodies: dict[str, object]) -> None:
    deliver(stage.recorder, *bodies)


def test_visits_are_found_by_what_the_api_finds_them_by(signed_in: SignedIn, stage: Stage) -> None:
    days(
        stage,
        visit("2026-11-21T12:00:00Z", visitedSite="a.example.org", agentId="one"),
        visit("2026-11-22T12:00:00Z", visitedSite="b.example.org", agentId="two", trigger="auto"),
        visit("2026-11-23T12:00:00Z", visitedSite="c.example.com", agentId="two"),
    )
    visitor = signed_in(stage.reader)
    everything = ["c.example.com", "b.example.org", "a.example.org"]
    for query, told in (
        ({}, everything),
        ({"order": "oldest"}, everything[::-1]),
        ({"visitedSite": "B.example.org"}, ["b.example.org"]),
        ({"agentId": "two", "trigger": "user"}, ["c.example.com"]),
        ({"domain": "example.org"}, ["b.example.org", "a.example.org"]),
        ({"from": "2026-11-22", "to": "2026-11-22"}, ["b.example.org"]),
        ({"from": "2026-11-22T13:00:00Z"}, ["c.example.com"]),
        ({"gateway": "10.0.0.1", "connection": "Wireless"}, everything),
        ({"ssid": "nowhere"}, []),
    ):
        page = visitor.request("GET", "/visits", params=query)
        assert (page.status_code, sites(page)) == (200, told), query
    assert "No visit is like that" in visitor.get("/visits", ssid="nowhere").text
    assert words_of(visitor.get("/visits")).count("Fair") == 3


def test_what_cannot_be_meant_is_said_at_its_field(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.reader)
    for query, words in (
        ({"from": "yesterday"}, "Must be a time such as"),
        ({"to": "2026-02-30"}, "Must be a"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "Must not be before the start"),
        ({"ssid": "x" * 300}, "Must not be longer than 255"),
    ):
        page = visitor.request("GET", "/visits", params=query)
        assert page.status_code == 400
        assert words in words_of(page)


def test_the_days_beside_one_are_one_step_away(signed_in: SignedIn, stage: Stage) -> None:
    page = signed_in(stage.reader).request("GET", "/visits", params={"from": "2026-11-20", "to": "2026-11-20"})
    (earlier,) = re.findall(r'href="([^"]+)">Day before', page.text)
    (later,) = re.findall(r'href="([^"]+)">Day after', page.text)
    assert "from=2026-11-19&to=2026-11-19" in html.unescape(earlier)
    assert "from=2026-11-21&to=2026-11-21" in html.unescape(later)
    assert "Day after" not in signed_in(stage.reader).request("GET", "/visits", params={"from": "2026-11-23"}).text


def test_a_long_list_is_turned_both_ways(signed_in: SignedIn, stage: Stage) -> None:
    dates = [f"2026-11-{day:02d}T{hour:02d}:00:00Z" for day in (20, 21, 22) for hour in range(20)]
    days(stage, *[visit(date, visitedSite=f"s{i:02d}.example.org") for i, date in enumerate(dates)])
    visitor = signed_in(stage.reader)
    first = visitor.get("/visits", domain="example.org")
    second = visitor.get(link(first, "next"))
    third = visitor.get(link(second, "next"))
    assert sites(first) + sites(second) + sites(third) == [f"s{i:02d}.example.org" for i in reversed(range(60))]
    assert sites(visitor.get(link(third, "prev"))) == sites(second)
    elsewhere = link(first, "next").replace("domain=example.org", "domain=example.com")
    assert sites(visitor.get(elsewhere)) == []  # a place of another list: its first page is shown


def test_agents_tell_what_they_measured_last(signed_in: SignedIn, stage: Stage) -> None:
    body = {
        "name": "reception",
        "osVersion": "Debian 13",
        "version": "0.1.0",
        "totalMemory": 2**34,
        "addresses": ["::1"],
    }
    stage.recorder.request("PUT", f"{AGENTS}/one", json=body)
    days(
        stage,
        visit("2026-11-21T12:00:00Z", agentId="one"),
        visit("2026-11-22T12:00:00Z", agentId="one", visitedSite="b.b"),
    )
    stage.recorder.request("PUT", f"{AGENTS}/two", json={})
    visitor = signed_in(stage.reader)
    told = words_of(visitor.get("/agents"))
    assert "reception Debian 13 agent 0.1.0 just now b.b 1 day ago Fair 3.0 s" in told
    assert "two – just now nothing lately" in told
    one = visitor.get("/agents/one")
    assert sites(one) == ["b.b", "www.example.org"]
    assert "16.0 GiB" in words_of(one)
    assert "It has delivered no visit" in visitor.get("/agents/two").text
    assert visitor.get("/agents/three").status_code == 404
    stage.clock.now += 2 * DAY
    assert "2 days ago silent" in words_of(signed_in(stage.reader).get("/agents"))


def test_devices_tell_who_was_there_last_and_what_was_measured(signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder, login="anna", device={"guid": "one", "name": "DESK-1"}, module="CARE")
    opened(stage.recorder, login="ben", device={"guid": "one"})
    days(stage, visit(agentId="one"), visit(agentId="two"))
    visitor = signed_in(stage.reader)
    told = words_of(visitor.get("/devices"))
    assert "DESK-1 one just now running ben –" in told
    assert "two no session of anybody" in told
    one = visitor.get("/devices/one")
    assert "anna CARE" in words_of(one)
    assert sites(one) == ["www.example.org"]
    assert visitor.get("/devices/three").status_code == 404
    assert "Nobody had a session here" in visitor.get("/devices/two").text


def test_ids_may_hold_anything(signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder, device={"guid": HOSTILE, "name": HOSTILE})
    days(stage, visit(agentId=HOSTILE))
    visitor = signed_in(stage.reader)
    for noun in ("agents", "devices"):
        page = visitor.get(f"/{noun}")
        assert "<i>" not in page.text
        (target,) = {html.unescape(found) for found in re.findall(rf'href="(/{noun}/[^"]+)"', page.text)}
        assert target.partition("?")[0] == f"/{noun}/{quote(HOSTILE)}"
        assert visitor.get(target).status_code == 200
    assert len(sites(visitor.get("/visits", agentId=HOSTILE))) == 1


def test_empty_lists_say_what_to_do(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.stranger)
    for path, command in (
        ("/visits", "sojourn agent visit"),
        ("/agents", "sojourn agent visit"),
        ("/devices", "sojourn collect logins"),
    ):
        told = words_of(visitor.get(path))
        assert command in told
        assert "SOJOURN_SERVER_URL=http://sojourn.example " in told


def test_everybody_is_shown_what_is_theirs(signed_in: SignedIn, visitor: Visitor, stage: Stage) -> None:
    opened(stage.recorder, device={"guid": "secret"})
    days(stage, visit(agentId="secret"))
    paths = ("/visits", "/agents", "/agents/secret", "/devices", "/devices/secret")
    for persona, told in (
        (stage.reader, (200, 200, 200, 200, 200)),
        (stage.clerk, (200, 200, 404, 403, 403)),
        (stage.outsider, (403, 403, 403, 403, 403)),
        (stage.stranger, (200, 200, 404, 200, 404)),
    ):
        somebody = signed_in(persona)
        pages = [somebody.get(path) for path in paths]
        assert tuple(page.status_code for page in pages) == told, persona.name
        if persona is not stage.reader:
            assert not any("secret" in page.text for page in pages if page.status_code == 200)
    assert [visitor.get(path, follow=False).status_code for path in paths] == [303] * 5


@needs_chromium
def test_they_can_be_looked_at(browser: Browser, signed_in: SignedIn, stage: Stage) -> None:
    opened(stage.recorder, device={"guid": "one", "name": "DESK-1"})
    days(stage, visit(agentId="one"))
    browser.give_cookie("sojourn", signed_in(stage.reader).session)
    for name, path in (
        ("visits", "/visits"),
        ("agents", "/agents"),
        ("agent", "/agents/one"),
        ("devices", "/devices"),
        ("device", "/devices/one"),
    ):
        browser.open(path)
        browser.wait_for("document.cookie.includes('sojourn-zone')")
        browser.settle()
        assert serious(browser) == []
        browser.screenshots(name)
        browser.look(PHONE)
        assert browser.too_wide() == 0, path
        browser.look()

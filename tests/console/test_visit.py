"""A visit's page: where a `permalink` leads."""

import html
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest

from sojourn.core.access import Level, Resource
from tests.agent.chrome import needs_chromium
from tests.api.native_v1.traveller import VISITS, golden_body
from tests.console.axe import serious
from tests.console.browser import PHONE, Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, words_of
from tests.console.visits import delivered, entry, har
from tests.stage import Stage

HOSTILE = "<script>alert(1)</script>\"'&"
MANY = har(*[entry(i) for i in range(1_050)])


def permalink(stage: Stage, name: str) -> str:
    """What the published dialect tells, as far as it is ours."""
    told = stage.reader.get(f"/v6/endpoint-data/user-sessions/{name}.json").json()["userSessions"][0]["permalink"]
    parts = urlsplit(told)
    return f"{parts.path}?{parts.query}".rstrip("?")


def rows(page: httpx.Response) -> list[str]:
    """The addresses of the requests that are shown."""
    return re.findall(r'<p class="url"><code>(.*?)</code>', page.text)


def test_its_permalink_leads_through_the_door_to_it(visitor: Visitor, stage: Stage) -> None:
    link = permalink(stage, delivered(stage.recorder))
    door = visitor.get(link)
    assert door.url.path == "/sign-in"
    target = re.findall(r'name="next" value="([^"]+)"', door.text)[0]
    page = visitor.post("/sign-in/token", {"token": stage.reader.secret, "next": html.unescape(target)})
    assert page.url.path == link
    assert "The page took 3.0 s" in words_of(page)


def test_it_opens_in_its_own_organisation_whichever_the_reader_was_in(signed_in: SignedIn, stage: Stage) -> None:
    name = delivered(stage.recorder)
    stage.core.registry.add_member(2, stage.reader.email, "Owners")
    token = stage.core.registry.add_token(2, stage.reader.email, "at home in Beta")
    stage.core.registry.make_default(2, stage.reader.email)
    visitor = signed_in(stage.reader)
    visitor.get("/?organisation=2")
    page = visitor.get(f"/visits/{name}")
    assert page.status_code == 200
    assert page.url.params["organisation"] == "1"
    assert token.token.organisation == 2


def test_whoever_may_not_see_it_is_refused_without_a_leak(signed_in: SignedIn, visitor: Visitor, stage: Stage) -> None:
    name = delivered(stage.recorder, har=har(entry(0)), visitedSite="secret.example.org")
    for path in (f"/visits/{name}", f"/visits/{name}/har"):
        for persona, status in ((stage.stranger, 404), (stage.outsider, 403), (stage.clerk, 404), (stage.reader, 200)):
            page = signed_in(persona).get(path)
            assert page.status_code == status, (persona.name, path)
            assert ("secret" in page.text or "asset" in page.text) == (status == 200)
        assert visitor.get(path, follow=False).status_code == 303
    for persona in (stage.stranger, stage.outsider, stage.clerk):
        assert "secret" not in signed_in(persona).get("/visits").text


def test_who_may_read_sessions_only_sees_no_visit(signed_in: SignedIn, stage: Stage) -> None:
    stage.core.registry.set_group(1, "Care", {Resource.ACTIVITY_SESSIONS: Level.READ})
    name = delivered(stage.recorder)
    visitor = signed_in(stage.persona("carer", "Care"))
    for path in ("/visits", f"/visits/{name}", "/agents", "/agents/agent-1"):
        assert visitor.get(path).status_code == 403
    device = visitor.get("/devices/agent-1")
    assert device.status_code == 200
    assert "measured" not in words_of(device)


def test_what_is_no_visit_is_not_there(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.reader)
    for name in ("nonsense", "00001:0:aaaaaaaa", "99999:1795435200:00000000", "a:b"):
        assert visitor.get(f"/visits/{name}").status_code == 404


def test_it_tells_everything_that_was_measured(signed_in: SignedIn, stage: Stage) -> None:
    answer = stage.recorder.post(VISITS, json=golden_body())
    told = words_of(signed_in(stage.reader).get(f"/visits/{answer.json()['userSessionId']}"))
    for words in (
        "The worse of 2 pages took 4.6 s",
        "the way there was fine (24 ms, no loss)",
        "Network Intelligence Software | ThousandEyes",
        "Google Chrome 57.0.2987.98",
        "Hops 9–11 silent: no answer to the probes",
        "A silent step is no loss",
        "176.32.124.93",
        "AS34779",
        "84.255.192.0/18",
        "L=301472,E=0,S=1,T=1",
        "Internet for the masses",
        "-38 dBm, strong",
        "Channel 1",
        "39 % on average, 31 to 56 %",
        "11.9 of 15.9 GiB",
        "8.8.8.8, 8.8.4.4",
        "1.5 s",
        "4.6 s",
        "None were kept of this visit",
    ):
        assert words in told, words


def test_its_json_is_what_the_api_tells(signed_in: SignedIn, stage: Stage) -> None:
    name = stage.recorder.post(VISITS, json=golden_body()).json()["userSessionId"]
    page = signed_in(stage.reader).get(f"/visits/{name}")
    (raw,) = re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code>", page.text, flags=re.DOTALL)
    assert json.loads(html.unescape(raw)) == stage.reader.get(f"{VISITS}/{name}").json()


def test_a_visit_of_which_nothing_is_known_has_a_page_too(signed_in: SignedIn, stage: Stage) -> None:
    name = delivered(stage.recorder, pages=[], network=None, browser=None)
    told = words_of(signed_in(stage.reader).get(f"/visits/{name}"))
    assert "Nothing was measured: all that is known is that the visit was." in told


def test_what_failed_is_said_in_words(signed_in: SignedIn, stage: Stage) -> None:
    network = {
        "ping": {"error": "Request timed out before getting response"},
        "traceroute": {"error": "no route"},
        "networkProfile": {"error": "no interface"},
        "systemMetrics": {"error": "no such process"},
        "errors": ["ping: Request timed out before getting response", "traceroute: no route", "something else"],
    }
    told = words_of(signed_in(stage.reader).get(f"/visits/{delivered(stage.recorder, network=network)}"))
    assert "Ping of the site : no answer came in time" in told
    assert "The way there : no route" in told
    assert "something else" in told


def test_the_har_is_a_file_and_the_same_as_the_api_has(signed_in: SignedIn, stage: Stage) -> None:
    name = delivered(stage.recorder, har=har(entry(0)))
    answer = signed_in(stage.reader).get(f"/visits/{name}/har")
    assert answer.json() == stage.reader.get(f"{VISITS}/{name}/har").json()
    assert answer.headers["content-disposition"] == f'attachment; filename="{name.replace(":", "-")}.har"'
    assert answer.headers["content-type"] == "application/json"


def test_a_visit_without_one_has_none(signed_in: SignedIn, stage: Stage) -> None:
    assert signed_in(stage.reader).get(f"/visits/{delivered(stage.recorder)}/har").status_code == 404


def test_a_thousand_requests_are_told_by_pages_and_are_not_heavy(signed_in: SignedIn, stage: Stage) -> None:
    visitor, name = signed_in(stage.reader), delivered(stage.recorder, har=MANY)
    seen = [rows(visitor.get(f"/visits/{name}", rows=first)) for first in (0, 300, 600, 900, 1200)]
    assert [len(some) for some in seen] == [300, 300, 300, 150, 0]
    assert len({address for some in seen for address in some}) == 1_050
    page = visitor.get(f"/visits/{name}", headers={"Accept-Encoding": "gzip"})
    assert len(page.content) < 1_500_000
    assert "1 to 300 of 1" in words_of(page)


FOUND: list[tuple[dict[str, str], int]] = [
    ({}, 7),
    ({"text": "ASSET-3"}, 1),
    ({"sort": "script"}, 2),
    ({"sort": "nonsense"}, 7),
    ({"answer": "failed"}, 2),
    ({"answer": "redirect"}, 1),
    ({"answer": "good"}, 4),
    ({"domain": "ads.example"}, 1),
    ({"domain": "nobody.example"}, 0),
    ({"rows": "-1"}, 7),
    ({"from": "0", "to": "nonsense"}, 7),
    ({"from": "nan", "to": "inf"}, 7),
    ({"from": "100", "to": "200"}, 7),
    ({"range": "full"}, 7),
]


def test_requests_are_found_without_scripts(signed_in: SignedIn, stage: Stage) -> None:
    script = {"status": 500, "content": {"mimeType": "text/javascript"}}
    some = [
        entry(0), entry(1), entry(2), entry(3),
        entry(4, response={"status": 0, "content": {}}),
        entry(5, request={"method": "POST", "url": "https://ads.example/x"}, response=script),
        entry(6, response={"status": 301, "content": {}}),
    ]  # fmt: skip
    visitor, name = signed_in(stage.reader), delivered(stage.recorder, har=har(*some))
    for query, count in FOUND:
        page = visitor.request("GET", f"/visits/{name}", params=query)
        assert (page.status_code, len(rows(page))) == (200, count), query
        assert ("No request is like that" in page.text) == (count == 0)


def test_requests_stand_in_the_order_that_is_asked_for(signed_in: SignedIn, stage: Stage) -> None:
    small, long = entry(0), entry(1, time=900)
    small["response"]["bodySize"] = 9_999
    name = delivered(stage.recorder, har=har(small, long))
    visitor = signed_in(stage.reader)
    orders = {
        order: rows(visitor.get(f"/visits/{name}", order=order))[0][-1] for order in ("start", "longest", "largest")
    }
    assert orders == {"start": "0", "longest": "1", "largest": "0"}


def test_one_late_request_is_out_of_sight_until_it_is_asked_for(signed_in: SignedIn, stage: Stage) -> None:
    late = entry(1, startedDateTime="2026-11-23T12:01:00Z")
    name = delivered(stage.recorder, har=har(entry(0), late))
    visitor = signed_in(stage.reader)
    assert "0 to 3.3 s of 1 min 0 s" in words_of(visitor.get(f"/visits/{name}"))
    assert "0 to 1 min 0 s" in words_of(visitor.get(f"/visits/{name}", range="full"))


def test_the_time_can_be_zoomed_without_scripts(signed_in: SignedIn, stage: Stage) -> None:
    name = delivered(stage.recorder, har=har(entry(0), entry(1, startedDateTime="2026-11-23T12:01:00Z")))
    visitor = signed_in(stage.reader)
    page = visitor.get(f"/visits/{name}")
    steps = {"in": "825 ms to 2.5 s", "later": "1.6 s to 3.3 s", "earlier": "825 ms to 2.5 s", "out": "0 to 3.3 s"}
    for step, words in steps.items():
        (link,) = re.findall(rf'data-step="{step}" href="([^"]+)"', page.text)
        page = visitor.get(html.unescape(link))
        assert words in words_of(page)


def test_the_requests_of_each_page_stand_for_themselves(signed_in: SignedIn, stage: Stage) -> None:
    two = [
        {"id": name, "title": name, "startedDateTime": "2026-11-23T12:00:00Z", "pageTimings": {"onLoad": load}}
        for name, load in (("page_1", 100), ("page_0", 5_000))
    ]
    name = delivered(stage.recorder, pages=two, har=har(entry(0), entry(1, pageref="page_1")))
    visitor = signed_in(stage.reader)
    assert rows(visitor.get(f"/visits/{name}")) == ["https://www.example.org/asset-0"]  # of the page that was slow
    assert rows(visitor.get(f"/visits/{name}", page="page_1")) == ["https://www.example.org/asset-1"]
    assert rows(visitor.get(f"/visits/{name}", page="nonsense")) == ["https://www.example.org/asset-0"]


def test_hostile_words_are_words(signed_in: SignedIn, stage: Stage) -> None:
    request = {
        "method": HOSTILE,
        "url": f"https://x.example/{HOSTILE}",
        "headers": [{"name": HOSTILE, "value": HOSTILE}],
    }
    response = {"status": 200, "statusText": HOSTILE, "headers": [], "content": {"mimeType": HOSTILE}}
    hop = {"hop": 2, "ipAddress": "198.51.100.1", "name": HOSTILE, "mpls": [HOSTILE]}
    name = delivered(
        stage.recorder,
        har=har(entry(0, request=request, response=response, serverIPAddress=HOSTILE)),
        browser={"name": HOSTILE},
        network={
            "errors": [HOSTILE, f"ping: {HOSTILE}"],
            "traceroute": {"destination": "203.0.113.9", "hops": [hop], "protocol": HOSTILE},
            "networkProfile": {"interfaceName": HOSTILE, "wirelessProfile": {"ssid": HOSTILE}},
        },
    )
    page = signed_in(stage.reader).get(f"/visits/{name}", text=HOSTILE, domain=HOSTILE)
    again = signed_in(stage.reader).get(f"/visits/{name}")
    for told in (page, again):
        assert told.status_code == 200
        assert "<script>alert" not in told.text
        assert "style=" not in told.text


@needs_chromium
def test_a_person_opens_a_permalink_and_looks_into_it(browser: Browser, stage: Stage) -> None:
    broken = entry(10, response={"status": 500, "content": {"mimeType": "application/json"}})
    late = entry(11, startedDateTime="2026-11-23T12:00:40Z")
    name = delivered(
        stage.recorder, har=har(*[entry(i) for i in range(10)], broken, late), network=golden_body()["network"]
    )
    browser.open(permalink(stage, name))
    browser.fill("#f-token", stage.reader.secret)
    browser.leave_by("form[action='/sign-in/token'] button")
    assert browser.path == f"/visits/{name}?organisation=1"
    browser.see("The page took 3.0 s")
    assert serious(browser) == []
    browser.screenshots("visit")

    browser.fill("#fall-text", "asset-1")
    browser.wait_for("document.querySelectorAll('[data-rows] > li').length === 3")
    browser.see("3 of 12 requests")
    assert "text=asset-1" in browser.path
    assert browser.evaluate("document.activeElement.id") == "fall-text"

    browser.evaluate("document.querySelector('[data-rows] summary').focus()")
    browser.press("ArrowDown")
    browser.press("Enter")
    browser.see("waiting for the server".capitalize())
    assert browser.count("[data-rows] details[open]") == 1
    browser.press("Escape")
    assert browser.count("[data-rows] details[open]") == 0

    browser.press("+")
    browser.see("825 ms to 2.5 s of 40")
    assert browser.evaluate("document.activeElement.tagName") == "SUMMARY"
    browser.click("a[href*='range=full']")
    browser.see("0 to 40.1 s")
    browser.evaluate("window.here = true; history.back()")  # asks the server for what was there before
    browser.wait_for("window.here === undefined && document.readyState === 'complete'")
    assert "range=full" not in browser.path
    browser.look(PHONE)
    assert browser.too_wide() == 0


@needs_chromium
def test_a_stretch_of_time_is_chosen_by_dragging_over_the_axis(
    browser: Browser, signed_in: SignedIn, stage: Stage
) -> None:
    name = delivered(stage.recorder, har=har(*[entry(i) for i in range(5)]))
    browser.give_cookie("sojourn", signed_in(stage.reader).session)
    browser.open(f"/visits/{name}")
    browser.wait_for("document.cookie.includes('sojourn-zone') && document.querySelector('[data-axis]') !== null")
    browser.settle()
    box = browser.evaluate(
        "(() => { const a = document.querySelector('[data-axis]'); a.scrollIntoView({block: 'center'});"
        " const b = a.getBoundingClientRect(); return [b.left, b.width, b.top + 10]; })()"
    )
    for kind, part in (("mousePressed", 0.25), ("mouseMoved", 0.4), ("mouseReleased", 0.5)):
        where = {"x": box[0] + box[1] * part, "y": box[2]}
        browser.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)
    browser.wait_for("location.search.includes('from=')")
    first, last = (float(found) for found in re.findall(r"(?:from|to)=([\d.]+)", browser.path))
    assert first == pytest.approx(750, abs=10)
    assert last == pytest.approx(1500, abs=20)

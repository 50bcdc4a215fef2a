"""One person in two organisations, with other rights in each: what is shown is that of one, until they switch."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from tests.agent.chrome import needs_chromium
from tests.api.native_v1.samples import activity, on_day
from tests.console.axe import serious
from tests.console.browser import PHONE, Browser
from tests.console.conftest import BrowseAs, SignedIn
from tests.console.desk import worked
from tests.console.visitor import Visitor, words_of
from tests.console.visits import delivered
from tests.stage import ACME, BETA, Persona, Stage

OURS, THEIRS = "boris", "anna"
"""Who is in Beta's sessions, and who in Acme's, under the same numbers."""

OUTSIDE = ("/static/", "/docs", "/metrics", "/openapi", "/sign-in", "/healthz")
"""What belongs to no organisation."""


@pytest.fixture
def nina(stage: Stage) -> Persona:
    """Nina owns Acme, where she works by default, and records in Beta; both have sessions and visits."""
    owner = stage.persona("nina", "Owners")
    stage.core.registry.add_member(BETA, owner.email, "Recorders")
    for who, login in ((stage.owner, THEIRS), (stage.stranger, OURS)):
        done = [activity(on_day("10:01:00"), entityId=f"of {login}", note=f"a word of {login}")]
        worked(who, login, "10:00", "11:00", module=f"of-{login}", activities=done)
        worked(who, login, "11:30")
        delivered(who, agentId=f"agent-of-{login}", visitedSite=f"{login}.example")
    return stage.roaming(owner)


def whose(url: str) -> str:
    """The organisation that an address tells."""
    return parse_qs(urlsplit(url).query).get("organisation", [""])[0]


def within(page: str) -> str:
    """A page without its switch."""
    return re.sub(r'<details class="switch">.*?</details>', "", page, flags=re.DOTALL)


def links(page: str, at: str) -> Iterator[str]:
    """Where a page leads by links, and by forms that look."""
    body = within(page)
    for href in re.findall(r'<a [^>]*href="([^"#]+)', body):
        yield urljoin(at, unescape(href))
    for action, fields in re.findall(r'<form[^>]*method="get"[^>]*action="([^"#]*)[^>]*>(.*?)</form>', body, re.DOTALL):
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', fields)
        query = "&".join(f"{name}={unescape(value)}" for name, value in hidden)
        yield urljoin(at, f"{unescape(action).partition('?')[0]}?{query}")  # a browser drops what the action asks for


def forms(page: str, at: str) -> Iterator[str]:
    """Where the forms of a page are sent that change something."""
    for action in re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', within(page)):
        yield urljoin(at, unescape(action))


def crawled(visitor: Visitor, begin: str, most: int = 150) -> dict[str, str]:
    """Every page that can be come to from one, by its address; each sort of address is followed a few times."""
    found: dict[str, str] = {}
    sorts: dict[str, int] = {}
    waiting = [urljoin("http://sojourn.example", begin)]
    while waiting and len(found) < most:
        url = waiting.pop(0)
        parts = urlsplit(url)
        sort = re.sub(r"\d[\w:%-]*", "0", f"{parts.path}?{'&'.join(sorted(parse_qs(parts.query)))}")
        if parts.path.startswith(OUTSIDE) or url in found or sorts.get(sort, 0) >= 2:
            continue
        sorts[sort] = sorts.get(sort, 0) + 1
        answer = visitor.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, (url, words_of(answer))
        found[str(answer.url)] = answer.text
        if answer.headers["content-type"].startswith("text/html"):
            waiting += [link for link in links(answer.text, str(answer.url)) if "/events" not in link]
    return found


def test_every_link_and_form_stays_in_the_organisation(nina: Persona, signed_in: SignedIn) -> None:
    found = crawled(signed_in(nina), f"/?organisation={BETA}")
    sorts = {urlsplit(url).path for url in found}
    assert {
        "/sessions",
        "/people",
        "/entities",
        "/visits",
        "/devices",
        "/agents",
        "/live",
        "/account",
    } <= sorts
    assert "/sessions/1" in sorts
    assert not {"/access", "/organisation", "/system"} & sorts  # she may not, here
    for url, page in found.items():
        assert whose(url) == str(BETA), url
        assert THEIRS not in page, url
        for link in (*links(page, url), *forms(page, url)):
            led = urlsplit(link).path
            assert led.startswith((*OUTSIDE, "/theme")) or whose(link) == str(BETA), (url, link)
    assert any(OURS in page for page in found.values())


def test_a_form_is_done_in_the_organisation_whose_page_it_stood_on(
    nina: Persona, signed_in: SignedIn, stage: Stage
) -> None:
    visitor = signed_in(nina)
    page = visitor.get("/sessions/2", organisation=BETA)
    (action,) = re.findall(r'<form[^>]*action="(/sessions/2/end[^"]*)"', page.text)
    told = visitor.post(unescape(action), {"reason": "Went home", "key": "k"})
    assert "The session has ended" in words_of(told)
    assert "endedAt" in stage.stranger.get("/api/v1/sessions/2").json()
    assert "endedAt" not in stage.owner.get("/api/v1/sessions/2").json()


def test_the_default_is_told_where_an_address_tells_none(nina: Persona, signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(nina)
    assert whose(str(visitor.get("/sessions").url)) == str(ACME)
    stage.core.registry.make_default(BETA, nina.email)
    assert whose(str(visitor.get("/sessions").url)) == str(BETA)


@pytest.mark.parametrize("path", ["/sessions", "/sessions/1", "/people", "/account", "/", "/access", "/live/events"])
def test_a_link_to_another_organisation_is_refused_without_a_word_of_it(
    nina: Persona, signed_in: SignedIn, stage: Stage, path: str
) -> None:
    number = stage.core.registry.add_organisation("Gamma Secret").id
    visitor = signed_in(nina)
    told = [visitor.get(path, organisation=which) for which in (number, 4711)]
    assert [answer.status_code for answer in told] == [404, 404]
    texts = [words_of(answer).replace(str(which), "#") for answer, which in zip(told, (number, 4711), strict=True)]
    assert texts[0] == texts[1]
    assert "Gamma" not in told[0].text
    assert "To the first page" in texts[0]


@needs_chromium
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_a_person_switches(nina: Persona, browse_as: BrowseAs, scripts: bool, phone: bool) -> None:
    browser = browse_as(nina)
    browser.call("Emulation.setScriptExecutionDisabled", value=not scripts)
    if phone:
        browser.look(PHONE)
    browser.open("/")
    browser.see(THEIRS)
    assert whose(browser.path) == str(ACME)
    open_menu(browser, phone)
    assert "Access" in menu(browser)

    switch(browser, BETA)
    browser.see(OURS)
    assert whose(browser.path) == str(BETA)
    assert THEIRS not in browser.text("body")
    assert browser.too_wide() == 0
    open_menu(browser, phone)
    assert browser.text(".switch-name") == "Beta"
    assert not {"Access", "Organisation", "System"} & set(menu(browser))
    assert not scripts or serious(browser) == []  # axe is a script itself

    look_for(browser, THEIRS)  # whom Beta does not know
    assert whose(browser.path) == str(BETA)
    assert f"of-{THEIRS}" not in browser.text()
    open_menu(browser, phone)
    look_for(browser, OURS)
    browser.see("This can be several things")
    assert whose(browser.path) == str(BETA)

    open_menu(browser, phone)
    switch(browser, ACME)
    browser.see(THEIRS)
    assert whose(browser.path) == str(ACME)
    assert OURS not in browser.text("body")


def open_menu(browser: Browser, phone: bool) -> None:
    """Tap the button that shows the menu, where that is folded."""
    if phone:
        browser.click("label.menu-button")
        browser.wait_for("document.querySelector('.switch summary').getBoundingClientRect().height > 0")


def menu(browser: Browser) -> list[str]:
    """What the main menu leads to."""
    names: list[str] = browser.evaluate(
        "[...document.querySelectorAll('nav[aria-label=Main] a')].map(a => a.innerText)"
    )
    return names


def switch(browser: Browser, number: int) -> None:
    """Open the switch and choose."""
    browser.click(".switch summary")
    browser.wait_for("document.querySelector('details.switch').open")
    browser.leave_by(f".switch a[href='/?organisation={number}']")


def look_for(browser: Browser, text: str) -> None:
    """Find something by the field of the menu."""
    browser.fill("#find", text)
    browser.leave_by(".finder button")

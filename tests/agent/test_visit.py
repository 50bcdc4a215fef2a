import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from sojourn.agent import visit as visiting
from sojourn.agent.browser import chromium
from sojourn.agent.browser.devtools import BrowserError
from sojourn.agent.har import read
from sojourn.agent.privacy import Privacy
from sojourn.agent.visit import NotVisited, Visitor
from sojourn.agent.weblog import Entry, LoadedPage, WebLog
from sojourn.core.measurement import Connect
from sojourn.core.report import Browser, NetworkReport, Page
from tests.agent.test_har import STARTED, document, entry, packed, page

URL = "https://www.site.example/"
LOG = WebLog(
    pages=(
        LoadedPage(id="page_0", title="Home", started=1_000_000, url=URL + "?q=secret", response_code=200, on_load=7),
        LoadedPage(id="page_1", title="Next", started=2_000_000, url=URL + "next"),
    ),
    entries=(
        Entry(url=URL + "?q=secret", page="page_0", started=1_000_000),
        Entry(url="https://cdn.example/secret", page="page_1", started=2_000_000),
    ),
    browser=Browser(name="Chromium", version="1.2.3.4"),
)


async def connected(host: str, port: int) -> NetworkReport:
    assert (host, port) == ("www.site.example", 443)
    return NetworkReport.of(connect=Connect(rtt=1.5))


def visitor(**changes: Any) -> Visitor:
    told: dict[str, Any] = {"agent_id": "a", "privacy": Privacy(domains=["site.example"]), "measure": connected}
    return Visitor(**(told | changes))


def shows(monkeypatch: pytest.MonkeyPatch, show: Callable[..., WebLog]) -> None:
    monkeypatch.setattr(chromium, "visit", show)


def test_a_visit_is_browser_and_network_together(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, lambda urls, settings: LOG)
    visit = visitor().visit([URL + "?q=secret", URL + "next"], trigger="auto")
    assert (visit.agent_id, visit.visited_site, visit.protocol, visit.port) == ("a", "www.site.example", "https", 443)
    assert visit.trigger == "auto"
    assert visit.browser == LOG.browser
    assert [each.id for each in visit.pages] == ["page_1", "page_0"]
    assert visit.pages[1].url == URL
    assert visit.pages[1].page_timings is not None
    assert visit.pages[1].page_timings.on_load == 7
    assert visit.pages[0].page_timings is None
    assert visit.network is not None
    assert visit.network.connect == Connect(rtt=1.5)
    assert visit.network.errors == ()
    assert visit.har is not None
    assert "secret" not in visit.har
    assert len(json.loads(visit.har)["log"]["entries"]) == 2


def test_the_probes_work_beside_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    async def slow(host: str, port: int) -> NetworkReport:
        begun.append("probes")
        await asyncio.sleep(1.0)
        return await connected(host, port)

    def show(urls: Any, settings: Any) -> WebLog:
        begun.append("browser")
        time.sleep(1.0)
        return LOG

    shows(monkeypatch, show)
    start = time.monotonic()
    visitor(measure=slow).visit([URL], trigger="user")
    assert begun == ["probes", "browser"]
    assert time.monotonic() - start < 1.9


def test_without_probes_there_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, lambda urls, settings: LOG)
    assert visitor(measure=None).visit([URL], trigger="user").network is None


def test_what_went_wrong_with_the_pages_is_told_among_the_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, lambda urls, settings: WebLog(notes=("page: net::ERR_FAILED",)))
    for measure in (connected, None):
        visit = visitor(measure=measure).visit([URL], trigger="user")
        assert visit.network is not None
        assert visit.network.errors == ("page: net::ERR_FAILED",)
        assert visit.pages == ()
        assert visit.har is None


def test_a_browser_that_fails_is_told_and_the_network_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(urls: Any, settings: Any) -> WebLog:
        raise BrowserError("there is no chromium here")

    shows(monkeypatch, show)
    visit = visitor().visit([URL], trigger="user")
    assert visit.browser is None
    assert visit.network is not None
    assert visit.network.connect == Connect(rtt=1.5)
    assert visit.network.errors == ("browser: there is no chromium here",)


def test_an_interrupted_visit_ends_its_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    async def endless(host: str, port: int) -> NetworkReport:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("probes")
        raise AssertionError

    def show(urls: Any, settings: Any) -> WebLog:
        raise KeyboardInterrupt

    shows(monkeypatch, show)
    with pytest.raises(KeyboardInterrupt):
        visitor(measure=endless).visit([URL], trigger="user")
    assert ended == ["probes"]


def test_a_bug_in_a_probe_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(host: str, port: int) -> NetworkReport:
        raise ZeroDivisionError

    shows(monkeypatch, lambda urls, settings: LOG)
    with pytest.raises(ZeroDivisionError):
        visitor(measure=broken).visit([URL], trigger="user")


@pytest.mark.parametrize(
    ("urls", "reason"),
    [
        (["https://bank.example/"], "bank.example is not among the domains"),
        (["https://www.site.example/", "https://api.site.example/"], "one site"),
        (["https://www.site.example/", "http://www.site.example/"], "one site"),
        (["ftp://www.site.example/"], "one site"),
        (["nonsense"], "one site"),
    ],
)
def test_what_makes_no_visit_is_refused_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch, urls: list[str], reason: str
) -> None:
    opened: list[Any] = []

    def show(urls: Any, settings: Any) -> WebLog:
        opened.append(urls)
        return LOG

    shows(monkeypatch, show)
    with pytest.raises(NotVisited, match=reason):
        visitor().visit(urls, trigger="user")
    assert opened == []


def test_a_har_that_is_too_large_stays_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, lambda urls, settings: LOG)
    monkeypatch.setattr(visiting, "LARGEST_HAR", 100)
    assert visitor().visit([URL], trigger="user").har is None


def test_a_har_is_not_sent_unless_the_owner_lets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, lambda urls, settings: LOG)
    assert visitor(send_har=False).visit([URL], trigger="user").har is None


def test_a_har_file_is_a_visit_of_each_listed_site() -> None:
    pages = [page(), page(id="b", title="Bank"), page(id="o", title="Other", startedDateTime="2017-03-26T12:00:00Z")]
    entries = [
        entry(),
        entry(pageref="b", request={"url": "https://bank.example/secret"}),
        entry(pageref="o", request={"url": "http://other.site.example:8080/x?secret"}),
    ]
    visits = visitor().from_har(read(packed(document(pages=pages, entries=entries))))
    assert [(each.visited_site, each.protocol, each.port) for each in visits] == [
        ("www.site.example", "https", 443),
        ("other.site.example", "http", 8080),
    ]
    first, second = visits
    assert first.date == STARTED
    assert first.network is None
    assert first.trigger == "user"
    assert [each.id for each in second.pages] == ["o"]
    assert second.har is not None
    assert len(json.loads(second.har)["log"]["entries"]) == 1
    assert "bank" not in str(visits)
    assert "secret" not in str(visits)


def test_pages_of_the_same_moment_are_told_last_first() -> None:
    visits = visitor().from_har(
        read(packed(document(pages=[page(), page(id="later")], entries=[entry(), entry(pageref="later")])))
    )
    assert [each.id for each in visits[0].pages] == ["later", "page_0"]
    assert isinstance(visits[0].pages[0], Page)

"""A visit, measured: the pages in a browser of our own, and the network around them meanwhile."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import TypeAlias

from sojourn.agent import har
from sojourn.agent.browser import chromium
from sojourn.agent.browser.devtools import BrowserError
from sojourn.agent.browser.process import BrowserSettings
from sojourn.agent.clock import now
from sojourn.agent.privacy import Privacy
from sojourn.agent.weblog import LoadedPage, Site, WebLog
from sojourn.core.report import NetworkReport, Page, PageTimings, Visit

LARGEST_HAR = 1 << 20
"""Characters of a HAR document that go along with a visit."""

MOST_PAGES = 1000
MOST_ERRORS = 32
"""What servers take of one visit."""

Measure: TypeAlias = Callable[[str, int], Awaitable[NetworkReport]]
"""Measures the way to a host and port, as `probes.measure.measure` does."""


class NotVisited(Exception):
    """These pages make no visit, or none that may be told; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Makes visits on behalf of one agent. `measure` None leaves the network unmeasured."""

    agent_id: str
    privacy: Privacy
    browser: BrowserSettings = field(default_factory=BrowserSettings)
    measure: Measure | None = None
    send_har: bool = True

    def visit(self, urls: Sequence[str], *, trigger: str) -> Visit:
        """Open the pages of one site and measure. A browser that fails is told in the visit.

        Raises: NotVisited.
        """
        site = self._one_site(urls)
        date = now()
        with _measuring(self.measure, site) as report:
            try:
                log = chromium.visit(urls, self.browser)
            except BrowserError as error:
                log = WebLog(notes=(f"browser: {error}",))
            network = report()
        if log.notes:
            network = network or NetworkReport()
            network = replace(network, errors=(*network.errors, *log.notes)[:MOST_ERRORS])
        return self._visit(site, date, self.privacy.scrub(log), network, trigger)

    def from_har(self, log: WebLog) -> list[Visit]:
        """Make a visit of each listed site in a log; what the network was like it cannot tell."""
        told = self.privacy.scrub(log)
        sites: dict[Site, list[LoadedPage]] = {}
        for page in told.pages:
            site = Site.of(page.url or "")
            if site is not None:
                sites.setdefault(site, []).append(page)
        return [self._of_site(site, pages, told) for site, pages in sites.items()]

    def _of_site(self, site: Site, pages: list[LoadedPage], log: WebLog) -> Visit:
        ids = {page.id for page in pages}
        part = replace(
            log,
            pages=tuple(pages),
            entries=tuple(entry for entry in log.entries if entry.page in ids),
        )
        return self._visit(site, min(page.started for page in pages), part, None, "user")

    def _visit(self, site: Site, date: int, log: WebLog, network: NetworkReport | None, trigger: str) -> Visit:
        newest_first = sorted(log.pages, key=lambda page: page.started)[::-1]
        return Visit(
            agent_id=self.agent_id,
            date=date,
            visited_site=site.host,
            protocol=site.protocol,
            port=site.port,
            browser=log.browser,
            pages=tuple(_page(page) for page in newest_first[:MOST_PAGES]),
            network=network,
            trigger=trigger,
            har=self._har(log),
        )

    def _har(self, log: WebLog) -> str | None:
        if not self.send_har or not log.pages:
            return None
        text = json.dumps(har.write(log), ensure_ascii=False, separators=(",", ":"))
        return text if len(text) <= LARGEST_HAR else None

    def _one_site(self, urls: Sequence[str]) -> Site:
        site, *others = {Site.of(url) for url in urls}
        if site is None or others:
            raise NotVisited("a visit is of one site: http(s) addresses with one host and port")
        if not self.privacy.allows(site.host):
            raise NotVisited(f"{site.host} is not among the domains that may be told of")
        return site


def _page(page: LoadedPage) -> Page:
    timings = None
    if page.on_content_load is not None or page.on_load is not None:
        timings = PageTimings(on_content_load=page.on_content_load, on_load=page.on_load)
    return Page(
        id=page.id,
        title=page.title,
        started_date_time=page.started,
        url=page.url,
        response_code=page.response_code,
        response_time=page.response_time,
        page_timings=timings,
    )


@contextmanager
def _measuring(measure: Measure | None, site: Site) -> Iterator[Callable[[], NetworkReport | None]]:
    """Have the probes work beside the browser; what is yielded waits for their report."""
    if measure is None:
        yield lambda: None
        return
    begun: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[object]]] = SimpleQueue()

    async def report() -> NetworkReport:
        task = asyncio.current_task()
        assert task is not None
        begun.put((asyncio.get_running_loop(), task))
        return await measure(site.host, site.port)

    with ThreadPoolExecutor(1, "probes") as pool:
        future = pool.submit(asyncio.run, report())
        loop, task = begun.get()
        try:
            yield future.result
        except BaseException:
            with suppress(RuntimeError):  # the loop is closed: the report was there already
                loop.call_soon_threadsafe(task.cancel)
            raise

"""What may leave this machine: the sites that are listed, without what people put into them.

Everything here works on what is in memory, and comes before anything is written to disk or sent.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from sojourn.agent.weblog import Entry, LoadedPage, Site, WebLog

EVERYWHERE = "*"

TELLING_HEADERS = frozenset(
    {
        "age",
        "alt-svc",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "server",
        "server-timing",
        "timing-allow-origin",
        "transfer-encoding",
        "vary",
        "via",
        "x-cache",
    }
)
"""The headers that are kept. All others may carry a person's secrets or a page's address."""

_PATH_PARAMETER = re.compile(r";[^/]*")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\b(?:data|blob|javascript):\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the owner of this machine allows.

    `domains` are the sites that may be told of: `example.org` stands for itself and all below it,
    `*` for every site; none at all means none. `keep_query` keeps the query strings.
    """

    domains: Collection[str] = ()
    keep_query: bool = False

    def allows(self, host: str) -> bool:
        """Tell whether this host may be told of."""
        name = host.rstrip(".").lower()
        return any(_covers(domain.rstrip(".").lower(), name) for domain in self.domains)

    def url(self, url: str) -> str | None:
        """Tell as much of a URL as may be told; None where that is nothing at all.

        User, password, fragment and path parameters (`;jsessionid=`) always go, the query unless it
        is to be kept; of a host that is not listed only the host remains.
        """
        site = Site.of(url)
        if site is None:
            return None
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if not self.allows(site.host):
            return urlunsplit((parts.scheme, host, "/", "", ""))
        path = _PATH_PARAMETER.sub("", parts.path)
        query = parts.query if self.keep_query else ""
        return urlunsplit((parts.scheme, host, path or "/", query, ""))

    def scrub(self, log: WebLog) -> WebLog:
        """Make the log that may be told: the pages of listed sites, and what they loaded."""
        pages = tuple(
            self._page(page) for page in log.pages if (site := Site.of(page.url or "")) and self.allows(site.host)
        )
        kept = {page.id for page in pages}
        entries = [self._entry(entry) for entry in log.entries if entry.page in kept]
        notes = list(log.notes)
        if unlisted := len(log.pages) - len(pages):
            notes.append(f"{unlisted} pages of sites that are not listed were left out")
        return replace(
            log,
            pages=pages,
            entries=tuple(entry for entry in entries if entry is not None),
            notes=tuple(notes),
        )

    def _page(self, page: LoadedPage) -> LoadedPage:
        url = self.url(page.url or "") or ""
        return replace(page, url=url, title=self._title(page.title, url))

    def _title(self, title: str, url: str) -> str:
        """Take addresses out of a title, also the bare `host/path?query` of a page without one."""
        site = Site.of(url)
        if site is not None and site.host in title.lower() and not re.search(r"\s", title):
            return url
        return _URL.sub(lambda found: self.url(found[0]) or "", title).strip() or url

    def _entry(self, entry: Entry) -> Entry | None:
        url = self.url(entry.url)
        if url is None:
            return None  # data:, blob:, an extension's own: contents, not addresses
        return replace(
            entry,
            url=url,
            redirect_url=None if entry.redirect_url is None else self.url(entry.redirect_url),
            request_headers=_telling(entry.request_headers),
            response_headers=_telling(entry.response_headers),
        )


def _covers(domain: str, host: str) -> bool:
    name = domain.removeprefix("*.")
    return domain == EVERYWHERE or host == name or host.endswith(f".{name}")


def _telling(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers if name.lower() in TELLING_HEADERS)

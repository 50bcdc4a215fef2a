"""A browser's log of loaded pages, as far as it may leave this machine.

Both ways to such a log, a HAR file (`har`) and a browser of our own (`capture`), end in these
types. They have no place for bodies, cookies or post data, so nothing later can let them out.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sojourn.core.report import Browser

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a visit is of: a scheme, a host and a port."""

    protocol: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Site | None":
        """Tell the site of an http(s) URL; any other has none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in PORTS or not parts.hostname or port == 0:
            return None
        return cls(
            protocol=parts.scheme,
            host=parts.hostname.rstrip(".").lower(),
            port=PORTS[parts.scheme] if port is None else port,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds that the phases of a request took; a phase that there was not is None."""

    blocked: float | None = None
    dns: float | None = None
    connect: float | None = None
    ssl: float | None = None
    send: float | None = None
    wait: float | None = None
    receive: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and its answer. `time` is in milliseconds, sizes are in bytes.

    `page` is the id of the page it belongs to. `status` is None where there was no answer.
    """

    url: str
    page: str | None = None
    started: int | None = None
    time: float | None = None
    method: str = "GET"
    http_version: str | None = None
    status: int | None = None
    status_text: str | None = None
    redirect_url: str | None = None
    mime_type: str | None = None
    content_size: int | None = None
    body_size: int | None = None
    server_ip: str | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    timings: Timings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPage:
    """One page, with the milliseconds from its start to its DOM and to itself."""

    id: str
    title: str
    started: int
    on_content_load: int | None = None
    on_load: int | None = None
    url: str | None = None
    response_code: int | None = None
    response_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLog:
    """Pages and requests in the order in which the log had them; `notes` tell what it lacked."""

    pages: tuple[LoadedPage, ...] = ()
    entries: tuple[Entry, ...] = ()
    browser: Browser | None = None
    notes: tuple[str, ...] = ()

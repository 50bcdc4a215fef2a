"""The requests that a page made, as far as a HAR tells of them: the nouns.

What is not known is `None`, never zero. Times are milliseconds but for `Instant`, which is microseconds since the
epoch, UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from sojourn.core.model import Instant


class Sort(StrEnum):
    """What a request fetched."""

    DOCUMENT = "document"
    SCRIPT = "script"
    STYLE = "style"
    IMAGE = "image"
    FONT = "font"
    DATA = "data"
    MEDIA = "media"
    OTHER = "other"


class Phase(StrEnum):
    """What a request spends its time on, in this order."""

    BLOCKED = "blocked"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    WAIT = "wait"
    RECEIVE = "receive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request and its answer. `sequence` numbers them within the HAR, `at` is its start.

    `status` is None where there was no answer. `phases` are in their order, and `CONNECT` is without `TLS`.
    `size` is what went over the wire, `content_size` what it was unpacked; bytes.
    """

    sequence: int
    page: str | None
    at: Instant
    url: str
    method: str = "GET"
    status: int | None = None
    status_text: str | None = None
    mime_type: str | None = None
    sort: Sort = Sort.OTHER
    duration: float | None = None
    phases: tuple[tuple[Phase, float], ...] = ()
    size: int | None = None
    content_size: int | None = None
    server: str | None = None
    http_version: str | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()

    @property
    def host(self) -> str:
        """The host of the URL; empty where it has none."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    @property
    def failed(self) -> bool:
        """Whether it had no answer, or one that says that it failed."""
        return self.status is None or self.status >= 400

    @property
    def redirected(self) -> bool:
        """Whether the answer leads elsewhere."""
        return self.status is not None and 300 <= self.status < 400 and self.status != 304

    @property
    def took(self) -> float:
        """Milliseconds from start to end, as far as they are known."""
        return self.duration if self.duration is not None else sum(part for _, part in self.phases)

    def spent(self, phase: Phase) -> float | None:
        """Milliseconds of a phase."""
        return dict(self.phases).get(phase)

    def end_after(self, start: Instant) -> float:
        """Milliseconds from a moment to its end."""
        return (self.at - start) / 1_000 + self.took


_SORTS = (
    ("javascript", Sort.SCRIPT),
    ("ecmascript", Sort.SCRIPT),
    ("css", Sort.STYLE),
    ("html", Sort.DOCUMENT),
    ("font", Sort.FONT),
    ("json", Sort.DATA),
    ("image/", Sort.IMAGE),
    ("video/", Sort.MEDIA),
    ("audio/", Sort.MEDIA),
    ("xml", Sort.DATA),
)


def sort_of(mime_type: str | None) -> Sort:
    """What an answer of that type is."""
    told = (mime_type or "").lower()
    return next((sort for part, sort in _SORTS if part in told), Sort.OTHER)


def of_page(requests: Sequence[Request], page_id: str, only: bool) -> tuple[Request, ...]:
    """The requests of a page; where it is the `only` one, also those that name none."""
    return tuple([request for request in requests if request.page == page_id or (only and request.page is None)])


def document_of(requests: Sequence[Request]) -> Request | None:
    """The page's own request: the first, or where its redirects led."""
    for request in requests:
        if not request.redirected:
            return request
    return None

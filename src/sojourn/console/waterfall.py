"""The requests of one page: which of them an address asks for, in which order, and which stretch of time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from markupsafe import Markup

from sojourn.console.pictures import waterfall as picture
from sojourn.console.pictures.waterfall import Mark, Window
from sojourn.core.findings import spelled
from sojourn.core.report import Page
from sojourn.core.request import Request, Sort, of_page

ROWS = 300
"""How many requests are shown at once."""

ZOOM = 2.0
LEAST = 1.0
"""How much nearer one step goes, and the shortest stretch that is shown, in milliseconds."""

PARAMETERS = ("text", "sort", "answer", "domain", "order", "rows", "range", "from", "to")
"""What of an address belongs to the requests; another page's are not asked for by them."""

ANSWERS: Mapping[str, tuple[str, Callable[[Request], bool]]] = {
    "good": ("answered well", lambda request: not request.failed and not request.redirected),
    "redirect": ("led elsewhere", lambda request: request.redirected),
    "failed": ("failed", lambda request: request.failed),
}
ORDERS: Mapping[str, tuple[str, Callable[[Request], float]]] = {
    "start": ("by their start", lambda request: request.sequence),
    "longest": ("the longest first", lambda request: -request.took),
    "largest": ("the largest first", lambda request: -(request.size or request.content_size or 0)),
}


_ANY = ("", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an address asks for; what it cannot mean is as if it were not there."""

    text: str = ""
    sort: str = ""
    answer: str = ""
    domain: str = ""
    order: str = "start"
    first_row: int = 0
    full: bool = False
    stretch: tuple[float, float] | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """Read it."""
        rows, order = given.get("rows", ""), given.get("order", "")
        answer, sort = given.get("answer", ""), given.get("sort", "")
        return cls(
            text=given.get("text", "").strip(),
            sort=sort if sort in set(Sort) else "",
            answer=answer if answer in ANSWERS else "",
            domain=given.get("domain", ""),
            order=order if order in ORDERS else "start",
            first_row=int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 7 else 0,
            full=given.get("range") == "full",
            stretch=_stretch(given.get("from", ""), given.get("to", "")),
        )

    def finds(self, request: Request) -> bool:
        """Whether a request is one of those."""
        return (
            (not self.text or self.text.casefold() in request.url.casefold())
            and (not self.sort or request.sort == self.sort)
            and (not self.answer or ANSWERS[self.answer][1](request))
            and (not self.domain or request.host == self.domain)
        )


def _stretch(first: str, last: str) -> tuple[float, float] | None:
    try:
        begin, end = float(first), float(last)
    except ValueError:
        return None
    return (begin, end) if begin > -1e9 and begin + LEAST <= end < 1e9 else None


@dataclass(frozen=True)
class Fall:
    """The requests of a page, as far as they are asked for, and everything that a page tells of them."""

    page: Page
    requests: Sequence[Request]
    wanted: Wanted

    @classmethod
    def of(cls, page: Page, all_requests: Sequence[Request], only: bool, wanted: Wanted) -> "Fall":
        """Those of a page; `only`: the visit has no other."""
        return cls(page, of_page(all_requests, page.id, only), wanted)

    @cached_property
    def found(self) -> list[Request]:
        """All that are asked for, in the order that is asked for."""
        return sorted(filter(self.wanted.finds, self.requests), key=ORDERS[self.wanted.order][1])

    @property
    def shown(self) -> list[Request]:
        """Those of them that stand on this page."""
        return self.found[self.wanted.first_row : self.wanted.first_row + ROWS]

    @property
    def load(self) -> int | None:
        """When the page was there."""
        return self.page.page_timings.on_load if self.page.page_timings else None

    @cached_property
    def marks(self) -> list[Mark]:
        """The page's own moments."""
        timings = self.page.page_timings
        told = (
            ("contents there", "content", timings.on_content_load if timings else None),
            ("page there", "load", self.load),
        )
        return [Mark(name=name, sort=sort, at=float(at)) for name, sort, at in told if at is not None]

    @cached_property
    def whole(self) -> Window:
        """From the first request to the end of the last."""
        return picture.window_of(self.page.started_date_time, self.requests, self.load, full=True)

    @cached_property
    def window(self) -> Window:
        """What is shown of the time."""
        if self.wanted.stretch is not None:
            first, last = self.wanted.stretch
            return Window(start=self.page.started_date_time, first=first, last=last)
        return picture.window_of(self.page.started_date_time, self.requests, self.load, full=self.wanted.full)

    @property
    def cut(self) -> bool:
        """Whether some of the time is out of sight."""
        return self.window.last < self.whole.last or self.window.first > self.whole.first

    def moved(self, *, scale: float = 1.0, shift: float = 0.0) -> dict[str, str]:
        """Another stretch, as parameters: as long as that many of this one, and so many of its lengths later."""
        length = self.window.last - self.window.first
        middle = (self.window.first + self.window.last) / 2 + shift * length
        half = max(LEAST, length * scale) / 2
        first, last = max(self.whole.first, middle - half), min(self.whole.last, middle + half)
        if shift:  # as long as before, also at an end
            first = min(first, self.whole.last - length)
            last = max(last, self.whole.first + length)
        return {"from": f"{first:.2f}", "to": f"{max(last, first + LEAST):.2f}"}

    @property
    def zooms(self) -> dict[str, dict[str, str]]:
        """The steps that lead to other stretches."""
        return {
            "in": self.moved(scale=1 / ZOOM),
            "out": self.moved(scale=ZOOM),
            "earlier": self.moved(shift=-0.5),
            "later": self.moved(shift=0.5),
        }

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What each field of the filter offers: values and words. Hosts are in the order in which they were asked."""
        there = {request.sort for request in self.requests}
        hosts = dict.fromkeys([request.host for request in self.requests if request.host])
        return {
            "sort": [_ANY, *[(str(sort), str(sort)) for sort in Sort if sort in there]],
            "answer": [_ANY, *[(key, words) for key, (words, _) in ANSWERS.items()]],
            "domain": [_ANY, *[(host, host) for host in hosts]],
            "order": [(key, words) for key, (words, _) in ORDERS.items()],
        }

    @property
    def sizes(self) -> int:
        """Bytes that came over the wire, as far as they are known."""
        return sum(request.size or 0 for request in self.found)

    def axis(self) -> Markup:
        """The axis."""
        return picture.axis(self.window, self.marks)

    def bar(self, request: Request) -> Markup:
        """The bar of a request."""
        return picture.bar(request, self.window, self.marks)

    def name(self, request: Request) -> str:
        """What a request is called: the last part of its path."""
        try:
            path = urlsplit(request.url).path
        except ValueError:
            return request.url
        return path.rstrip("/").rpartition("/")[2] or "/"

    def begins(self, request: Request) -> str:
        """When a request began, after the page's start."""
        after = (request.at - self.page.started_date_time) / 1_000
        return spelled(after) if after >= 0 else f"{spelled(-after)} before"

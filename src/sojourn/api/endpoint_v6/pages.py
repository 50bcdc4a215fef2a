"""Pages of a list: a thousand rows, and a link to the next where there is more.

The link is followed as it is, so it holds all that the first request held: version, path, suffix or format, account
group, and the range, told by its bounds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from starlette.requests import Request

from sojourn.api.endpoint_v6.ranges import Mark, Range
from sojourn.api.endpoint_v6.wire import Pages
from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.journal import Journal
from sojourn.core.query import Place
from sojourn.core.visit import MOST_VISITS, Facet, VisitKept, VisitQuery
from sojourn.web.headers import header
from sojourn.web.times import to_microseconds

PAGE = 1_000
"""Rows of a page (published)."""

CHUNK = 250
"""Visits that are read at a time where whole reports are needed."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which visits a list is asked for, and where its page begins: at a mark, or `skipped` rows from the start."""

    scope: Scope
    range: Range
    filters: Mapping[Facet, tuple[str, ...]]
    mark: Mark
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row]):
    """The rows of a page, and where the next one begins."""

    rows: list[Row]
    next: Mark | None


def read(journal: Journal, wanted: Wanted, expand: Callable[[VisitKept], Sequence[Row]], *, whole: bool) -> Listed[Row]:
    """A page of the rows that visits expand to, in order, none twice and none left out.

    Raises: Invalid (page), when the page does not exist.
    """
    rows: list[Row] = []
    after, skip = wanted.mark.place, wanted.mark.skip + wanted.skipped
    while True:
        query = VisitQuery(
            scope=wanted.scope,
            first=wanted.range.first,
            last=wanted.range.last,
            filters=wanted.filters,
            after=after,
            limit=CHUNK if whole else MOST_VISITS,
            whole=whole,
        )
        page = journal.visits(query)
        for kept in page.visits:
            found = expand(kept)
            if skip >= len(found):
                skip -= len(found)
            else:
                rows += found[skip:]
                skip = 0
                if len(rows) > PAGE:
                    told = len(found) - (len(rows) - PAGE)
                    mark = Mark(place=after, skip=told, current=wanted.mark.current + 1)
                    return Listed(rows=rows[:PAGE], next=mark)
            after = Place(kept.date, kept.id)
        if page.next is None:
            break
    if not rows:
        expect_first(wanted.mark.current)
    return Listed(rows=rows, next=None)


def expect_first(current: int) -> None:
    """The first page always exists, be it empty; no other empty one does. Raises: Invalid (page)."""
    if current > 1:
        raise Invalid("page", "does not exist")


def told(request: Request, wanted: Wanted, next_: Mark | None) -> Pages:
    """The `pages` of an answer."""
    current = wanted.mark.current
    return Pages(current=current, next=None if next_ is None else _link(request, wanted, next_))


def _link(request: Request, wanted: Wanted, mark: Mark) -> str:
    first, last = to_microseconds(wanted.range.first), to_microseconds(wanted.range.last)
    return link(request, {"lastRoundId": mark.token(), "from": first, "to": last})


def link(request: Request, query: Mapping[str, str]) -> str:
    """The address of another page of the same list, in the same format and account group."""
    kept = {name: request.query_params[name] for name in ("format", "aid") if request.query_params.get(name)}
    path = quote(request.scope["raw_path"].decode("latin-1"), safe="/%:.-_~")
    return f"{origin(request)}{path}?{urlencode({**query, **kept})}"


def origin(request: Request) -> str:
    """The address that the client came by."""
    return f"{request.url.scheme}://{header(request, 'host') or request.url.netloc}"

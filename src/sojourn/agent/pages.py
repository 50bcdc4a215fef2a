"""Pages out of what a log tells of them and of the requests that they made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urljoin

from sojourn.agent.weblog import Entry, LoadedPage, Site, WebLog
from sojourn.core.report import Browser

LONGEST_ROOT = 240
"""How much of an id that is taken stays, so that there is room for a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDraft:
    """What a log itself tells of a page; its answer and, often, its title are in the entries."""

    id: str = ""
    title: str = ""
    started: int | None = None
    on_content_load: int | None = None
    on_load: int | None = None


def assemble(drafts: Sequence[PageDraft], entries: Sequence[Entry], browser: Browser | None = None) -> WebLog:
    """Make the log of these pages and entries, in their order.

    A log without pages is one page. An entry that names no page belongs to the one that was loading
    when it began. A page that nothing dates is left out, and a note says so.
    """
    named = _named(drafts or ([PageDraft()] if entries else []))
    ids = {draft.id for draft in named}
    owned = tuple(entry if entry.page in ids else replace(entry, page=_owner(entry, named)) for entry in entries)
    of_page: dict[str | None, list[Entry]] = {}
    for entry in owned:
        of_page.setdefault(entry.page, []).append(entry)
    pages = [(draft.id, _page(draft, of_page.get(draft.id, []))) for draft in named]
    return WebLog(
        pages=tuple(page for _, page in pages if page is not None),
        entries=owned,
        browser=browser,
        notes=tuple(f"page {name} has no date" for name, page in pages if page is None),
    )


def _named(drafts: Iterable[PageDraft]) -> list[PageDraft]:
    """Give each page an id of its own; a first page of its name keeps it."""
    taken: set[str] = set()
    named = []
    for number, draft in enumerate(drafts):
        name = draft.id or f"page_{number}"
        if name in taken:
            name = next(free for n in count(1) if (free := f"{name[:LONGEST_ROOT]}_{n}") not in taken)
        taken.add(name)
        named.append(replace(draft, id=name))
    return named


def _owner(entry: Entry, named: Sequence[PageDraft]) -> str | None:
    """Tell which page was loading when the entry began: the last to start before it."""
    if len(named) == 1:
        return named[0].id
    if entry.started is None:
        return None
    begun = [
        (draft.started, draft.id) for draft in named if draft.started is not None and draft.started <= entry.started
    ]
    return max(begun)[1] if begun else None


def _page(draft: PageDraft, entries: Sequence[Entry]) -> LoadedPage | None:
    started = draft.started
    if started is None:
        started = min((entry.started for entry in entries if entry.started is not None), default=None)
    if started is None:
        return None
    document = _document(entries)
    url = draft.title if document is None and Site.of(draft.title) else None
    if document is not None:
        url = document.url
    return LoadedPage(
        id=draft.id,
        title=draft.title or url or "",
        started=started,
        on_content_load=draft.on_content_load,
        on_load=draft.on_load,
        url=url,
        response_code=None if document is None else document.status,
        response_time=_response_time(document),
    )


def _document(entries: Sequence[Entry]) -> Entry | None:
    """Find the page's own request: the first over HTTP, or where its redirects led."""
    rest = iter([entry for entry in entries if Site.of(entry.url)])
    document = next(rest, None)
    for entry in rest:
        if document is None or not document.redirect_url:
            break
        if _leads_to(document.url, document.redirect_url, entry.url):
            document = entry
    return document


def _leads_to(url: str, location: str, other: str) -> bool:
    try:
        target = urljoin(url, location)
    except ValueError:
        return False
    return target.partition("#")[0] == other.partition("#")[0]


def _response_time(document: Entry | None) -> int | None:
    """Tell the time to the first byte of the answer, if the log has its parts; else to the last."""
    if document is None or document.status is None:
        return None
    timings = document.timings
    if timings is None or timings.wait is None:
        return None if document.time is None else round(document.time)
    parts = (timings.blocked, timings.dns, timings.connect, timings.send, timings.wait)
    return round(sum(part for part in parts if part is not None))

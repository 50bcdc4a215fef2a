"""The verdict on a visit: one sentence in plain words, made of findings by rules without exception.

`The page took 4.2 s: 2.9 s of it waiting for the server; the way there was fine (31 ms, no loss).`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from sojourn.core.findings import Finding, circumstances, lost, round_trip, shares, spelled
from sojourn.core.measurement import REFUSED
from sojourn.core.report import NetworkReport, Page, Visit
from sojourn.core.request import Request, of_page

FAST = 2_000
SLOW = 4_000
"""Milliseconds: up to which a page is fast (as the experience score has it), and beyond which it is slow."""


class Grade(StrEnum):
    """How a visit went."""

    FAST = "fast"
    FAIR = "fair"
    SLOW = "slow"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a visit went, the sentence that says so, what it was found on, and the id of the page that it is about."""

    grade: Grade
    sentence: str
    findings: tuple[Finding, ...] = ()
    page: str | None = None


def load_of(page: Page) -> int | None:
    """Milliseconds until a page was there, where that is known."""
    return page.page_timings.on_load if page.page_timings else None


def grade_of(load: float) -> Grade:
    """How a page went that took so many milliseconds."""
    return Grade.FAST if load <= FAST else Grade.FAIR if load <= SLOW else Grade.SLOW


def worst_page(visit: Visit) -> Page | None:
    """The page that a verdict is about: one that failed, else the slowest, else any."""
    failed = [page for page in visit.pages if _failed(page)]
    timed = [page for page in visit.pages if load_of(page) is not None]
    if failed:
        return failed[0]
    return max(timed, key=lambda page: load_of(page) or 0) if timed else next(iter(visit.pages), None)


def verdict(visit: Visit, requests: Sequence[Request] = ()) -> Verdict:
    """How the visit went, and why; `requests` are those of its HAR, where one was kept."""
    network = visit.network or NetworkReport()
    around = circumstances(network)
    page = worst_page(visit)
    if page is None:
        return _without_pages(network, around)
    load = load_of(page)
    if _failed(page):
        head = f"{_subject(visit)} failed: the server answered {_status(page.response_code or 0)}"
        return _told(Grade.FAILED, head, around, network, page)
    if load is None:
        return _told(Grade.UNKNOWN, f"How long {_subject(visit).lower()} took is not known", around, network, page)
    grade, took = grade_of(load), f"{_subject(visit)} took {spelled(load)}"
    if grade is Grade.FAST:
        return _told(grade, f"{took}, which is fast", around, network, page)
    parts = shares(page, load, of_page(requests, page.id, len(visit.pages) == 1))
    return _told(grade, took + _share_words(parts), [*parts, *around], network, page)


def _failed(page: Page) -> bool:
    return page.response_code is not None and page.response_code >= 400


def _subject(visit: Visit) -> str:
    """What the sentence begins with; that it is one of several is said."""
    count = len(visit.pages)
    return "The page" if count == 1 else "The worse of 2 pages" if count == 2 else f"The worst of {count} pages"


def _status(code: int) -> str:
    try:
        return f"{code} ({HTTPStatus(code).phrase})"
    except ValueError:
        return str(code)


def _share_words(parts: Sequence[Finding]) -> str:
    """`: 2.9 s of it waiting for the server, 0.4 s looking up its name`."""
    timed = [(part.milliseconds, part.words) for part in parts if part.milliseconds is not None]
    told = [f"{spelled(spent)}{'' if i else ' of it'} {words}" for i, (spent, words) in enumerate(timed)]
    return f": {', '.join(told)}" if told else ""


def _without_pages(network: NetworkReport, around: Sequence[Finding]) -> Verdict:
    connect = network.connect
    if connect is not None and connect.error is not None:
        refused = connect.error == REFUSED
        head = "The site refused the connection" if refused else f"The site could not be reached ({connect.error})"
        return _told(Grade.FAILED, head, around, network, None)
    if network == NetworkReport():
        return Verdict(grade=Grade.UNKNOWN, sentence="Nothing was measured: all that is known is that the visit was.")
    return _told(Grade.UNKNOWN, "No page was loaded", around, network, None)


def _told(grade: Grade, head: str, findings: Sequence[Finding], network: NetworkReport, page: Page | None) -> Verdict:
    """The whole sentence: what happened, what was amiss around it, and whether the way there was fine."""
    amiss = [finding.words for finding in findings if finding.milliseconds is None]
    clauses = [head, *amiss]
    if not any(finding.cause.of_network for finding in findings):
        clauses += _way_there(network)
    if grade in (Grade.FAIR, Grade.SLOW) and not findings:
        clauses.append("nothing that was measured says why")
    return Verdict(
        grade=grade, sentence="; ".join(clauses) + ".", findings=tuple(findings), page=page.id if page else None
    )


def _way_there(network: NetworkReport) -> list[str]:
    """That the way was fine, as far as it was measured."""
    there, told = round_trip(network), lost(network.ping)
    if network.connect is not None and network.connect.error is not None and told is None:
        return []
    if there is None:
        return ["of the way there nothing was measured"]
    quiet = "the site answers no ping" if network.icmp_blocked else "loss was not measured"
    return [f"the way there was fine ({spelled(there)}, {quiet if told is None else 'no loss'})"]

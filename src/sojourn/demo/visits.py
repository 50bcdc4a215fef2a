"""What the agents of the company measured in its month: visits of many kinds, drawn by lot."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from sojourn.core.access import Scope
from sojourn.core.agent import AgentDraft, Client
from sojourn.core.intent import Deliver, Open, Register
from sojourn.core.model import DAY, SECOND, Instant
from sojourn.core.report import Browser, Page, PageTimings, Visit
from sojourn.core.visit import facets
from sojourn.demo.loading import Loaded, Plan, loaded
from sojourn.demo.measuring import MEMORY, ODDS, Kind, network, trip
from sojourn.demo.places import PLACES, SITES, Place, Site

OWNERS = (
    "amelie.hart", "boris.klein", "celia.romero", "henri.dubois", "olena.koval", "tara.singh", "willem.bakker",
    "yusuf.demir",
)  # fmt: skip
"""Whose machines have an agent."""

OFTEN = 0.3
"""How likely an agent measures while a session goes on."""

KEPT = 0.03
KEPT_LATELY = 0.5
LATELY = 2 * DAY
"""How likely the requests are kept: a little of the month, and more of what people look at first.

Those of a slow name always are: nothing else tells of it.
"""

LARGEST = 1 << 20
"""An agent sends no larger HAR along."""

BROWSER = Browser(name="Chromium", version="142.0.7444.59")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An agent, and where it stands."""

    guid: str
    login: str
    name: str
    place: Place


def posts(sessions: Iterable[Open]) -> list[Post]:
    """The agents: one on the machine of each owner that was at work."""
    found: dict[str, Post] = {}
    for session in sessions:
        login, device = session.person.login, session.device
        if login in OWNERS and device is not None and login not in found:
            place = PLACES[(0, 1, 1, 2, 0, 2, 3, 0)[OWNERS.index(login)]]
            name = device.name or device.guid
            found[login] = Post(guid=device.guid, login=login, name=name, place=place)
    return list(found.values())


def _registration(scope: Scope, post: Post) -> Register:
    return Register(
        scope=scope,
        agent=AgentDraft(
            agent_id=post.guid,
            agent_name=post.name,
            computer_name=f"{post.name.lower()}.meadow.example",
            platform="Linux",
            os_version="Debian GNU/Linux 13 (trixie)",
            kernel_version="6.12.48+deb13-amd64",
            manufacturer="Example Computers",
            model="Slate 14",
            total_memory=MEMORY,
            version="0.1.0",
            addresses=(post.place.own,),
            clients=(Client(user_name=post.login, browsers=(BROWSER,)),),
        ),
        source=post.place.source,
    )


class Fleet:
    """The agents at work: what they measure while sessions go on."""

    def __init__(self, seed: int, now: Instant, scope: Scope, sessions: Sequence[Open]) -> None:
        self._draw = Random(seed)  # noqa: S311  # a play of chance, not a secret
        self._now = now
        self._scope = scope
        self._posts = {post.login: post for post in posts(sessions)}

    def registrations(self) -> list[Register]:
        """They describe themselves."""
        return [_registration(self._scope, post) for post in self._posts.values()]

    def during(self, sessions: Iterable[Open]) -> Iterator[Deliver]:
        """What is measured while these sessions go on; nothing that would end in the future."""
        for session in sessions:
            post = self._posts.get(session.person.login or "")
            if post is None or self._draw.random() >= OFTEN:
                continue
            date = (session.started_at or 0) + int(self._draw.uniform(5, 60) * SECOND)
            if date + 90 * SECOND < self._now:
                yield _delivered(self._scope, _visit(self._draw, post, date, self._now), post)


def _delivered(scope: Scope, visit: Visit, post: Post) -> Deliver:
    source = post.place.source
    location = source.coordinates.location if source.coordinates else None
    domain = ".".join(visit.visited_site.split(".")[-2:])
    return Deliver(
        scope=scope,
        visit=visit,
        facets=facets(visit, domain=domain, platform="Linux", location=location),
        source=source,
    )


def _visit(draw: Random, post: Post, date: Instant, now: Instant) -> Visit:
    kind = draw.choices(list(ODDS), list(ODDS.values()))[0]
    if kind is Kind.WEAK_RADIO and post.place.radio is None:
        kind = Kind.FAST
    site = draw.choices(SITES, (6, 2, 3))[0]
    report = network(draw, post.place, site, kind, date)
    kept = draw.random() < (KEPT_LATELY if date > now - LATELY else KEPT) or kind is Kind.SLOW_NAME
    pages: list[Page] = []
    entries: list[object] = []
    at = date
    for i in range(0 if kind is Kind.REFUSED else draw.choice((1, 1, 1, 2, 3))):
        title, path = site.pages[i % len(site.pages)]
        told = loaded(draw, _plan(draw, post.place, site, kind if i == 0 else Kind.FAST, path, kept), at, f"page_{i}")
        code = 503 if kind is Kind.BROKEN and i == 0 else 200
        pages.append(_page(f"page_{i}", title, f"https://{site.host}{path}", at, code, told))
        entries += told.entries
        at += told.load * 1_000 + int(draw.uniform(1, 4) * SECOND)
    har = _har(pages, entries) if kept and pages else None
    return Visit(
        agent_id=post.guid,
        date=date,
        visited_site=site.host,
        protocol="https",
        port=443,
        browser=BROWSER,
        pages=tuple(reversed(pages)),
        network=report,
        trigger=draw.choice(("auto", "auto", "user")),
        har=har if har is not None and len(har) <= LARGEST else None,
    )


def _page(name: str, title: str, url: str, at: Instant, code: int, told: Loaded) -> Page:
    return Page(
        id=name,
        title=title,
        started_date_time=at,
        url=url,
        response_code=code,
        response_time=told.first_byte,
        page_timings=PageTimings(on_content_load=told.content, on_load=told.load),
    )


def _plan(draw: Random, place: Place, site: Site, kind: Kind, path: str, kept: bool) -> Plan:
    """What the page is like; one whose requests nobody keeps needs fewer of them."""
    radio = kind is Kind.WEAK_RADIO
    took = trip(place, site) + (70 if radio else 25 if kind is Kind.LOSS else 0)
    slower = 0.12 if radio or kind is Kind.LOSS else 0.45 if kind is Kind.BUSY else 1.0
    return Plan(
        host=site.host,
        path=path,
        others=site.others,
        requests=int(site.requests * draw.uniform(0.6, 1.2)) if kept else 24,
        round_trip=took,
        rate=(9_000 if kept else 2_000) * slower,
        name=draw.uniform(900, 2_200) if kind is Kind.SLOW_NAME else draw.uniform(2, 18),
        answer=took + (draw.uniform(1_900, 6_500) if kind is Kind.SLOW_SERVER else draw.uniform(40, 190)),
        status=503 if kind is Kind.BROKEN else 200,
        heavy=(site.others[-1], draw.uniform(1_800, 5_200)) if kind is Kind.HEAVY else None,
        redirect=kind is Kind.REDIRECT,
    )


def _har(pages: Sequence[Page], entries: Sequence[object]) -> str:
    told = [
        {
            "startedDateTime": datetime.fromtimestamp(page.started_date_time / SECOND, UTC).isoformat(),
            "id": page.id,
            "title": page.title,
            "pageTimings": {
                "onContentLoad": page.page_timings.on_content_load if page.page_timings else -1,
                "onLoad": page.page_timings.on_load if page.page_timings else -1,
            },
        }
        for page in pages
    ]
    log = {"version": "1.2", "creator": {"name": "Sojourn", "version": "1"}, "pages": told, "entries": entries}
    return json.dumps({"log": log}, separators=(",", ":"))

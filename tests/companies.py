"""A core on a database with a small company in it, for the tests of what looks at all of it at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sojourn.config import Settings
from sojourn.core.access import Scope
from sojourn.core.intent import Deliver, Delivered, Open, Opened
from sojourn.core.model import DAY, MINUTE, ActivityDraft, DeviceDraft, Instant, PersonDraft, RemarkDraft
from sojourn.core.registry import Issued
from sojourn.core.report import Browser, NetworkReport, Page, Visit
from sojourn.core.visit import Source, facets
from sojourn.services import Services, services
from tests.stage import Clock

SESSIONS = 6


@contextmanager
def opened(url: str, clock: Callable[[], Instant] | None = None) -> Iterator[Services]:
    """The core on the database at `url`, which has its tables."""
    core = services(Settings(database=url), clock or Clock())
    try:
        core.migrate()
        yield core
    finally:
        core.close()


def fill(core: Services) -> Issued:
    """Let the owner in, and six people work on six days, one session of each; the owner's token."""
    issued = core.registry.begin("owner@example.org", None)
    assert issued is not None
    for i in range(SESSIONS):
        began = core.clock() - i * DAY - 30 * MINUTE
        told = core.recorder.open(
            Open(
                scope=Scope(1),
                person=PersonDraft(login=f"person{i}"),
                device=DeviceDraft(guid=f"guid-{i % 2}", name="desk"),
                module="CARE_DESK",
                started_at=began,
                ended_at=None if i == 0 else began + 10 * MINUTE,
                activities=tuple(
                    ActivityDraft(
                        entity_type="CUSTOMER", entity_id=str(k), name="Seen", note="señor ☎", at=began + k * MINUTE
                    )
                    for k in range(i)
                ),
                remarks=(RemarkDraft(reason="Call", comment="back later"),),
            )
        )
        assert isinstance(told, Opened)
    return issued


def visit_once(core: Services) -> None:
    """Let the owner in where there is none, and an agent deliver one visit, with a HAR."""
    core.registry.begin("owner@example.org", None)
    page = Page(id="page_1", title="Start", url="https://www.example.org/", started_date_time=core.clock())
    visit = Visit(
        agent_id="agent-1",
        date=core.clock(),
        visited_site="www.example.org",
        protocol="https",
        port=443,
        browser=Browser(name="Chromium", version="156"),
        pages=(page,),
        network=NetworkReport(),
        har='{"log": {}}',
    )
    found = facets(visit, domain="example.org", platform="linux", location="Slovenia")
    source = Source(address="192.0.2.1", org_name=None, coordinates=None)
    (told,) = core.recorder.write([Deliver(scope=Scope(1), visit=visit, facets=found, source=source)])
    assert isinstance(told, Delivered), told

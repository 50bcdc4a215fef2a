"""Everybody tries every page and every form of the table: whoever may not is refused, and learns nothing by it.

A page that is added needs a case in `tests/console/cases.py`: without one the first test fails.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from sojourn.console.assets import Assets
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.console.routes import pages
from sojourn.core.access import Level, Resource
from sojourn.storage.tables import tables
from sojourn.web.backend import Backend
from sojourn.web.live import Live
from tests.console.cases import CASES, MARKS, NOWHERE, Case, furnished, plainly
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, unsessioned, visiting
from tests.stage import ACME, BETA, Persona, Stage

STREAMS = {"GET /live/events"}
"""Answers without an end: who is let in hears them in `test_live.py`; here it is tried who is not."""


@pytest.fixture
def table(stage: Stage) -> dict[str, Page | PublicPage]:
    """Every page that there is, but those of a provider, which `test_openid.py` tries."""
    backend = Backend.__new__(Backend)  # nothing is asked of it: the table is all that is wanted
    backend.clock = stage.clock
    backend.registry = stage.core.registry
    found = pages(Desk(backend, stage.core.signin, Assets(), Live.__new__(Live), cast(Any, None), cast(Any, None)))
    assert len(found) == len({(page.method, page.path) for page in found})
    return {f"{page.method} {page.path}": page for page in found}


@pytest.fixture
def there(stage: Stage) -> dict[str, str]:
    """What Acme has."""
    return furnished(stage)


def private(table: Mapping[str, Page | PublicPage]) -> Iterator[tuple[str, Page, Case]]:
    """Every case of a page that is not everybody's."""
    for name, cases in CASES.items():
        if isinstance(page := table[name], Page):
            yield from ((name, page, case) for case in cases)


def told(
    visitor: Visitor, name: str, case: Case, there: Mapping[str, str], organisation: int | None = None
) -> tuple[int, str]:
    """The status and all else that a visitor is told of what is there: the same as of what is nowhere."""
    method, typed = name.partition(" ")[0], (*there.values(), *NOWHERE.values())
    answer = case.send(visitor, method, there, organisation)
    text = plainly(answer, *typed)
    if case.names_something:
        assert text == plainly(case.send(visitor, method, NOWHERE, organisation), *typed), (name, case)
    return answer.status_code, text


def of_acme(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    """All that the database holds of Acme, but when tokens were used and how far it has counted."""
    rows = unsessioned(stage)
    columns = {table.name: [column for column, _ in table.columns] for table in tables().values()}
    return {
        name: [row for row in rows[name] if row[columns[name].index("organisation")] == ACME]
        for name in rows
        if "organisation" in columns[name] and name != "counter"
    }


def test_every_route_has_a_case(table: dict[str, Page | PublicPage]) -> None:
    assert CASES.keys() == table.keys()
    assert len(list(private(table))) > 40


def test_who_may_is_let_in_by_every_case(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str]
) -> None:
    """Otherwise those who may not would be refused for another reason than that."""
    visitor = signed_in(stage.owner)
    for name, _, case in private(table):
        if name in STREAMS:
            continue
        if name == "POST /account/end":  # one's own: the token that was made just now
            there = {**there, "token": str(stage.core.registry.tokens(ACME)[0].id)}
        answer = case.send(visitor, name.partition(" ")[0], there, ACME)
        assert answer.status_code in (200, 303), (name, case, answer.text)
        assert answer.headers.get("location", "") != "/sign-in" or name in ("POST /account/end-all", "POST /sign-out")
        if not visitor.session:
            visitor = signed_in(stage.owner)


def test_who_is_signed_out_is_led_to_the_door(
    stage: Stage, table: dict[str, Page | PublicPage], visitor: Visitor, there: dict[str, str]
) -> None:
    before = stage.dump()
    visitor.get("/sign-in")
    for name, _, case in private(table):
        for organisation in (None, ACME, 4711):
            status, text = told(visitor, name, case, there, organisation)
            assert status == 303, name
            assert "location: /sign-in" in text, name
            assert not [mark for mark in MARKS if mark in text], name
    assert stage.dump() == before


def test_whose_session_is_over_is_led_to_the_door_too(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str]
) -> None:
    owner = signed_in(stage.owner)
    secret = owner.session
    owner.post("/sign-out")
    before = stage.dump()
    for name, _, case in private(table):
        owner.client.cookies.set("sojourn", secret, domain="sojourn.example")
        answer = case.send(owner, name.partition(" ")[0], there, ACME)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), name
        assert not answer.text
    assert stage.dump() == before


def test_the_door_tells_no_stranger_who_is_known(
    stage: Stage, table: dict[str, Page | PublicPage], there: dict[str, str]
) -> None:
    before = unsessioned(stage)
    for name, cases in CASES.items():
        for case in cases if isinstance(table[name], PublicPage) else ():
            with visiting(stage) as visitor:  # for each a new one: the throttle is another matter
                visitor.get("/sign-in")
                _, text = told(visitor, name, case, there)
                assert not [mark for mark in MARKS if mark in text], name
    assert unsessioned(stage) == before


def test_a_colleague_without_access_is_refused(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str]
) -> None:
    outsider, before = signed_in(stage.outsider), unsessioned(stage)
    known = {"Acme", stage.outsider.email}  # where they are, and who
    for name, page, case in private(table):
        if page.resource is not None:
            status, text = told(outsider, name, case, there, ACME)
            assert status == 403, name
            assert f"This needs {page.level.label} access to {page.resource}" in text, name
            assert not [mark for mark in MARKS if mark in text and mark not in known], name
    assert unsessioned(stage) == before


def test_a_stranger_learns_nothing_of_an_organisation(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str]
) -> None:
    stranger, before = signed_in(stage.stranger), unsessioned(stage)
    typed = (*there.values(), *NOWHERE.values(), str(ACME), "4711")
    for name, page, case in private(table):
        if not case.organisation:
            status, text = told(stranger, name, case, there)
            assert status == 404, name
            continue
        method = name.partition(" ")[0]
        answers = [case.send(stranger, method, there, organisation) for organisation in (ACME, 4711)]
        assert [answer.status_code for answer in answers] == [404, 404], name
        text = plainly(answers[0], *typed)
        assert text == plainly(answers[1], *typed), name
        assert not [mark for mark in MARKS if mark in text], (name, page)
    assert unsessioned(stage) == before


def test_a_stranger_at_home_is_told_the_same_of_what_is_elsewhere_and_of_what_is_not(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str]
) -> None:
    stranger, before = signed_in(stage.stranger), of_acme(stage)
    assert all(before[name] for name in ("session", "activity", "membership", "access_group", "invitation"))
    for name, _, case in private(table):
        if name not in STREAMS:
            _, text = told(stranger, name, case, there, BETA)
            assert not [mark for mark in MARKS if mark in text], name
        if not stranger.session:
            stranger = signed_in(stage.stranger)
    assert of_acme(stage) == before


@pytest.mark.parametrize("who", ["reader", "recorder", "clerk", "watcher", "narrowed", "measurer"])
def test_who_may_less_is_refused_the_rest(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str], who: str
) -> None:
    registry = stage.core.registry
    registry.set_group(ACME, "Watchers", {Resource.ADMINISTRATION: Level.READ})
    registry.set_group(ACME, "Measurers", {Resource.ENDPOINT_SESSIONS: Level.WRITE})
    stage.persona("watcher", "Watchers")
    stage.persona("measurer", "Measurers")
    stage.persona("narrowed", "Owners", own="narrowed")
    persona: Persona = stage.people[who]
    visitor, before = signed_in(persona), unsessioned(stage)
    caller = next(member for member in registry.members(ACME) if member.principal.email == persona.email)
    levels = {group.name: group.levels for group in registry.groups(ACME)}[caller.group]
    refused = 0
    for name, page, case in private(table):
        if page.resource is not None and levels.get(page.resource, Level.NONE) < page.level:
            status, text = told(visitor, name, case, there, ACME)
            assert status == 403, name
            assert "anna-of-acme" not in text
            refused += 1
    assert refused or who == "narrowed"
    assert unsessioned(stage) == before


@pytest.mark.parametrize("own", ["clerk", "narrowed"])
def test_who_sees_one_person_alone_is_told_the_same_of_others_and_of_nobody(
    stage: Stage, table: dict[str, Page | PublicPage], signed_in: SignedIn, there: dict[str, str], own: str
) -> None:
    if own == "narrowed":
        stage.persona("narrowed", "Owners", own="narrowed")
    visitor, before = signed_in(stage.people[own]), unsessioned(stage)
    for name, page, case in private(table):
        if page.resource is not None and name not in STREAMS:
            _, text = told(visitor, name, case, there, ACME)
            known = ("Acme", f"{own}@example.org")
            assert not [mark for mark in MARKS if mark in text and mark not in known], name
    assert unsessioned(stage) == before


def test_who_reads_sessions_alone_learns_nothing_of_visits_by_their_numbers(
    stage: Stage, signed_in: SignedIn, there: dict[str, str]
) -> None:
    stage.core.registry.set_group(ACME, "Desk", {Resource.ACTIVITY_SESSIONS: Level.WRITE})
    visitor, before = signed_in(stage.persona("desk", "Desk")), unsessioned(stage)
    tried = [(name, case) for name, cases in CASES.items() for case in cases if "{measured}" in case.path]
    assert len(tried) == 4
    for name, case in tried:
        status, text = told(visitor, name, case, there, ACME)
        assert status == 403, name
        assert "access to Endpoint Sessions" in text
    status, text = told(visitor, "GET /find", Case(path="/find", query={"q": "{measured}"}), there, ACME)
    assert (status, "acme-site" in text) == (200, False)
    assert unsessioned(stage) == before


def test_only_the_administration_may_be_administered(table: dict[str, Page | PublicPage]) -> None:
    for name, page, _ in private(table):
        if page.path.startswith(("/access", "/organisation")):
            assert page.resource is Resource.ADMINISTRATION, name
            assert page.level is (Level.READ if page.method == "GET" else Level.WRITE)

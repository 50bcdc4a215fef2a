"""Everybody tries every page and every form of the table: whoever may not is refused, and learns nothing by it."""

import re
from typing import Any, cast

import pytest

from sojourn.console.assets import Assets
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.console.routes import pages
from sojourn.core.access import Level, Resource
from sojourn.web.backend import Backend
from sojourn.web.live import Live
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, unsessioned, words_of
from tests.stage import ACME, Persona, Stage


@pytest.fixture
def table(stage: Stage) -> list[Page | PublicPage]:
    """Every page that there is."""
    backend = Backend.__new__(Backend)  # nothing is asked of it: the table is all that is wanted
    backend.clock = stage.clock
    backend.registry = stage.core.registry
    return pages(Desk(backend, stage.core.signin, Assets(), Live.__new__(Live), cast(Any, None), cast(Any, None)))


def filled(path: str) -> str:
    """A path with something in its braces."""
    return re.sub(r"{\w+}", "1", path)


def tried(visitor: Visitor, page: Page | PublicPage, *, organisation: int | None = None) -> tuple[int, str, str]:
    """What a visitor is answered: the status, where they are led, and what they read."""
    path = filled(page.path) + (f"?organisation={organisation}" if organisation else "")
    if page.method == "GET":
        answer = visitor.get(path, follow=False)
    else:
        answer = visitor.post(path, {"email": "thief@example.org", "group": "Owners", "name": "x"}, follow=False)
    return answer.status_code, answer.headers.get("location", ""), words_of(answer)


def private(table: list[Page | PublicPage]) -> list[Page]:
    found = [page for page in table if isinstance(page, Page)]
    assert len(found) > 15
    return found


def test_no_two_pages_have_the_same_address(table: list[Page | PublicPage]) -> None:
    addresses = [(page.method, page.path) for page in table]
    assert len(addresses) == len(set(addresses))


def test_who_is_signed_out_is_led_to_the_door(stage: Stage, table: list[Page | PublicPage], visitor: Visitor) -> None:
    before = stage.dump()
    visitor.get("/sign-in")
    for page in private(table):
        status, location, _ = tried(visitor, page)
        assert (status, location.partition("?")[0]) == (303, "/sign-in"), page
    assert stage.dump() == before


def test_a_colleague_without_access_is_refused(
    stage: Stage, table: list[Page | PublicPage], signed_in: SignedIn
) -> None:
    outsider = signed_in(stage.outsider)
    before = unsessioned(stage)
    for page in private(table):
        if page.resource is None:
            continue
        status, _, words = tried(outsider, page, organisation=ACME)
        assert status == 403, page
        assert f"This needs {page.level.label} access to {page.resource}" in words, page
    assert unsessioned(stage) == before


def test_a_stranger_learns_nothing_of_an_organisation(
    stage: Stage, table: list[Page | PublicPage], signed_in: SignedIn
) -> None:
    stranger = signed_in(stage.stranger)
    before = unsessioned(stage)
    for page in private(table):
        told = {number: tried(stranger, page, organisation=number) for number in (ACME, 4711)}
        assert told[ACME][0] == 404, page
        assert told[ACME][2].replace(str(ACME), "#") == told[4711][2].replace("4711", "#"), page
        assert "Acme" not in told[ACME][2], page
    assert unsessioned(stage) == before


@pytest.mark.parametrize("name", ["reader", "recorder", "clerk"])
def test_who_may_less_is_refused_the_rest(
    stage: Stage, table: list[Page | PublicPage], signed_in: SignedIn, name: str
) -> None:
    persona: Persona = stage.people[name]
    visitor = signed_in(persona)
    groups = {group.name: group.levels for group in stage.core.registry.groups(ACME)}
    levels = groups["Readers" if name == "reader" else "Recorders"]
    before = unsessioned(stage)
    for page in private(table):
        if page.resource is not None and levels.get(page.resource, Level.NONE) < page.level:
            assert tried(visitor, page, organisation=ACME)[0] == 403, page
    assert unsessioned(stage) == before


def test_only_the_administration_may_be_administered(table: list[Page | PublicPage]) -> None:
    for page in private(table):
        if page.path.startswith(("/access", "/organisation")):
            assert page.resource is Resource.ADMINISTRATION
            assert page.level is (Level.READ if page.method == "GET" else Level.WRITE)

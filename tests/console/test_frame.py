"""What every page has: a door, a policy, a way around, and errors that are pages."""

import re

import pytest

from sojourn.console.desk import POLICY
from tests.agent.chrome import needs_chromium
from tests.console.axe import serious
from tests.console.browser import PHONE, WIDE, Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(visitor: Visitor, stage: Stage) -> None:
    led = visitor.get("/", follow=False)
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in")
    door = visitor.get("/?a=b")
    assert 'name="next" value="/?a=b"' in door.text
    answer = visitor.post("/sign-in/token", {"token": stage.reader.secret, "next": "/?a=b"}, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?a=b")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "a"])
def test_nobody_is_led_elsewhere(visitor: Visitor, stage: Stage, target: str) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in/token", {"token": stage.reader.secret, "next": target}, follow=False)
    assert answer.headers["location"] == "/"


def test_a_wrong_token_opens_nothing(visitor: Visitor) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in/token", {"token": "wrong"})
    assert answer.status_code == 403
    assert "opens nothing here" in words_of(answer)
    assert not visitor.session


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor, stage: Stage) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in/token", {"token": stage.reader.secret}, follow=False)
    (session,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("sojourn=")]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(session.split("; "))


def test_signing_out_ends_the_session_on_the_server_too(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.owner)
    kept = visitor.session
    visitor.post("/sign-out")
    assert not visitor.session
    visitor.client.cookies.set("sojourn", kept, domain="sojourn.example")
    assert visitor.get("/").url.path == "/sign-in"


def test_a_form_that_looks_stays_in_the_organisation_of_its_page(signed_in: SignedIn, stage: Stage) -> None:
    stage.core.registry.add_member(2, stage.reader.email, "Readers")
    visitor = signed_in(stage.roaming(stage.reader))
    for path in ("/sessions", "/entities", "/people", "/visits"):
        page = visitor.get(path, organisation=2).text
        forms = re.findall(r'<form [^>]*method="get".*?</form>', page, re.DOTALL)
        assert len(forms) == 2, path  # the one of everything, and its own
        assert all('name="organisation" value="2"' in form for form in forms), path


def test_who_was_signed_in_is_told_that_they_are_not_any_more(signed_in: SignedIn, stage: Stage) -> None:
    for path, words in (("/sign-out", "You are signed out."), ("/account/end-all", "here and everywhere else")):
        told = signed_in(stage.owner).post(path)
        assert (told.url.path, words in words_of(told)) == ("/sign-in", True)
    visitor = signed_in(stage.reader)
    stage.core.registry.revoke(1, stage.reader.token)
    told = visitor.get("/people?organisation=1")
    assert "are not any more: sign in again" in words_of(told)
    assert told.url.params["next"] == "/people?organisation=1"
    assert "not any more" not in words_of(visitor.get("/sign-in"))


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/access/members/remove?organisation=1", "/access?organisation=1"),
        ("/sessions/7/end?organisation=1", "/sessions/7?organisation=1"),
        ("/sign-in/password", "/sign-in"),
        ("/theme", "/"),
    ],
)
def test_who_loads_the_answer_of_a_form_again_comes_to_its_page(visitor: Visitor, path: str, page: str) -> None:
    led = [visitor.get(path, follow=False)]
    while (where := led[-1].headers["location"]) != page:
        led.append(visitor.get(where, follow=False))
        assert len(led) < 3
    assert {answer.status_code for answer in led} == {303}
    assert visitor.request("PUT", path).status_code == 405
    assert visitor.request("GET", path, headers={"Accept": "application/json"}).status_code == 405


def test_a_revoked_token_ends_the_sessions_that_it_began(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.reader)
    assert visitor.get("/").url.path != "/sign-in"
    stage.core.registry.revoke(1, stage.reader.token)
    assert visitor.get("/").url.path == "/sign-in"


def test_every_page_has_the_policy(visitor: Visitor, signed_in: SignedIn, stage: Stage) -> None:
    for answer in (visitor.get("/sign-in"), signed_in(stage.owner).get("/"), visitor.get("/nothing")):
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert "style=" not in answer.text
        assert not re.search(r"<script(?! type=\"module\" src=)", answer.text)


def test_a_form_without_its_proof_does_nothing(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.owner)
    for fields in ({}, {"proof": "00" * 64}, {"proof": "x"}):
        answer = visitor.request("POST", "/sign-out", data={"a": "b", **fields})
        assert answer.status_code == 403
        assert "Nothing was changed" in words_of(answer)
    assert visitor.get("/").url.path != "/sign-in"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_form_of_another_site_does_nothing(signed_in: SignedIn, stage: Stage, headers: dict[str, str]) -> None:
    visitor = signed_in(stage.owner)
    proof = re.search(r'name="proof" value="(\w+)"', visitor.get("/").text)
    assert proof
    answer = visitor.request("POST", "/sign-out", data={"proof": proof[1]}, headers=headers)
    assert answer.status_code == 403
    assert visitor.get("/").url.path != "/sign-in"


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(signed_in: SignedIn, stage: Stage) -> None:
    page = signed_in(stage.owner).get("/nothing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    problem = stage.nobody.get("/nothing")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


def test_addresses_tell_whose_page_it_is(signed_in: SignedIn, stage: Stage) -> None:
    stage.core.registry.add_member(2, stage.reader.email, "Owners")
    visitor = signed_in(stage.stranger)
    assert visitor.get("/?a=b").url.params["organisation"] == "2"
    assert visitor.get("/?organisation=1").status_code == 404


def test_assets_are_kept_for_ever_and_named_by_their_content(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    names = re.findall(r'"(/static/[\w.-]+)"', page)
    assert len(names) == 3
    for name in names:
        assert "immutable" in visitor.get(name).headers["cache-control"]
    assert visitor.get("/static/console.css").status_code == 404


def test_the_look_can_be_chosen_without_scripts(visitor: Visitor) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/theme", {"theme": "dark", "next": "/sign-in"})
    assert '<html lang="en" data-theme="dark">' in answer.text


def test_who_may_do_nothing_is_told_whom_to_ask(signed_in: SignedIn, stage: Stage) -> None:
    told = words_of(signed_in(stage.outsider).get("/"))
    assert "your access group opens nothing there yet" in told
    assert stage.outsider.email in told


@needs_chromium
def test_a_person_signs_in(browser: Browser, stage: Stage) -> None:
    browser.open("/")
    browser.screenshots("sign-in")
    browser.fill("#f-token", stage.owner.secret)
    browser.leave_by("form[action='/sign-in/token'] button")
    assert not browser.path.startswith("/sign-in")
    browser.screenshots("first")
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
        browser.look(size, scheme)
        assert serious(browser) == []
        assert browser.too_wide() == 0

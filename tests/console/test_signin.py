"""Signing in with a password or by a link, signing out, and how often one may fail."""

import pytest

from sojourn.console.throttle import ADDRESS, PAIR
from tests.agent.chrome import needs_chromium
from tests.console.axe import serious
from tests.console.browser import Browser
from tests.console.conftest import SignedIn
from tests.console.visitor import Visitor, words_of
from tests.stage import ACME, BETA, Stage

GOOD = "correct horse battery"


@pytest.fixture
def known(stage: Stage) -> Stage:
    """The stage, with a password for the reader."""
    stage.core.signin.set_password(stage.reader.email, GOOD)
    return stage


def attempt(visitor: Visitor, email: str, password: str, target: str = "") -> tuple[int, str]:
    answer = visitor.post("/sign-in/password", {"email": email, "password": password, "next": target})
    return answer.status_code, words_of(answer)


def test_a_password_opens_the_door(known: Stage, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    attempt(visitor, known.reader.email.upper(), GOOD, "/account")
    assert "Signed in" in words_of(visitor.get("/account"))


def test_who_is_not_known_is_told_what_a_wrong_password_is_told(known: Stage, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    told = {attempt(visitor, email, "wrong") for email in (known.reader.email, known.clerk.email, "x@example.org")}
    assert [status for status, _ in told] == [403] * len(told)
    assert len({words for _, words in told}) == 1
    assert not visitor.session


def test_who_fails_too_often_waits_and_is_told_how_long(known: Stage, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    for _ in range(PAIR):
        assert attempt(visitor, known.reader.email, "wrong")[0] == 403
    refused = visitor.post("/sign-in/password", {"email": known.reader.email, "password": GOOD})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert "Try again in" in words_of(refused)
    known.clock.advance(900)
    attempt(visitor, known.reader.email, GOOD)
    assert visitor.session


def test_an_owner_whose_account_is_attacked_signs_in_with_another_one(known: Stage, visitor: Visitor) -> None:
    """One address fails at one account: another account from there, and a token, still open."""
    visitor.get("/sign-in")
    for _ in range(PAIR):
        attempt(visitor, known.owner.email, "wrong")
    attempt(visitor, known.reader.email, GOOD)
    assert visitor.session


def test_an_address_that_tries_many_accounts_waits(known: Stage, visitor: Visitor) -> None:
    visitor.get("/sign-in")
    for number in range(ADDRESS):
        attempt(visitor, f"user{number}@example.org", "wrong")
    assert attempt(visitor, known.reader.email, GOOD)[0] == 429


def test_a_link_lets_a_member_choose_a_password_once(stage: Stage, visitor: Visitor) -> None:
    link = stage.core.signin.invite(ACME, stage.reader.email).secret
    page = visitor.get("/invitation", link=link)
    assert f"You are {stage.reader.email}" in words_of(page)
    short = visitor.post("/invitation", {"link": link, "password": "short"})
    assert (short.status_code, "must have 12 to 256 characters" in words_of(short)) == (400, True)
    visitor.post("/invitation", {"link": link, "password": GOOD})
    assert visitor.session
    again = visitor.get("/invitation", link=link)
    assert (again.status_code, "good for nothing any more" in words_of(again)) == (404, True)


def test_a_link_of_another_organisation_does_not_open_the_first(stage: Stage, visitor: Visitor) -> None:
    """Beta's administrator makes a link for Acme's owner and uses it: Acme stays shut."""
    stage.core.signin.accept(stage.core.signin.invite(ACME, stage.owner.email).secret, GOOD, "a test")
    stage.core.registry.add_member(BETA, stage.owner.email, "Owners")
    link = stage.core.signin.invite(BETA, stage.owner.email).secret
    visitor.get("/invitation", link=link)
    taken = visitor.post("/invitation", {"link": link, "password": "what the thief wants"})
    assert (taken.status_code, "is not the one that you have" in words_of(taken)) == (400, True)
    assert not visitor.session


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.reader)
    for _ in range(3):
        stage.clock.advance(10 * 3_600)
        assert visitor.get("/account").status_code == 200
        assert visitor.get("/account").url.path == "/account"
    stage.clock.advance(13 * 3_600)
    assert visitor.get("/account").url.path == "/sign-in"


def test_a_cookie_is_no_credential_for_programs(signed_in: SignedIn, stage: Stage) -> None:
    visitor = signed_in(stage.owner)
    for headers in ({"Authorization": f"Bearer {visitor.session}"}, {"ApiKey": visitor.session}):
        assert stage.nobody.get("/api/v1/organisation", headers=headers).status_code == 401
    assert visitor.get("/api/v1/organisation").status_code == 401
    visitor.client.cookies.set("sojourn", stage.owner.secret, domain="sojourn.example")
    assert visitor.get("/account").url.path == "/sign-in"


def test_behind_tls_the_cookie_is_the_hosts_alone(stage: Stage, visitor: Visitor) -> None:
    visitor.client.base_url = "https://sojourn.example"
    visitor.get("/sign-in")
    form = visitor.client.cookies.get("__Host-sojourn-form")
    assert form
    from sojourn.console import forms

    fields = {forms.FIELD: forms.proof(form), "token": stage.reader.secret}
    answer = visitor.request("POST", "/sign-in/token", data=fields, follow=False)
    (session,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-sojourn=")]
    assert "Secure" in session


@needs_chromium
def test_a_person_comes_by_a_link_and_by_the_password(stage: Stage, browser: Browser) -> None:
    link = stage.core.signin.invite(ACME, stage.reader.email).secret
    browser.open(f"/invitation?link={link}")
    browser.screenshots("invitation")
    assert serious(browser) == []
    browser.fill("#f-password", GOOD)
    browser.leave_by("main button")
    browser.open("/account")
    browser.screenshots("account")
    assert serious(browser) == []
    browser.leave_by(".me-actions button")
    browser.see("You are signed out.")
    browser.fill("#f-email", stage.reader.email)
    browser.fill("#f-password", GOOD)
    browser.leave_by("form[action='/sign-in/password'] button")
    assert not browser.path.startswith("/sign-in")

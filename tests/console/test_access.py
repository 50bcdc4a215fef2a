"""Members, access groups, tokens, the account, the settings: what their forms do, and what they refuse."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from sojourn.core.access import Level, Resource
from sojourn.core.errors import Unauthenticated
from sojourn.core.registry import Presented
from tests.agent.chrome import needs_chromium
from tests.console.axe import serious
from tests.console.browser import PHONE
from tests.console.conftest import BrowseAs, SignedIn
from tests.console.visitor import unsessioned, visiting, words_of
from tests.stage import ACME, Stage

NINA = "nina@example.org"
GOOD = "correct horse battery"


def secret_of(text: str) -> str:
    """What a page shows once."""
    found = re.search(r'<code id="secret">([^<]+)<', text)
    assert found, text
    return found[1]


def test_a_member_is_added_changed_and_removed(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    told = owner.post("/access/members", {"email": NINA, "group": "Readers", "own": "nina"})
    assert "nina@example.org is in Readers now" in words_of(told)
    assert "only the sessions of nina" in words_of(told)
    owner.post("/access/members", {"email": NINA, "group": "Recorders", "own": ""})
    member = {m.principal.email: m for m in stage.core.registry.members(ACME)}[NINA]
    assert (member.group, member.person) == ("Recorders", 0)
    owner.post("/access/members/remove", {"email": NINA})
    assert NINA not in {m.principal.email for m in stage.core.registry.members(ACME)}


def test_what_is_wrong_is_said_where_it_was_typed(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    for path, fields, words in (
        ("/access/members", {"email": "no address", "group": "Readers"}, "must be an address"),
        ("/access/members", {"email": NINA, "group": "Nonsense"}, "must be the name of an access group"),
        ("/access/members/remove", {"email": NINA}, "There is no member"),
        ("/access/members/invite", {"email": NINA}, "must be the address of a member"),
        ("/access/groups", {"name": " "}, "must not be empty"),
        ("/access/groups/drop", {"name": "Readers"}, "that nobody is in"),
        ("/access/tokens", {"email": NINA, "name": "x"}, "must be the address of a member"),
        ("/access/tokens/revoke", {"number": "4711"}, "There is no token 4711"),
        ("/organisation", {"name": "A", "idle_minutes": "x", "rate_limit": "1", "time_zone": "UTC"}, "whole number"),
        ("/organisation", {"name": "A", "idle_minutes": "1", "rate_limit": "1", "time_zone": "Mars"}, "time zone"),
        ("/account/password", {"new": "short", "again": "short"}, "must have 12"),
        ("/account/password", {"new": GOOD, "again": "another"}, "differ"),
        ("/account/end", {"number": "4711"}, "There is no token 4711"),
        ("/account/tokens", {"name": "", "days": "30"}, "must not be empty"),
    ):
        before = stage.dump()
        told = owner.post(path, fields)
        assert told.status_code == 400, (path, words_of(told))
        assert words in words_of(told)
        assert {name: rows for name, rows in stage.dump().items() if name != "token"} == {
            name: rows for name, rows in before.items() if name != "token"
        }


def test_nobody_locks_everybody_out(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    before = unsessioned(stage)
    for path, fields, words in (
        ("/access/members/remove", {"email": stage.owner.email}, "Email is that of the last member who may administer"),
        ("/access/members", {"email": stage.owner.email, "group": "Readers"}, "Group must be one that may administer"),
        (
            "/access/members",
            {"email": stage.owner.email, "group": "Owners", "own": "owner"},
            "Own must not narrow the last member who may administer",
        ),
        ("/access/groups", {"name": "Owners", "administration": "1"}, "Administration must stay write: nobody would"),
    ):
        told = owner.post(path, fields)
        assert told.status_code == 400
        assert f"Nothing was changed. {words}" in words_of(told), path
    assert unsessioned(stage) == before
    assert owner.get("/access").status_code == 200


def test_of_two_owners_who_remove_each_other_one_stays(stage_on_each: Stage) -> None:
    stage, registry = stage_on_each, stage_on_each.core.registry
    for _ in range(5):
        registry.add_member(ACME, "owner@example.org", "Owners")
        pair = [stage.persona("nina", "Owners"), stage.persona("otto", "Owners")]
        registry.remove_member(ACME, "owner@example.org")
        with visiting(stage) as one, visiting(stage) as other, ThreadPoolExecutor(2) as threads:
            visitors = [one, other]
            for visitor, persona in zip(visitors, pair, strict=True):
                visitor.sign_in(persona)
            path = f"/access/members/remove?organisation={ACME}"
            sent = [
                threads.submit(visitor.post, path, {"email": taken.email}, follow=False)
                for visitor, taken in zip(visitors, reversed(pair), strict=True)
            ]
            for answer in sent:
                assert answer.result(30).status_code in (303, 400, 403)
        (left,) = [member for member in registry.members(ACME) if member.group == "Owners"]
        assert left.principal.email in {persona.email for persona in pair}


def test_an_access_group_is_a_matrix(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    told = owner.post("/access/groups", {"name": "Auditors", "activity_sessions": "1", "login_sessions": "1"})
    assert "May read activity sessions; may read login sessions." in words_of(told)
    groups = {group.name: group.levels for group in stage.core.registry.groups(ACME)}
    assert groups["Auditors"][Resource.ACTIVITY_SESSIONS] is Level.READ
    assert groups["Auditors"][Resource.ADMINISTRATION] is Level.NONE
    owner.post("/access/groups/drop", {"name": "Auditors"})
    assert "Auditors" not in {group.name for group in stage.core.registry.groups(ACME)}


def test_a_token_is_shown_once_and_revoked(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    made = owner.post("/access/tokens", {"email": stage.reader.email, "name": "the care desk", "days": "30"})
    secret = secret_of(made.text)
    assert stage.core.registry.identify(Presented(secret=secret)).email == stage.reader.email
    listed = owner.get("/access/tokens")
    assert secret not in listed.text
    assert "the care desk" in listed.text
    number = stage.core.registry.tokens(ACME)[0].id
    owner.post("/access/tokens/revoke", {"number": str(number)})
    with pytest.raises(Unauthenticated):
        stage.core.registry.identify(Presented(secret=secret))


def test_a_link_is_shown_once(signed_in: SignedIn, stage: Stage) -> None:
    made = signed_in(stage.owner).post("/access/members/invite", {"email": stage.reader.email})
    address = secret_of(made.text)
    assert address.startswith("http://sojourn.example/invitation?link=")
    assert stage.core.signin.invitation(address.partition("=")[2])[0].email == stage.reader.email


def test_who_may_only_read_the_administration_changes_nothing(signed_in: SignedIn, stage: Stage) -> None:
    stage.core.registry.set_group(ACME, "Watchers", {Resource.ADMINISTRATION: Level.READ})
    watcher = signed_in(stage.persona("watcher", "Watchers"))
    page = watcher.get("/access")
    assert page.status_code == 200
    assert "Add a member" not in words_of(page)
    assert watcher.post("/access/members", {"email": NINA, "group": "Owners"}).status_code == 403


def test_who_is_narrowed_to_a_person_administers_nothing(signed_in: SignedIn, stage: Stage) -> None:
    narrowed = signed_in(stage.persona("narrowed", "Owners", own="narrowed"))
    assert narrowed.get("/access").status_code == 403
    fields = {"email": "narrowed@example.org", "group": "Owners"}
    assert narrowed.post("/access/members", fields).status_code == 403


def test_the_settings_are_saved(signed_in: SignedIn, stage: Stage) -> None:
    fields = {"name": "Acme & Co", "idle_minutes": "45", "rate_limit": "99", "time_zone": "Europe/Oslo"}
    told = signed_in(stage.owner).post("/organisation", fields)
    assert "The settings are saved" in words_of(told)
    kept = stage.core.registry.organisation(ACME)
    assert (kept.name, kept.idle_limit, kept.rate_limit, kept.time_zone) == ("Acme & Co", 2_700, 99, "Europe/Oslo")


def test_one_sets_a_password_and_signs_out_everywhere(signed_in: SignedIn, stage: Stage) -> None:
    here, elsewhere = signed_in(stage.reader), signed_in(stage.reader)
    here.post("/account/password", {"new": GOOD, "again": GOOD})
    assert stage.core.signin.by_password(stage.reader.email, GOOD, "a test").secret
    wrong = here.post("/account/password", {"old": "wrong", "new": GOOD, "again": GOOD})
    assert "is not your password" in words_of(wrong)
    here.post("/account/end-all")
    for visitor in (here, elsewhere):
        assert visitor.get("/account").url.path == "/sign-in"


def test_ones_own_token_does_what_one_may(signed_in: SignedIn, stage: Stage) -> None:
    made = signed_in(stage.reader).post("/account/tokens", {"name": "mine", "days": "30", "everywhere": "1"})
    caller = stage.core.registry.identify(Presented(secret=secret_of(made.text)))
    assert (caller.email, caller.everywhere) == (stage.reader.email, False)  # the session opens Acme alone


def test_one_ends_another_session_of_ones_own(signed_in: SignedIn, stage: Stage) -> None:
    here, elsewhere, theirs = signed_in(stage.reader), signed_in(stage.reader), signed_in(stage.owner)
    numbers = re.findall(r'action="/account/end[^>]*>.*?name="number" value="(\d+)"', here.get("/account").text)
    assert len(numbers) == 1  # the token that both came with is not among them
    here.post("/account/end", {"number": numbers[0]})
    assert elsewhere.get("/account").url.path == "/sign-in"
    assert theirs.get("/account").url.path == "/account"


def test_nobody_ends_the_token_that_they_came_with(signed_in: SignedIn, stage: Stage) -> None:
    owner = signed_in(stage.owner)
    assert "you came with it" in words_of(owner.get("/account"))
    told = owner.post("/account/end", {"number": str(stage.owner.token)})
    assert told.status_code == 400
    assert "Number must not be that of the token that you came with" in words_of(told)
    another = stage.core.registry.add_token(ACME, stage.owner.email, "another")
    owner.post("/account/end", {"number": str(another.token.id)})
    with pytest.raises(Unauthenticated):
        stage.core.registry.identify(Presented(secret=another.secret))
    stage.core.signin.set_password(stage.owner.email, GOOD)
    with visiting(stage) as visitor:
        visitor.get("/sign-in")
        visitor.post("/sign-in/password", {"email": stage.owner.email, "password": GOOD})
        visitor.post("/account/end", {"number": str(stage.owner.token)})
    assert owner.get("/account").url.path == "/sign-in"


@needs_chromium
def test_the_administration_in_a_browser(browse_as: BrowseAs, stage: Stage) -> None:
    stage.core.registry.add_token(ACME, stage.recorder.email, "the care desk", life=86_400 * 30)
    browser = browse_as(stage.owner)
    for name, path in {
        "access": "/access",
        "access-groups": "/access/groups",
        "access-tokens": "/access/tokens",
        "organisation": "/organisation",
        "account-owner": "/account",
    }.items():
        browser.open(path)
        browser.screenshots(name)
        assert serious(browser) == [], path
        browser.look(PHONE)
        assert browser.too_wide() == 0, path
        browser.look()
    browser.open("/access/tokens")
    browser.fill("form.fields #f-name", "a laptop")
    browser.leave_by("form.fields button")
    browser.see("Copy it now")
    browser.screenshots("token-made")

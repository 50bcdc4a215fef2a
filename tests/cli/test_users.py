"""`sojourn user`."""

import json

from sojourn.services import Services
from tests.cli.conftest import Run


def test_members_are_added_listed_and_removed(company: Services, run: Run) -> None:
    told = run("user", "add", "Nina@example.org", "Readers").stdout
    assert told == "nina@example.org is in Readers of organisation 1.\n"
    members = json.loads(run("user", "list", "--json").stdout)
    assert [(one["email"], one["group"], one["default"]) for one in members] == [
        ("nina@example.org", "Readers", True),
        ("owner@example.org", "Owners", True),
    ]
    assert "nina@example.org" in run("user", "list").stdout
    run("user", "remove", "nina@example.org")
    assert "nina" not in run("user", "list").stdout
    assert "There is no member" in run("user", "remove", "nina@example.org", code=1).stderr


def test_a_member_may_see_the_sessions_of_one_person_alone(company: Services, run: Run) -> None:
    assert "for the sessions of person 3 alone" in run("user", "add", "bo", "Readers", "--own", "person2").stdout
    run("user", "add", "cy", "Readers", "--own", "3")
    assert {m.principal.email: m.person for m in company.registry.members(1)} == {
        "bo": 3,
        "cy": 3,
        "owner@example.org": 0,
    }
    assert json.loads(run("user", "add", "bo", "Readers", "--json").stdout).get("ownPerson") is None


def test_a_group_that_is_not_there_is_refused(company: Services, run: Run) -> None:
    assert run("user", "add", "bo", "Kings", code=1).stderr == "sojourn: There is no access group Kings\n"


def test_the_last_who_may_administer_stays(company: Services, run: Run) -> None:
    for words, told in (
        (("user", "remove", "owner@example.org"), "email is that of the last member who may administer"),
        (("user", "add", "owner@example.org", "Readers"), "group must be one that may administer"),
        (("user", "add", "owner@example.org", "Owners", "--own", "x"), "own must not narrow the last member"),
        (("access", "set", "Owners", "administration", "read"), "administration must stay write"),
    ):
        assert told in run(*words, code=1).stderr
    run("user", "add", "nina@example.org", "Owners")
    run("user", "remove", "owner@example.org")
    assert [member.principal.email for member in company.registry.members(1)] == ["nina@example.org"]


def test_a_default_organisation_is_chosen(company: Services, run: Run) -> None:
    run("org", "add", "Beta")
    run("user", "add", "owner@example.org", "Readers", "--org", "Beta")
    assert [m.is_default for m in company.registry.members(2)] == [False]
    run("user", "default", "owner@example.org", "--org", "2")
    assert [m.is_default for m in company.registry.members(2)] == [True]


def test_a_password_is_read_from_standard_input_and_stands_in_no_argument(company: Services, run: Run) -> None:
    told = run("user", "set-password", "owner@example.org", input="correct horse battery\n")
    assert "correct" not in told.output
    assert company.signin.by_password("owner@example.org", "correct horse battery", "a test").secret
    assert (
        "must have 12 to 256 characters" in run("user", "set-password", "owner@example.org", input="x\n", code=1).output
    )
    assert "There is no user" in run("user", "set-password", "x@example.org", input="correct horse\n", code=1).output


def test_a_link_invites_a_member(company: Services, run: Run) -> None:
    told = run("user", "invite", "owner@example.org")
    address, _, secret = told.stdout.strip().partition("/invitation?link=")
    assert address == "http://127.0.0.1:8080"
    assert company.signin.invitation(secret)[0].email == "owner@example.org"
    assert secret not in told.stderr
    run("user", "invite", "nobody@example.org", code=1)

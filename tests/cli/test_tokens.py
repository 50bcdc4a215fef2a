"""`sojourn token`."""

import json

import pytest

from sojourn.core.errors import Unauthenticated
from sojourn.core.registry import Presented
from sojourn.services import Services
from tests.cli.conftest import Run


def test_a_secret_stands_alone_on_standard_output_and_opens_the_door(company: Services, run: Run) -> None:
    told = run("token", "create", "owner@example.org", "laptop")
    secret = told.stdout.strip()
    assert told.stdout == f"{secret}\n"
    assert secret not in told.stderr
    assert "Authorization: Bearer" in told.stderr
    assert "until it is revoked" in told.stderr
    assert company.registry.identify(Presented(secret=secret)).email == "owner@example.org"


def test_a_token_may_have_a_life(company: Services, run: Run) -> None:
    told = json.loads(run("token", "create", "owner@example.org", "laptop", "--life", "2h", "--json").stdout)
    made, end = told["createdAt"], told["expiresAt"]
    assert (made[:11], int(end[11:13]) - int(made[11:13])) == (end[:11], 2) or end[:11] > made[:11]
    assert told["secret"]
    assert "lastUsedAt" not in told


def test_tokens_are_listed_without_their_secrets(company: Services, run: Run) -> None:
    secret = run("token", "create", "owner@example.org", "laptop").stdout.strip()
    told = run("token", "list", "--json").stdout
    assert secret not in told
    assert [(one["id"], one["name"], one["holds"]) for one in json.loads(told)] == [
        (2, "laptop", True),
        (1, "owner", True),
    ]
    assert "laptop" in run("token", "list").stdout


def test_a_revoked_token_opens_nothing(company: Services, run: Run) -> None:
    secret = run("token", "create", "owner@example.org", "laptop").stdout.strip()
    assert run("token", "revoke", "2").stdout == "Token 2 is revoked.\n"
    with pytest.raises(Unauthenticated):
        company.registry.identify(Presented(secret=secret))
    assert not json.loads(run("token", "list", "--json").stdout)[0]["holds"]


def test_what_cannot_be_is_refused(company: Services, run: Run) -> None:
    assert "There is no" in run("token", "create", "nobody@example.org", "x", code=1).stderr
    assert "There is no token 99" in run("token", "revoke", "99", code=1).stderr
    assert "life" in run("token", "create", "owner@example.org", "x", "--life", "0d", code=1).stderr
    run("org", "add", "Beta")
    assert "There is no token 1" in run("token", "revoke", "1", "--org", "Beta", code=1).stderr


def test_a_token_may_open_every_organisation_of_its_user(company: Services, run: Run) -> None:
    company.registry.add_organisation("Elsewhere")
    company.registry.add_member(2, "owner@example.org", "Readers")
    made = run("token", "create", "owner@example.org", "laptop", "--everywhere")
    secret = made.stdout.strip()
    assert "for every organisation it belongs to" in made.stderr
    assert company.registry.identify(Presented(secret=secret, organisation=2)).scope.organisation == 2
    (told,) = json.loads(run("token", "list", "--everywhere", "--json").stdout)
    assert "is revoked" in run("token", "revoke", str(told["id"]), "--everywhere").stdout
    with pytest.raises(Unauthenticated):
        company.registry.identify(Presented(secret=secret))


def test_everywhere_is_no_organisation(company: Services, run: Run) -> None:
    told = run("token", "create", "owner@example.org", "laptop", "--everywhere", "--org", "1", code=2)
    assert "cannot be given together" in told.stderr

"""`POST /api/v1/invitations`."""

import pytest

from sojourn.core.errors import Unknown
from tests.stage import ACME, Stage, staged

INVITATIONS = "/api/v1/invitations"
GOOD = "correct horse battery"


def test_a_member_chooses_a_password_by_it(stage_on_each: Stage) -> None:
    response = stage_on_each.owner.post(INVITATIONS, json={"email": "Reader@example.org"})
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert (told["email"], told["expiresAt"]) == ("reader@example.org", "2026-11-26T12:04:05.123456Z")
    origin, _, secret = told["link"].partition("/invitation?link=")
    assert origin == "http://sojourn.example"
    assert secret not in repr(stage_on_each.dump())
    signin = stage_on_each.core.signin
    assert signin.invitation(secret)[0].organisation == ACME
    signin.accept(secret, GOOD, "a test")
    assert signin.by_password("reader@example.org", GOOD, "a test").secret


def test_it_is_good_once_and_takes_the_place_of_the_one_before(stage: Stage) -> None:
    links = [stage.owner.post(INVITATIONS, json={"email": stage.reader.email}).json()["link"] for _ in range(2)]
    first, second = (link.partition("=")[2] for link in links)
    with pytest.raises(Unknown):
        stage.core.signin.invitation(first)
    assert stage.core.signin.invitation(second)


def test_it_leads_to_where_the_server_is_reached(sqlite_url: str) -> None:
    with staged(sqlite_url, public_url="https://sojourn.example.org") as stage:
        link = stage.owner.post(INVITATIONS, json={"email": stage.reader.email}).json()["link"]
    assert link.startswith("https://sojourn.example.org/invitation?link=")

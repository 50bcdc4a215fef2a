"""People, and each one's days."""

import re

from tests.console.conftest import SignedIn
from tests.console.desk import markup, worked
from tests.console.visitor import words_of
from tests.stage import Stage


def test_they_are_listed_with_their_newest_session(stage: Stage, signed_in: SignedIn) -> None:
    worked(stage.recorder, "anna", "08:00", "09:00", module="CARE")
    newest = worked(stage.recorder, "anna", "10:00")
    page = signed_in(stage.reader).get("/people")
    assert re.search(rf'href="/people/2">anna</a>.*?href="/sessions/{newest}"', markup(page), re.DOTALL)
    assert "running" in words_of(page)


def test_one_has_days_and_sessions(stage: Stage, signed_in: SignedIn) -> None:
    worked(stage.recorder, "anna", "08:00", "09:00")
    worked(stage.recorder, "bob", "08:00", "09:00")
    worked(stage.recorder, "anna", "10:00")
    reader = signed_in(stage.reader)
    page = reader.get("/people/2")
    assert "2 sessions in all" in words_of(page)
    assert "Monday 23 November 2026: 2 sessions" in markup(page)
    assert "Mon 23 Nov" in markup(page)
    assert re.findall(r'data-label="Session"><a href="/sessions/(\d+)', markup(page)) == ["3", "1"]
    other = reader.request("GET", "/people/2", params={"from": "2026-11-22", "to": "2026-11-22"})
    assert "No session in these days" in words_of(other)
    assert reader.request("GET", "/people/2", params={"from": "x"}).url.query == b"organisation=1"


def test_somebody_is_found_by_login_or_number(stage: Stage, signed_in: SignedIn) -> None:
    worked(stage.recorder, "anna", "08:00")
    reader = signed_in(stage.reader)
    for login in ("anna", "2"):
        assert reader.get("/people", login=login).url.path == "/people/2"
    assert "Nobody is called Anna" in words_of(reader.get("/people", login="Anna"))


def test_one_who_is_narrowed_knows_only_themselves(stage: Stage, signed_in: SignedIn) -> None:
    worked(stage.recorder, "anna", "08:00")
    clerk = signed_in(stage.clerk)
    assert re.findall(r'scope="row" data-label="Login"><a href="/people/(\d+)"', markup(clerk.get("/people"))) == ["1"]
    assert clerk.get("/people/2").status_code == 404
    assert signed_in(stage.stranger).get("/people/2").status_code == 404
    assert clerk.get("/people", login="anna").url.path == "/people"
    for number in ("0", "x", "99999999999999999999"):
        assert clerk.get(f"/people/{number}").status_code == 404

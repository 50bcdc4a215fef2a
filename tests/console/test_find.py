"""One field for everything."""

import pytest

from tests.console.conftest import SignedIn
from tests.console.desk import activity, on_day, place, worked
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage


@pytest.fixture
def reader(stage: Stage, signed_in: SignedIn) -> Visitor:
    for entity, note in (("98662653", "by phone"), ("a/b", "by letter"), ("2", "")):
        done = [activity(on_day("08:00:30"), entityId=entity, **({"note": note} if note else {}))]
        worked(stage.recorder, "anna", "08:00", activities=done)
    return signed_in(stage.reader)


def test_what_can_mean_one_thing_leads_there(reader: Visitor) -> None:
    for text, target in (
        ("3", "/sessions/3"),
        ("anna", "/people/2"),
        ("98662653", "/entities?id=98662653"),
        (" a/b ", "/entities?id=a%2Fb"),
        ("phone", "/sessions?text=phone"),
        ("LETTER by", "/sessions?text=LETTER+by"),
        ("", "/sessions"),
    ):
        assert place(reader.get("/find", q=text)) == target


def test_what_can_mean_several_is_a_choice(reader: Visitor) -> None:
    page = reader.get("/find", q="2")
    assert page.url.path == "/find"
    told = words_of(page)
    assert "Session 2" in told
    assert "What has the id 2" in told


def test_what_means_nothing_says_what_was_looked_for(reader: Visitor) -> None:
    for text in ("nothing of that name", "…", "x" * 5_000, "9" * 40):
        page = reader.get("/find", q=text)
        assert page.status_code == 200
        assert "Nothing is called that" in words_of(page)


def test_nothing_is_found_that_is_not_the_callers(reader: Visitor, stage: Stage, signed_in: SignedIn) -> None:
    for name in ("clerk", "stranger"):
        for text in ("3", "anna", "98662653", "phone"):
            assert "Nothing is called that" in words_of(signed_in(stage.people[name]).get("/find", q=text))

"""Who touched something."""

import re

import pytest

from tests.console.conftest import SignedIn
from tests.console.desk import activity, link, markup, on_day, worked
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage


@pytest.fixture
def reader(stage: Stage, signed_in: SignedIn) -> Visitor:
    for login, begin, entity, kind in (
        ("anna", "08:00", "1", "CUSTOMER"),
        ("bob", "09:00", "1", "CUSTOMER"),
        ("anna", "10:00", "1", "CARD"),
        ("anna", "11:00", "2", "CUSTOMER"),
    ):
        done = [activity(on_day(f"{begin}:30"), entityType=kind, entityId=entity, note="by phone")]
        remarks = [{"reason": "Asked for it", "comment": "twice"}] if login == "bob" else []
        worked(stage.recorder, login, begin, activities=done, remarks=remarks)
    return signed_in(stage.reader)


def sessions(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'data-label="Session" class="nowrap"><a href="/sessions/(\d+)"', page)]


def test_it_tells_who_when_in_which_session_what_and_why(reader: Visitor) -> None:
    page = reader.get("/entities", type="CUSTOMER", id="1")
    assert sessions(markup(page)) == [2, 1]
    told = words_of(page)
    for words in (
        "Touched in 2 sessions by 2 people", "bob", "09:00:30 CustomerSearched by phone", "Asked for it twice",
        "no reason told",
    ):  # fmt: skip
        assert words in told, words


def test_the_id_alone_finds_all_sorts_of_things(reader: Visitor) -> None:
    page = reader.get("/entities", id="1")
    assert sessions(markup(page)) == [3, 2, 1]
    assert "Several sorts of thing have this id: CARD CUSTOMER" in words_of(page)


def test_a_person_and_days_narrow_it(reader: Visitor) -> None:
    assert sessions(markup(reader.get("/entities", id="1", person="anna"))) == [3, 1]
    assert sessions(markup(reader.request("GET", "/entities", params={"id": "1", "from": "2026-11-23T09:00:00Z"}))) == [
        3,
        2,
    ]


def test_an_id_may_hold_any_character(stage: Stage, signed_in: SignedIn) -> None:
    visitor = signed_in(stage.reader)
    for entity in ("a/b", "../x", "50% &?#", "ümläut ß", "<script>", "a  b", "{x}"):
        number = worked(stage.recorder, "anna", "08:00", activities=[activity(on_day("08:00:30"), entityId=entity)])
        page = markup(visitor.get("/entities", id=entity, type="CUSTOMER"))
        assert sessions(page) == [number], entity
        assert "<script>" not in page.partition("</head>")[2]
        told = markup(visitor.get(f"/sessions/{number}"))
        (href,) = re.findall(r'href="(/entities\?[^"]*)"><span class="soft">CUSTOMER', told)
        assert sessions(markup(visitor.get(href.replace("&amp;", "&")))) == [number]


def test_what_nobody_touched_says_what_to_do_next(reader: Visitor) -> None:
    assert "look for the id alone" in words_of(reader.get("/entities", id="1", type="INVOICE"))
    assert "Name what was touched" in words_of(reader.get("/entities"))


def test_a_bad_question_is_named_at_its_field(reader: Visitor) -> None:
    without = reader.get("/entities", type="CUSTOMER")
    assert without.status_code == 400
    assert "Tell which one: its id." in words_of(without)
    page = reader.request("GET", "/entities", params={"id": "1", "from": "x"})
    assert page.status_code == 400
    assert re.search(r'id="f-from"[^>]*aria-invalid="true"', markup(page))
    assert 'value="1"' in markup(page)


def test_it_is_turned(stage: Stage, signed_in: SignedIn) -> None:
    for _ in range(40):
        worked(stage.recorder, "anna", "08:00", activities=[activity(on_day("08:00:30"), entityId="1")])
    visitor = signed_in(stage.reader)
    first = visitor.get("/entities", id="1")
    second = visitor.get(link(first, "next"))
    assert sessions(markup(first)) + sessions(markup(second)) == list(range(40, 0, -1))
    assert sessions(markup(visitor.get(link(second, "prev")))) == sessions(markup(first))


def test_everybody_sees_what_is_theirs(reader: Visitor, stage: Stage, signed_in: SignedIn) -> None:
    for name in ("clerk", "stranger"):
        page = signed_in(stage.people[name]).get("/entities", id="1")
        assert sessions(markup(page)) == []
        assert "anna" not in markup(page)

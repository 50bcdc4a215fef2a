"""Cursors: opaque, bound to their question, and refused when somebody changed them."""

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.query import Place, SessionFilter
from sojourn.web.cursor import seal, unseal

WIDE = st.integers(-(2**63), 2**63 - 1)
QUESTION = ("sessions", Scope(1), SessionFilter(login="anna"), "newest")


@given(at=WIDE, number=WIDE)
def test_a_place_is_read_back(at: int, number: int) -> None:
    cursor = seal(Place(at, number), *QUESTION)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", cursor)
    assert unseal(cursor, *QUESTION) == Place(at, number)


@pytest.mark.parametrize(
    "question",
    [
        ("activities", *QUESTION[1:]),
        (QUESTION[0], Scope(2), *QUESTION[2:]),
        (QUESTION[0], Scope(1, 7), *QUESTION[2:]),
        (*QUESTION[:2], SessionFilter(login="bob"), "newest"),
        (*QUESTION[:2], SessionFilter(module="anna"), "newest"),
        (*QUESTION[:3], "oldest"),
        QUESTION[:3],
    ],
    ids=str,
)
def test_another_question_does_not_take_it(question: tuple[object, ...]) -> None:
    cursor = seal(Place(1, 2), *QUESTION)
    with pytest.raises(Invalid, match="cursor must be the one of a page before"):
        unseal(cursor, *question)


@given(st.data())
def test_no_changed_character_goes_unseen(data: st.DataObject) -> None:
    cursor = seal(Place(data.draw(WIDE), data.draw(WIDE)), *QUESTION)
    index = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from([c for c in "AZaz09-_+/= ß\0" if c != cursor[index]]))
    with pytest.raises(Invalid):
        unseal(cursor[:index] + other + cursor[index + 1 :], *QUESTION)


@given(st.text(max_size=40))
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(Invalid):
        unseal(text, *QUESTION)


def test_a_filter_that_learns_a_new_field_keeps_its_cursors() -> None:
    @dataclass(frozen=True)
    class Before:
        login: str | None = None

    @dataclass(frozen=True)
    class After:
        login: str | None = None
        colour: str | None = None

    assert unseal(seal(Place(1, 2), Before("anna")), After("anna")) == Place(1, 2)

"""What a session can be found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.model import ActivityDraft, RemarkDraft
from sojourn.core.terms import PHRASE_LENGTH, WORD_LENGTH, activity_terms, entity_term, remark_terms, word_terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, set()),
        ("", set()),
        (" \t … !?", set()),
        ("Called about a card", {"called", "about", "a", "card"}),
        ("card CARD Card", {"card"}),
        ("order-4711/b", {"order", "4711", "b"}),
        ("e_mail", {"e_mail"}),
        ("it's", {"it", "s"}),
        ("Straße STRASSE", {"strasse"}),
        ("日本語 Ünal", {"日本語", "ünal"}),
        ("x" * 65, {"x" * WORD_LENGTH}),
        ("x" * 65 + " " + "x" * 64 + "y", {"x" * WORD_LENGTH}),
    ],
)
def test_a_text_has_these_words(text: str | None, expected: set[str]) -> None:
    assert words(text) == expected
    assert word_terms(text) == {f"w{word}" for word in expected}


@given(st.lists(st.text(alphabet="abc Äß-", max_size=12), max_size=20).map(" ".join))
def test_long_and_short_texts_have_the_same_terms(text: str) -> None:
    """Short ones are remembered; that must not show."""
    padding = "!" * (PHRASE_LENGTH + 1)
    assert word_terms(text) == word_terms(text + padding) == word_terms(text)


def test_an_activity_is_found_by_what_it_touched_what_it_did_and_what_was_noted() -> None:
    drafts = [
        ActivityDraft(entity_type="CUSTOMER", entity_id="98", name="Viewed", note="A note"),
        ActivityDraft(entity_type="CUSTOMER", entity_id="99", name="Viewed"),
    ]
    assert activity_terms(drafts) == {
        "tCUSTOMER", "e98", "e99", "b8:CUSTOMER98", "b8:CUSTOMER99", "nViewed", "wa", "wnote",
    }  # fmt: skip


def test_a_remark_is_found_by_its_words() -> None:
    drafts = [RemarkDraft(reason="Changed number", comment="by phone"), RemarkDraft(reason="Other")]
    assert remark_terms(drafts) == {"wchanged", "wnumber", "wby", "wphone", "wother"}
    assert remark_terms([]) == set()


def test_sorts_of_terms_do_not_mix() -> None:
    """One called `eCUSTOMER` is not the entity `CUSTOMER`."""
    one = activity_terms([ActivityDraft(entity_type="n", entity_id="t", name="e", note="w")])
    assert one == {"tn", "et", "b1:nt", "ne", "ww"}


def test_an_entity_is_its_type_and_its_id_however_they_are_cut() -> None:
    assert len({entity_term("a", "bc"), entity_term("ab", "c"), entity_term("1:a", "bc"), entity_term("", "abc")}) == 4

"""The rules on values, by tables."""

from typing import Any

import pytest

from sojourn.core.errors import Invalid, Missing
from sojourn.core.model import (
    BATCH_LENGTH,
    INT32,
    LATEST,
    NAME_LENGTH,
    NOTE_LENGTH,
    WHOLE_LENGTH,
    ActivityDraft,
    DeviceDraft,
    PersonDraft,
    RemarkDraft,
    checked_activities,
    checked_remarks,
    instant_of,
    name_of,
    note_of,
)

LONE = "half a \ud800 pair"
"""No Unicode text: it cannot be written in UTF-8."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        ("  two words\t\n", "two words"),
        ("x" * NAME_LENGTH, "x" * NAME_LENGTH),
        (" " + "x" * NAME_LENGTH + " ", "x" * NAME_LENGTH),
        ("\u00a0Zoë\u3000", "Zoë"),
        ("\U0001f4b3" * NAME_LENGTH, "\U0001f4b3" * NAME_LENGTH),
    ],
)
def test_a_name_is_trimmed(value: str, expected: str) -> None:
    assert name_of("name", value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "is mandatory"),
        ("", "must not be empty"),
        (" \t\n", "must not be empty"),
        ("x" * (NAME_LENGTH + 1), "must not be longer than 255 characters"),
        ("a\0b", "must not contain the character U+0000"),
        (LONE, "must be Unicode text"),
    ],
)
def test_what_is_no_name_is_refused(value: str | None, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        name_of("some.name", value)
    assert (refused.value.field, refused.value.reason) == ("some.name", reason)
    assert str(refused.value) == f"some.name {reason}"
    assert isinstance(refused.value, Missing) == (value is None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("", None), (" \n ", None), (" a note ", "a note"), ("x" * NOTE_LENGTH, "x" * NOTE_LENGTH)],
)
def test_a_note_is_trimmed_and_blank_is_absent(value: str | None, expected: str | None) -> None:
    assert note_of("note", value) == expected


@pytest.mark.parametrize("value", ["x" * (NOTE_LENGTH + 1), "a\0b", LONE])
def test_what_is_no_note_is_refused(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        note_of("note", value)
    assert refused.value.field == "note"


@pytest.mark.parametrize("value", [0, 1, LATEST])
def test_a_time_is_between_1970_and_9999(value: int) -> None:
    assert instant_of("at", value) == value


@pytest.mark.parametrize("value", [-1, LATEST + 1, -(2**70), 2**70])
def test_another_time_is_refused(value: int) -> None:
    with pytest.raises(Invalid) as refused:
        instant_of("at", value)
    assert refused.value.field == "at"


def activity(**change: Any) -> ActivityDraft:
    return ActivityDraft(**{"entity_type": "CUSTOMER", "entity_id": "1", "name": "Viewed"} | change)


class TestAnActivity:
    def test_one_that_keeps_the_rules_stays_as_it_is(self) -> None:
        for draft in (activity(), activity(note="a note", at=0), activity(entity_id="Zoë", at=LATEST)):
            assert draft.checked("a") == draft

    def test_its_texts_are_trimmed(self) -> None:
        draft = activity(entity_type=" CUSTOMER", entity_id="1 ", name="\tViewed", note="  ", at=5)
        assert draft.checked("a") == activity(at=5)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"entity_type": ""}, "entity_type"),
            ({"entity_type": LONE}, "entity_type"),
            ({"entity_id": "x" * 256}, "entity_id"),
            ({"entity_id": None}, "entity_id"),
            ({"name": "a\0"}, "name"),
            ({"note": "x" * 4_001}, "note"),
            ({"note": LONE}, "note"),
            ({"at": -1}, "at"),
            ({"at": LATEST + 1}, "at"),
        ],
    )
    def test_the_first_rule_that_is_broken_is_named_by_its_path(self, change: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            activity(**change).checked("activities[3]")
        assert refused.value.field == f"activities[3].{field}"


class TestABatch:
    def test_each_is_checked_and_the_path_says_which(self) -> None:
        assert checked_activities([activity(name=" a "), activity()]) == (activity(name="a"), activity())
        with pytest.raises(Invalid) as refused:
            checked_activities([activity(), activity(), activity(name="")])
        assert refused.value.field == "activities[2].name"
        with pytest.raises(Invalid) as refused:
            checked_remarks([RemarkDraft(reason="a"), RemarkDraft(reason="b", comment="\0")])
        assert refused.value.field == "remarks[1].comment"

    @pytest.mark.parametrize("most", [BATCH_LENGTH, WHOLE_LENGTH])
    def test_it_has_a_length(self, most: int) -> None:
        assert len(checked_activities([activity()] * most, most=most)) == most
        assert len(checked_remarks([RemarkDraft(reason="a")] * most, most=most)) == most
        with pytest.raises(Invalid) as refused:
            checked_activities([activity()] * (most + 1), most=most)
        assert refused.value.field == "activities"
        with pytest.raises(Invalid) as refused:
            checked_remarks([RemarkDraft(reason="a")] * (most + 1), most=most)
        assert refused.value.field == "remarks"

    def test_it_may_be_empty_only_where_that_says_something(self) -> None:
        assert checked_activities([], least=0) == ()
        assert checked_remarks([], least=0) == ()
        for check in (checked_activities, checked_remarks):
            with pytest.raises(Invalid, match="must not be empty"):
                check([])


class TestARemark:
    def test_its_texts_are_trimmed(self) -> None:
        assert RemarkDraft(reason=" a ", comment=" ", at=7).checked("r") == RemarkDraft(reason="a", at=7)

    @pytest.mark.parametrize(
        ("draft", "field"),
        [
            (RemarkDraft(reason=" "), "reason"),
            (RemarkDraft(reason="a", comment="x" * 4_001), "comment"),
            (RemarkDraft(reason="a", at=-1), "at"),
        ],
    )
    def test_a_rule_that_is_broken_is_named_by_its_path(self, draft: RemarkDraft, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            draft.checked("remarks[0]")
        assert refused.value.field == f"remarks[0].{field}"


class TestAPerson:
    @pytest.mark.parametrize(
        ("draft", "expected"),
        [
            (PersonDraft(id=1), PersonDraft(id=1)),
            (PersonDraft(id=INT32), PersonDraft(id=INT32)),
            (PersonDraft(login=" ada "), PersonDraft(login="ada")),
            (PersonDraft(login=" 17 "), PersonDraft(id=17)),
            (PersonDraft(login="017"), PersonDraft(id=17)),
            (PersonDraft(login="-17"), PersonDraft(login="-17")),
            (PersonDraft(login="1.7"), PersonDraft(login="1.7")),
            (PersonDraft(login="²"), PersonDraft(login="²")),
            (PersonDraft(id=17, login="17"), PersonDraft(id=17)),
            (PersonDraft(id=17, login=" ada"), PersonDraft(id=17, login="ada")),
        ],
    )
    def test_it_is_a_number_or_a_name_or_both(self, draft: PersonDraft, expected: PersonDraft) -> None:
        assert draft.checked() == expected

    @pytest.mark.parametrize(
        ("draft", "field"),
        [
            (PersonDraft(), "login"),
            (PersonDraft(login=" "), "login"),
            (PersonDraft(login="x" * 256), "login"),
            (PersonDraft(id=0), "user_id"),
            (PersonDraft(id=-1), "user_id"),
            (PersonDraft(id=INT32 + 1), "user_id"),
            (PersonDraft(login="0"), "user_id"),
            (PersonDraft(login=str(INT32 + 1)), "user_id"),
            (PersonDraft(login="9" * 255), "user_id"),
            (PersonDraft(id=17, login="18"), "login"),
            (PersonDraft(id=17, login=""), "login"),
        ],
    )
    def test_anything_else_is_refused(self, draft: PersonDraft, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            draft.checked()
        assert refused.value.field == field


class TestADevice:
    def test_its_texts_are_trimmed_and_its_guid_has_no_form(self) -> None:
        draft = DeviceDraft(guid=" {Any thing} ", name=" Till 4 ")
        assert draft.checked() == DeviceDraft(guid="{Any thing}", name="Till 4")
        assert DeviceDraft(guid="x").checked() == DeviceDraft(guid="x", name=None)

    @pytest.mark.parametrize(
        ("draft", "field"),
        [
            (DeviceDraft(guid=""), "device.guid"),
            (DeviceDraft(guid="x" * 256), "device.guid"),
            (DeviceDraft(guid="x", name=" "), "device.name"),
        ],
    )
    def test_a_rule_that_is_broken_is_named_by_its_path(self, draft: DeviceDraft, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            draft.checked()
        assert refused.value.field == field

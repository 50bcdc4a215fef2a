"""Adding remarks, on both engines."""

import pytest

from sojourn.core.errors import Unknown
from sojourn.core.intent import Annotated
from sojourn.core.model import MINUTE, Remark
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, why
from tests.storage.tables import contents


def test_remarks_are_told_and_kept_oldest_first(desk: Desk) -> None:
    session = desk.open(remarks=(why("Zeroth"),))
    desk.now += MINUTE
    told = desk.annotate(session.id, why("Second", "more"), why("First"))
    assert told == Annotated(
        remarks=(
            Remark(reason="Zeroth", comment=None, at=NOON),
            Remark(reason="Second", comment="more", at=NOON + MINUTE),
            Remark(reason="First", comment=None, at=NOON + MINUTE),
        ),
        updated_at=NOON + MINUTE,
    )
    read = desk.session(session.id)
    assert read.remarks == told.remarks
    assert (read.updated_at, read.seen_at) == (NOON + MINUTE, NOON)


def test_one_that_the_session_has_is_not_repeated(desk: Desk) -> None:
    session = desk.open()
    first = desk.annotate(session.id, why("Other", "a"), why("Other", "a"))
    desk.now += MINUTE
    again = desk.annotate(session.id, why("Other", "b"), why("Other", "a"), why("Other"))
    assert [(r.reason, r.comment, r.at) for r in again.remarks] == [
        ("Other", "a", NOON),
        ("Other", "b", NOON + MINUTE),
        ("Other", None, NOON + MINUTE),
    ]
    assert len(first.remarks) == 1
    assert desk.annotate(session.id, why("Other", "b")).remarks == again.remarks == desk.session(session.id).remarks


def test_an_ended_session_takes_them_too(desk: Desk) -> None:
    session = desk.open()
    desk.end(session.id)
    desk.annotate(session.id, why("Afterthought"))
    read = desk.session(session.id)
    assert [remark.reason for remark in read.remarks] == ["Afterthought"]
    assert read.ended_at == NOON


def test_their_words_find_the_session(desk: Desk) -> None:
    session = desk.open()
    desk.annotate(session.id, why("Changed mobile number", "He moved house"))
    assert desk.found(text="mobile house") == [session.id]


@pytest.mark.parametrize("number", [1, 99])
def test_only_who_may_see_the_session_can_add_them(desk: Desk, neighbour: Desk, engine: Engine, number: int) -> None:
    desk.open("ada")
    desk.open("grace")
    before = contents(engine)
    for other in (neighbour, desk.narrowed(2)):
        with pytest.raises(Unknown) as refused:
            other.annotate(number, why("Other"))
        assert (refused.value.noun, refused.value.name) == ("session", number)
    assert contents(engine) == before


def test_several_for_one_session_in_one_write_are_told_as_they_come(desk: Desk) -> None:
    session = desk.open()
    verdicts = desk.write(
        desk.annotating(session.id, why("a")),
        desk.annotating(99, why("b")),
        desk.annotating(session.id, why("a"), why("c")),
    )
    told = [[r.reason for r in v.remarks] for v in verdicts if isinstance(v, Annotated)]
    assert told == [["a"], ["a", "c"]]
    assert isinstance(verdicts[1], Unknown)
    assert [remark.reason for remark in desk.session(session.id).remarks] == ["a", "c"]

"""Deleting sessions: nothing of them is left, in any table, on both engines."""

import pytest

from sojourn.core.errors import Unknown
from sojourn.core.intent import Annotated, Deleted, Finished, Recorded
from sojourn.core.model import MINUTE
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk, did, key, why
from tests.storage.tables import contents

MARK = "Quixotic"
"""A word that stands in one session alone."""


def rich(desk: Desk) -> int:
    """A session of Ada's that has something in every table; its number."""
    session = desk.open(
        "ada",
        device="{A-1}",
        module=MARK,
        activities=(did(MARK, MARK, note=f"{MARK} note"), did("Common")),
        remarks=(why(MARK, "comment"),),
        key=key("open", MARK),
    )
    desk.record(session.id, did("Later", MARK, entity_type=MARK), key=key("record", MARK))
    desk.annotate(session.id, why("More", MARK), key=key("annotate", MARK))
    desk.end(session.id, why("Gone", MARK), key=key("end", MARK))
    return session.id


def test_nothing_is_left_of_it(desk: Desk, engine: Engine) -> None:
    desk.open("ada", device="{A-1}", activities=(did("Common", note="note"),), remarks=(why("Gone"),), key=key("other"))
    before = contents(engine, "counter")
    number = rich(desk)
    assert MARK in repr(contents(engine))
    assert desk.delete(number) == Deleted(session_id=number)
    assert contents(engine, "counter") == before
    assert MARK not in repr(contents(engine))


def test_it_is_found_no_more(desk: Desk) -> None:
    desk.open("ada", activities=(did("Common"),))
    number = rich(desk)
    desk.delete(number)
    with pytest.raises(Unknown):
        desk.session(number)
    assert desk.found() == desk.found(person=1) == desk.found(name="Common") == [1]
    assert desk.found(name=MARK) == desk.found(text=MARK) == desk.found(entity_id=MARK) == []
    assert desk.found(started_from=NOON, started_to=NOON) == [1]


def test_a_running_one_can_be_deleted(desk: Desk) -> None:
    desk.delete(desk.open().id)
    assert desk.found() == []
    assert desk.store.close_idle(NOON + 60 * MINUTE, 10) == 0


def test_one_that_idled_or_ran_again_can_be_deleted(desk: Desk, engine: Engine) -> None:
    before = contents(engine, "counter", "person")
    session = desk.open(activities=(did(),))
    desk.now += 60 * MINUTE
    desk.store.close_idle(desk.now, 10)
    desk.record(session.id, did("Late"), late=True)
    desk.delete(session.id)
    assert contents(engine, "counter", "person") == before


def test_it_can_be_deleted_once(desk: Desk) -> None:
    session = desk.open()
    first, second = desk.write(desk.deleting(session.id), desk.deleting(session.id))
    assert isinstance(first, Deleted)
    assert isinstance(second, Unknown)
    with pytest.raises(Unknown):
        desk.delete(session.id)
    assert desk.found() == []


def test_only_who_may_see_it_can_delete_it(desk: Desk, neighbour: Desk, engine: Engine) -> None:
    session = desk.open("ada")
    desk.open("grace")
    neighbour.open("ada")
    before = contents(engine)
    for other, number in ((neighbour, 2), (desk.narrowed(2), session.id), (desk, 99)):
        with pytest.raises(Unknown) as refused:
            other.delete(number)
        assert (refused.value.noun, refused.value.name) == ("session", number)
    assert contents(engine) == before
    neighbour.delete(1)
    desk.narrowed(1).delete(session.id)
    assert desk.found() == [2]
    assert neighbour.found() == []


def test_what_is_written_together_with_its_deletion_was_written_before_and_is_gone_too(
    desk: Desk, engine: Engine
) -> None:
    session = desk.open()
    before = contents(engine, "counter", "session", "tally")
    verdicts = desk.write(
        desk.deleting(session.id),
        desk.ending(session.id, why(MARK), key=key("end")),
        desk.annotating(session.id, why(MARK), key=key("annotate")),
        desk.recording(session.id, did(MARK), key=key("record")),
    )
    assert [type(verdict) for verdict in verdicts] == [Deleted, Finished, Annotated, Recorded]
    assert contents(engine, "counter", "session", "tally") == before
    assert contents(engine)["tally"] == []
    assert MARK not in repr(contents(engine))


def test_a_repeated_deletion_is_told_what_it_was_told(desk: Desk) -> None:
    session = desk.open()
    assert desk.delete(session.id, key=key("k")) == Deleted(session_id=session.id)
    assert desk.delete(session.id, key=key("k")) == Deleted(session_id=session.id)

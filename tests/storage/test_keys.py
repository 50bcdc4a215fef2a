"""Idempotency keys, on both engines."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from sojourn.core.errors import Ended, Invalid, KeyReused, SojournError, Unavailable, Unknown
from sojourn.core.intent import Annotated, Deleted, Finished, Intent, Opened, Recorded, Verdict
from sojourn.core.model import DAY, MINUTE
from sojourn.core.ports import SessionStore
from sojourn.storage import keys
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, PRINCIPAL, Desk, did, key, why
from tests.storage.tables import contents

MAKERS: dict[str, Callable[[Desk], Intent]] = {
    "open": lambda desk: desk.opening(
        "grace", device="{A-1}", activities=(did("x"),), remarks=(why("y"),), key=key("k")
    ),
    "record": lambda desk: desk.recording(1, did("x", note="n"), did("y", at=NOON), key=key("k")),
    "heartbeat": lambda desk: desk.recording(1, key=key("k")),
    "annotate": lambda desk: desk.annotating(1, why("x", "y"), why("z"), key=key("k")),
    "end": lambda desk: desk.ending(1, why("x"), key=key("k")),
    "delete": lambda desk: desk.deleting(1, key=key("k")),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
class TestARepeatedRequest:
    def test_it_is_told_what_it_was_told_and_changes_nothing(
        self, desk: Desk, engine: Engine, make: Callable[[Desk], Intent]
    ) -> None:
        desk.open()
        told = desk.one(make(desk))
        before = contents(engine)
        desk.now += DAY - 1
        assert desk.one(make(desk)) == told
        assert contents(engine) == before

    def test_twice_in_one_write_it_is_done_once(self, desk: Desk, make: Callable[[Desk], Intent]) -> None:
        desk.open()
        first, second, third = desk.write(make(desk), make(desk), make(desk))
        assert not isinstance(first, SojournError)
        assert first == second == third

    def test_after_a_day_it_is_a_new_one(self, desk: Desk, engine: Engine, make: Callable[[Desk], Intent]) -> None:
        desk.open()
        before = desk.one(make(desk))
        desk.now += DAY
        (after,) = desk.write(make(desk))
        assert after != before
        known = [row for row in contents(engine)["idempotency"] if row[2] == "k"]
        assert [row[-1] for row in known] == [NOON if isinstance(after, SojournError) else NOON + DAY]

    def test_with_another_content_it_is_refused_and_changes_nothing(
        self, desk: Desk, engine: Engine, make: Callable[[Desk], Intent]
    ) -> None:
        desk.open()
        desk.one(make(desk))
        before = contents(engine)
        for other in (desk.opening(key=key("k", "other")), desk.recording(1, did(), key=key("k", "other"))):
            with pytest.raises(KeyReused) as refused:
                desk.one(other)
            assert refused.value.key == "k"
        assert contents(engine) == before


class TestWhoseAKeyIs:
    def test_another_principals_is_another(self, desk: Desk) -> None:
        first = desk.open(key=key("k"))
        second = desk.open(key=key("k", principal=PRINCIPAL + 1))
        third = desk.open(key=key("k", "other body", principal=PRINCIPAL + 2))
        assert [session.id for session in (first, second, third)] == [1, 2, 3]

    def test_another_organisations_is_another(self, desk: Desk, neighbour: Desk) -> None:
        verdicts = desk.write(desk.opening(key=key("k")), neighbour.opening(key=key("k", "other body")))
        told = [(v.session.organisation, v.session.id) for v in verdicts if isinstance(v, Opened)]
        assert told == [(desk.scope.organisation, 1), (neighbour.scope.organisation, 1)]

    def test_keys_are_exact(self, desk: Desk) -> None:
        assert [desk.open(key=key(text)).id for text in ("k", "K", "k ", "ḱ", "k")] == [1, 2, 3, 4, 1]


class TestARefusedRequest:
    def test_its_key_is_still_good(self, desk: Desk) -> None:
        desk.open()
        with pytest.raises(Invalid):
            desk.record(1, did(at=NOON - 1), key=key("k", "early"))
        told = desk.record(1, did("good"), key=key("k", "good"))
        assert desk.record(1, did("good"), key=key("k", "good")) == told
        assert desk.session(1).activity_count == 1

    def test_a_good_one_with_its_key_in_the_same_write_is_done(self, desk: Desk) -> None:
        desk.open()
        verdicts = desk.write(
            desk.recording(1, did("early", at=NOON - 1), key=key("k", "early")),
            desk.recording(1, did("good"), key=key("k", "good")),
            desk.recording(1, did("good"), key=key("k", "good")),
            desk.recording(1, did("early", at=NOON - 1), key=key("k", "early")),
        )
        assert [type(verdict) for verdict in verdicts] == [Invalid, Recorded, Recorded, KeyReused]
        assert verdicts[1] == verdicts[2]
        assert [activity.name for activity in desk.session(1).activities] == ["good"]

    def test_repeated_in_one_write_it_is_refused_each_time(self, desk: Desk, engine: Engine) -> None:
        desk.open()
        desk.end(1)
        before = contents(engine)
        verdicts = desk.write(*(desk.recording(1, did(), key=key("k")) for _ in range(3)))
        assert [type(verdict) for verdict in verdicts] == [Ended] * 3
        assert contents(engine) == before


class TestOneWrite:
    def test_known_new_reused_and_keyless_ones_mix(self, desk: Desk) -> None:
        known = desk.open("ada", key=key("known"))
        verdicts = desk.write(
            desk.opening("grace", key=key("new")),
            desk.opening("ada", key=key("known")),
            desk.opening("grace"),
            desk.opening("grace", key=key("new")),
            desk.opening("grace", key=key("known", "other")),
            desk.recording(99, key=key("bad")),
            desk.opening("grace"),
        )
        assert verdicts[1] == Opened(session=known)
        assert verdicts[0] == verdicts[3]
        assert [v.session.id for v in verdicts if isinstance(v, Opened)] == [2, 1, 3, 2, 4]
        assert isinstance(verdicts[4], KeyReused)
        assert isinstance(verdicts[5], Unknown)
        assert desk.found() == [1, 2, 3, 4]

    def test_one_key_for_two_things_is_the_first_ones(self, desk: Desk) -> None:
        desk.open()
        verdicts = desk.write(
            desk.ending(1, key=key("k", "end")),
            desk.recording(1, did(), key=key("k", "record")),
        )
        assert [type(verdict) for verdict in verdicts] == [Finished, KeyReused]
        assert desk.session(1).activity_count == 0


class TestForgetting:
    def test_a_key_is_forgotten_with_its_session(self, desk: Desk) -> None:
        desk.open(key=key("open"))
        desk.record(1, did(), key=key("record"))
        desk.delete(1)
        assert desk.open(key=key("open")).id == 2
        with pytest.raises(Unknown):
            desk.record(1, did(), key=key("record"))

    def test_only_that_sessions_keys_are(self, desk: Desk, neighbour: Desk) -> None:
        theirs, ours = neighbour.open(key=key("k")), desk.open(key=key("other"))
        desk.open(key=key("k"))
        desk.delete(2)
        assert neighbour.open(key=key("k")) == theirs
        assert desk.open(key=key("other")) == ours

    def test_a_session_that_is_no_more_is_still_told_to_be_deleted(self, desk: Desk) -> None:
        desk.open()
        assert [desk.delete(1, key=key("k")) for _ in range(2)] == [Deleted(session_id=1)] * 2

    def test_what_has_had_its_day_is_overwritten(self, desk: Desk) -> None:
        first = desk.annotate(desk.open().id, why("a"), key=key("k"))
        desk.now += DAY
        second = desk.annotate(1, why("b"), key=key("k", "other body"))
        assert isinstance(second, Annotated)
        assert second != first
        desk.now += DAY - 1
        assert desk.annotate(1, why("b"), key=key("k", "other body")) == second


class TestAQuickerProcess:
    """What happens when another process writes the same key between our look at it and our writing it."""

    def test_the_whole_write_is_tried_again(
        self, desk: Desk, store: SessionStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        once, calls = keys.once, []

        def beaten_twice(*arguments: object) -> object:
            verdicts = once(*arguments)  # type: ignore[arg-type]
            calls.append(verdicts)
            if len(calls) < 3:
                raise keys.Overtaken
            return verdicts

        monkeypatch.setattr(keys, "once", beaten_twice)
        assert desk.open(key=key("k")).id == 1
        assert len(calls) == 3
        assert desk.found() == [1]

    def test_one_that_is_always_quicker_makes_us_give_up(
        self, desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def beaten(*_: object) -> object:
            raise keys.Overtaken

        before = contents(engine)
        monkeypatch.setattr(keys, "once", beaten)
        with pytest.raises(Unavailable):
            desk.open(key=key("k"))
        assert contents(engine) == before

    def test_it_is_told_what_the_quicker_one_was_told(self, desk: Desk, engine: Engine) -> None:
        """Both look before either writes, where the engine lets two write at a time."""
        session = desk.open()
        looked = threading.Barrier(2)
        told: list[object] = []

        def write() -> None:
            def slowly(some: Sequence[Intent]) -> list[Verdict]:
                with suppress(threading.BrokenBarrierError):
                    looked.wait(0.5)  # SQLite lets the second one look only after the first has written
                return [Deleted(session_id=session.id) for _ in some]

            for _ in range(2):
                try:
                    with engine.write() as transaction:
                        intents = [desk.deleting(session.id, key=key("k"))]
                        told.append(keys.once(transaction, intents, NOON + MINUTE, slowly))
                        return
                except keys.Overtaken:
                    told.append("overtaken")

        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers = [answer for answer in told if answer != "overtaken"]
        assert answers == [[Deleted(session_id=session.id)]] * 2
        assert len([row for row in contents(engine)["idempotency"] if row[2] == "k"]) == 1

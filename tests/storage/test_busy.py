"""Terms that stand in very many sessions: counted in pieces, while everything goes on, on both engines."""

import threading
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.intent import Delete, Intent
from sojourn.core.model import DAY, MINUTE, Instant
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.core.query import Order, SessionFilter, SessionQuery, Status
from sojourn.core.upkeep import Flaw
from sojourn.storage import busy, reading, removal, search, tally
from sojourn.storage.busy import Noted, count_piece, seek
from sojourn.storage.engine import Engine
from sojourn.storage.upkeep import UpkeepOnDisk
from tests.storage import reference
from tests.storage.desk import MIDNIGHT, NOON, Desk, did, why
from tests.storage.test_races import Pair, clock, pair

__all__ = ["pair"]

START = MIDNIGHT - 40 * DAY
UTC = ZoneInfo("UTC")

_moments = st.builds(lambda day, quarter: START + day * DAY + quarter * 15 * MINUTE,
                     st.sampled_from([0, 1, 2, 33]), st.integers(0, 2))  # fmt: skip
_entities = st.sampled_from(["1", "2"])
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), _moments, _entities, st.sampled_from([1, 1, 1, 7])),
        st.tuples(st.just("record"), st.integers(1, 9), _entities),
        st.tuples(st.just("remark"), st.integers(1, 9), _entities),
        st.tuples(st.just("delete"), st.integers(1, 9)),
        st.tuples(st.just("clear")),
        st.tuples(st.just("seek")),
        st.tuples(st.just("count")),
    ),
    min_size=6,
    max_size=30,
)
_numbers = iter(range(1, 1_000_000))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few are many."""
    monkeypatch.setattr(busy, "BUSY", 1)
    monkeypatch.setattr(busy, "PIECE", 2)
    monkeypatch.setattr(tally, "FINE", 3)
    monkeypatch.setattr(removal, "WHOLE", 4)


def told(desk: Desk, step: tuple[Any, ...]) -> Intent:
    """What a step hands in."""
    match step:
        case ("open", at, entity, n):
            return desk.opening(started_at=at, activities=tuple(did(entity_id=entity, at=at) for _ in range(n)))
        case ("record", number, entity):
            return desk.recording(number, did("Seen", entity))
        case ("remark", number, entity):
            return desk.annotating(number, why(f"word{entity}"))
    return desk.deleting(step[1])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=_steps)
def test_totals_and_pages_are_right_before_while_and_after_they_are_counted(
    store: SessionStore, access: AccessStore, engine: Engine, steps: list[tuple[Any, ...]]
) -> None:
    desk = Desk(store, access.add_organisation(f"Busy {next(_numbers)}", "guid", NOON).id)
    for step in steps:
        match step[0]:
            case "seek":
                store.seek_busy()
            case "count":
                store.count_busy()
            case "clear":
                _clear_one(engine)
            case _:
                desk.write(told(desk, step))
    kept = [desk.session(s.id) for s in desk.page().sessions]
    wants: list[dict[str, Any]] = [{"entity_id": "1"}, {"name": "Seen"}, {"text": "word1"}, {"entity_type": "CUSTOMER"}]
    for wanted in wants:
        for bounds in ({}, {"started_from": START + MINUTE, "started_to": START + 33 * DAY + MINUTE}):
            asked = SessionFilter(**{**wanted, **bounds})
            for offset, order in ((1, Order.OLDEST), (2, Order.NEWEST)):
                query = SessionQuery(
                    scope=desk.scope, filter=asked, order=order, offset=offset, limit=2, total=True, activities=True
                )
                assert store.page(query) == reference.page(kept, query)
            days = Counter(s.started_at // DAY for s in kept if reference.fits(s, asked))
            assert [n for _, n in store.days(desk.scope, asked, UTC)] == [n for _, n in sorted(days.items())]
    assert UpkeepOnDisk(engine).count(Flaw.WRONG_TALLIES) == 0


def _clear_one(engine: Engine) -> None:
    with engine.write() as transaction:
        for organisation, session, at, _ in transaction.run("SELECT * FROM remains LIMIT 1"):
            removal.clear(transaction, organisation, session, at, 3)


class TestNoteBusy:
    def test_what_is_met_often_is_noted_counted_and_then_told_from_counts(self, desk: Desk, engine: Engine) -> None:
        desk.write(*(desk.opening(started_at=START + i * DAY, activities=(did(at=START + i * DAY),)) for i in range(6)))
        assert desk.store.note_busy() == 0
        assert desk.page(entity_id="98662653", total=True).total == 6
        assert desk.store.note_busy() == 1
        pieces = 0
        while desk.store.count_busy():
            pieces += 1
            assert desk.page(entity_id="98662653", total=True).total == 6
        assert pieces == 3
        with engine.read() as transaction:
            rows = transaction.run("SELECT sum(sessions) FROM tally WHERE facet = 'e98662653' AND grain = 1")
        assert rows == [(6,)]
        assert desk.page(entity_id="98662653", total=True).total == 6
        assert desk.store.note_busy() == 0

    def test_so_is_what_is_only_asked_for_with_a_status_or_a_window(self, desk: Desk) -> None:
        for entity, asked in (("1", {"status": Status.ENDED}), ("2", {"alive_from": START, "alive_to": START + DAY})):
            desk.write(*(desk.opening(started_at=START + i, activities=(did("Seen", entity),)) for i in range(3)))
            desk.page(entity_id=entity, total=True, **asked)
            assert desk.store.note_busy() == 1


class TestCountBusy:
    def test_a_single_day_with_more_than_a_piece_is_one_piece(self, desk: Desk, engine: Engine) -> None:
        desk.write(*(desk.opening(started_at=START + i, activities=(did(at=START + i),)) for i in range(5)))
        desk.open(started_at=START + DAY, activities=(did(at=START + DAY),))
        desk.store.seek_busy()
        while count_piece(engine):
            assert desk.page(entity_id="98662653", total=True).total == 6


class TestSeekBusy:
    def test_only_what_stands_in_more_sessions_is_sought_out(self, desk: Desk, neighbour: Desk, engine: Engine) -> None:
        for entity, n in (("a", 2), ("b", 1), ("c", 3), ("d", 1)):
            desk.write(
                *(desk.opening(activities=(did(f"N{entity}{i}", entity, entity_type=f"T{i}"),)) for i in range(n))
            )
        neighbour.open(activities=(did(),))
        organisation = desk.scope.organisation
        found = [facet for facet in seek(engine) if facet[2].startswith("e")]
        assert found == [(organisation, "work", "ea"), (organisation, "work", "ec")]


def test_what_is_noted_is_taken_once() -> None:
    noted = Noted()
    noted.note((1, "work", "e1"), 2)
    noted.note((1, "work", "e2"), 1)
    assert noted.take() == [(1, "work", "e1")]
    assert noted.take() == []


def test_nothing_is_missed_and_nothing_is_counted_twice_while_others_write(pair: Pair) -> None:
    """Two write and delete what a third counts, piece by piece, again and again."""
    at = [START + i % 7 * DAY for i in range(120)]
    over = threading.Event()
    desk = pair.desks[0]

    def write(which: int) -> None:
        for i in range(0, len(at), 6):
            drafts = [pair.desks[which].opening(started_at=a, activities=(did(at=a),)) for a in at[i : i + 6]]
            verdicts = pair.write(which, *drafts)
            number = verdicts[0].session.id  # type: ignore[union-attr]
            pair.write(which, Delete(scope=desk.scope, session_id=number))

    def both() -> None:
        threads = [threading.Thread(target=write, args=(which,)) for which in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        over.set()

    def count() -> None:
        store = desk.store
        while not over.is_set():
            store.seek_busy()
            while store.count_busy() and not over.wait(0.02):
                pass
            with pair.engines[0].write() as transaction:  # and from the beginning
                transaction.reserve("busy")
                transaction.run("DELETE FROM tally WHERE facet = 'e98662653'")
                transaction.run("UPDATE busy SET counted_to = 0 WHERE term = 'e98662653'")
        while store.count_busy():
            pass

    pair.at_once(both, count)
    assert UpkeepOnDisk(pair.engines[1]).count(Flaw.WRONG_TALLIES) == 0
    assert desk.page(entity_id="98662653", total=True).total == 200
    assert clock() > NOON


def test_days_of_visits_and_of_work_are_counted_apart(desk: Desk, engine: Engine) -> None:
    instants: list[Instant] = [START, START + DAY]
    desk.write(*(desk.opening(started_at=a, activities=(did(at=a),)) for a in instants))
    desk.store.seek_busy()
    while desk.store.count_busy():
        pass
    with engine.read() as transaction:
        kinds = transaction.run("SELECT DISTINCT kind FROM busy")
    assert kinds == [("work",)]


@pytest.mark.parametrize(
    ("wanted", "offset", "lead"),
    [
        ({"login": "ada"}, 0, "s USING INDEX session_of_person"),
        ({"login": "ada"}, 9, "s USING COVERING INDEX session_of_person"),
        ({"module": "Till"}, 9, "s USING COVERING INDEX session_in_module"),
        ({"entity_id": "1", "login": "ada"}, 0, "t USING PRIMARY KEY"),
        ({"entity_id": "1", "module": "Till"}, 0, "t USING PRIMARY KEY"),
        ({"entity_id": "1"}, 9, "t USING PRIMARY KEY"),
    ],
)
def test_a_list_is_led_by_what_it_names(sqlite_engine: Engine, wanted: dict[str, str], offset: int, lead: str) -> None:
    """Not by the range of numbers that tells the kind: that range holds all sessions."""
    found = search.Search(
        scope=Scope(1),
        filter=SessionFilter(module=wanted.get("module")),
        person=1 if "login" in wanted else None,
        terms=("e1",) if "entity_id" in wanted else (),
    )
    text, parameters = search.page(found, Order.NEWEST, None, 10, offset)
    with sqlite_engine.read() as transaction:
        plan = [row[3] for row in transaction.run(f"EXPLAIN QUERY PLAN {text}", parameters)]
    assert next(step for step in plan if step.startswith("SEARCH")).startswith(f"SEARCH {lead}")


def test_of_two_that_are_busy_the_rarer_leads(desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though neither is rare, and the other one comes first in the alphabet."""
    monkeypatch.setattr(reading, "RARE", 2)
    desk.write(*(desk.opening(activities=(did(note="all"),)) for _ in range(9)))
    desk.write(*(desk.opening(activities=(did(note="some all"),)) for _ in range(4)))
    busy.begin(engine, seek(engine))
    while count_piece(engine):
        pass
    with engine.read() as transaction:
        found = reading.resolve(transaction, desk.scope, SessionFilter(text="all some"))
    assert found is not None
    assert found.terms == ("wsome", "wall")
    assert len(desk.found(text="all some")) == 4


def test_what_runs_is_counted_in_the_index_of_what_runs(sqlite_engine: Engine) -> None:
    text, parameters = search.count(search.Search(scope=Scope(1), filter=SessionFilter(status=Status.ACTIVE)))
    with sqlite_engine.read() as transaction:
        plan = [row[3] for row in transaction.run(f"EXPLAIN QUERY PLAN {text}", parameters)]
    assert "session_running" in plan[0]

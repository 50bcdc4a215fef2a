"""In a cluster a session is on one machine: which statement goes to how many, without a cluster."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sojourn.core.errors import Unknown
from sojourn.core.live import Glance
from sojourn.core.model import DAY, FIRST_VISIT, LATEST, Instant
from sojourn.core.presence import Window
from sojourn.core.query import Order, Place, SessionFilter, SessionQuery, Status
from sojourn.core.visit import Facet, VisitQuery
from sojourn.storage import backup, placement
from sojourn.storage.binding import for_all, for_one, own
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine, Placement, Row, Spread
from sojourn.storage.placement import placements
from sojourn.storage.schema import migrate
from sojourn.storage.sqlite import SQLiteTransaction
from sojourn.storage.store import Store
from tests.storage.desk import NOON, Desk, did
from tests.storage.routing import Route, route, written

TWO = {"session": "id", "activity": "session"}
PIECES = {p.table: p.column for p in placements() if p.column is not None}

LIST = "a list: each machine tells the first of its own, in order and cut"
HOUSE = "keeps house, now and then"

FAN_OUTS = {
    "custody.ended_logins": HOUSE,
    "custody.ended_of_class": HOUSE,
    "custody.entries": HOUSE,
    "custody.sessions_of_person": HOUSE,
    "removal.any_remains": HOUSE,
    "live.added": LIST,
    "live.highest": "the highest number: each machine knows its own from an index",
    "live.running": LIST,
    "reading.count_running": "whether few run: each machine counts no further than it matters",
    "reading.count_term": "how rare a term is: each machine counts no further than it matters",
    "reading.spans": "the longest and the shortest that there are: each machine knows its own from an index",
    "sessions.idle_sessions": HOUSE,
    "tally.entry_beyond": HOUSE,
    "tally.quarters_in_module": HOUSE,
    "tally.quarters_of_all": HOUSE,
    "tally.quarters_of_person": HOUSE,
    "tally.quarters_of_term": HOUSE,
    "tally.quarters_on_device": HOUSE,
    "tally.term_after": HOUSE,
    "tally.term_further_on": HOUSE,
    "visits.newest_visit": LIST,
}
"""Statements that go to every machine, each with the reason why it may. Those of `upkeep` look at everything."""


class TestWhereTablesLie:
    def test_what_belongs_to_a_session_lies_with_it(self) -> None:
        first, *others = placements()
        assert first == Placement(table="session", spread=Spread.PIECES, column="id")
        beside = [p for p in others if p.spread is Spread.PIECES]
        assert {"activity", "remark", "term", "visit", "visit_report", "har"} <= {p.table for p in beside}
        assert {(p.column, p.beside) for p in beside} == {("session", "session")}

    def test_what_lists_look_up_is_on_every_machine(self) -> None:
        copied = {p.table for p in placements() if p.spread is Spread.COPIES}
        assert {"organisation", "person", "device", "principal", "membership", "access_group", "token"} <= copied

    def test_what_is_written_all_the_time_is_on_one_machine(self) -> None:
        assert {p.table for p in placements() if p.spread is Spread.HERE} == placement.HERE

    def test_the_tables_of_an_earlier_release_are_known(self) -> None:
        assert {p.table for p in placements(1)} < {p.table for p in placements()}


class TestStatementsInFiles:
    @pytest.mark.parametrize(("name", "text"), [pytest.param(*one, id=one[0]) for one in written()])
    def test_it_goes_to_the_machine_of_its_session_or_may_go_to_all(self, name: str, text: str) -> None:
        found = route(text, PIECES)
        if name in FAN_OUTS or (name.startswith("upkeep.") and found is not Route.NONE):
            assert found in (Route.ALL, Route.ONE)
        else:
            assert found in (Route.NONE, Route.ONE)

    def test_no_fan_out_is_allowed_in_vain(self) -> None:
        found = {name for name, text in written() if route(text, PIECES) is Route.ALL and "upkeep." not in name}
        assert found == FAN_OUTS.keys()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, list[str]]]:
    """A desk, and the statements that it comes to, once each."""
    heard: list[str] = []
    run, each = SQLiteTransaction.run, SQLiteTransaction.each

    def note(statement: str) -> None:
        if statement not in heard:
            heard.append(statement)

    def listen(self: SQLiteTransaction, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        note(statement)
        return run(self, statement, parameters)

    def listen_to_each(self: SQLiteTransaction, statement: str, rows: Sequence[Row]) -> list[Row]:
        note(statement)
        return each(self, statement, rows)

    engine = connect(f"sqlite:///{tmp_path / 'sojourn.db'}")
    migrate(engine, NOON)
    with engine.write() as transaction:
        transaction.run("INSERT INTO counter (organisation, noun, next) VALUES (1, 'session', 1), (1, 'person', 1)")
        transaction.run("INSERT INTO counter (organisation, noun, next) VALUES (1, 'device', 1)")
    desk = Desk(Store(engine), 1)
    desk.open("ada", device="guid", module="Till", started_at=NOON - 3 * DAY, ended_at=NOON, activities=(did(at=NOON),))
    desk.open("ada", device="guid", module="Till", activities=(did("Seen", "7"),))
    monkeypatch.setattr(SQLiteTransaction, "run", listen)
    monkeypatch.setattr(SQLiteTransaction, "each", listen_to_each)
    yield desk, heard
    engine.close()


def built(heard: list[str]) -> list[str]:
    """Those that stand in no file."""
    in_files = {text for _, text in written()}
    return [text for text in heard if text not in in_files]


class TestStatementsThatAreBuilt:
    def test_lists_of_sessions_bring_nothing_together_that_lies_apart(self, told: tuple[Desk, list[str]]) -> None:
        desk, heard = told
        leads: list[dict[str, Any]] = [
            {}, {"login": "ada"}, {"device": "guid"}, {"module": "Till"}, {"entity_id": "7"},
            {"entity_type": "CUSTOMER", "entity_id": "7"}, {"text": "seen 7", "name": "Seen"},
        ]  # fmt: skip
        times: list[dict[str, Any]] = [{}, {"started_from": NOON - DAY, "alive_to": NOON}, {"alive_from": NOON - DAY}]
        for lead, time, status, order in product(leads, times, (None, *Status), Order):
            for after in (None, Place(NOON, 1)):
                wanted = SessionFilter(**lead, **time, status=status)
                query = SessionQuery(
                    scope=desk.scope, filter=wanted, order=order, limit=2, after=after, total=True, activities=True
                )
                desk.store.page(query)
        lists = built(heard)
        assert len(lists) > 50
        assert {route(text, PIECES) for text in lists} == {Route.ALL}

    def test_neither_do_stays(self, told: tuple[Desk, list[str]]) -> None:
        desk, heard = told
        for window in (Window(), Window(start=NOON - DAY), Window(start=NOON - DAY, end=NOON)):
            desk.store.stays(desk.scope, window, after=None, limit=10, offset=0)
            desk.store.stays(desk.scope, window, after=Place(NOON - 3 * DAY, 1), limit=10, offset=1)
        assert {route(text, PIECES) for text in built(heard)} == {Route.ALL}

    def test_neither_do_visits_and_one_is_on_one_machine(self, told: tuple[Desk, list[str]]) -> None:
        desk, heard = told
        values = [{}, dict.fromkeys(list(Facet)[:2], ("one", "other"))]
        for filters, order, after in product(values, Order, (None, Place(NOON, FIRST_VISIT))):
            desk.store.visits(
                VisitQuery(scope=desk.scope, filters=filters, order=order, after=after, limit=2, first=0, last=LATEST)
            )
        assert {route(text, PIECES) for text in built(heard)} == {Route.ALL}
        heard.clear()
        with pytest.raises(Unknown):
            desk.store.visit(desk.scope, FIRST_VISIT)
        assert [route(text, PIECES) for text in heard] == [Route.ONE]

    def test_neither_do_days_and_who_touched_something(self, told: tuple[Desk, list[str]]) -> None:
        desk, heard = told
        wanted = SessionFilter(entity_type="CUSTOMER", entity_id="7")
        assert desk.store.touchers(SessionQuery(scope=desk.scope, filter=wanted, limit=2)).people
        assert desk.store.touches(SessionQuery(scope=desk.scope, filter=wanted, limit=2)).touches
        assert desk.store.days(desk.scope, SessionFilter(text="seen", module="Till"), ZoneInfo("Europe/Berlin")) == []
        assert {route(text, PIECES) for text in built(heard)} == {Route.ALL}

    def test_neither_does_what_is_new(self, told: tuple[Desk, list[str]]) -> None:
        desk, heard = told
        seen = desk.store.look(Glance(organisation=1, since=0, above=(0, FIRST_VISIT), watched=(1,)))
        assert seen.running
        assert {route(text, PIECES) for text in built(heard)} == {Route.ALL}

    def test_neither_does_a_backup_and_what_is_restored_goes_where_it_belongs(
        self, told: tuple[Desk, list[str]], tmp_path: Path
    ) -> None:
        _, heard = told
        kept = io.BytesIO()
        with closing(connect(f"sqlite:///{tmp_path / 'sojourn.db'}")) as engine:
            backup.dump(engine, kept, NOON, lambda done, of: None)
        assert {route(text, PIECES) for text in built(heard)} == {Route.NONE, Route.ALL}
        heard.clear()
        kept.seek(0)
        with closing(connect(f"sqlite:///{tmp_path / 'other.db'}")) as engine:
            backup.restore(engine, kept, NOON, lambda done, of: None, replace=False)
        filled = [text for text in built(heard) if "FROM batch(" in text and text.split()[2] in PIECES]
        assert {text.split()[2] for text in filled} >= {"session", "activity", "term"}
        assert {route(text, PIECES) for text in filled} == {Route.ONE}


class TestReadingARoute:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("SELECT id FROM person WHERE id = :id", Route.NONE),
            ("SELECT at FROM activity WHERE organisation = :o AND session = :id", Route.ONE),
            ("SELECT at FROM activity WHERE organisation = :o AND session > :id", Route.ALL),
            ("SELECT at FROM activity WHERE organisation = :id", Route.ALL),
            ("SELECT at FROM activity WHERE session = :id OR at > :at", Route.ALL),
            ("SELECT at FROM activity WHERE (session = :id OR at > :at) AND at < :end", Route.ALL),
            ("SELECT at FROM activity WHERE (session = :id AND at > :at)", Route.ONE),
            ("SELECT at FROM activity JOIN batch(id INTEGER) ON activity.session = batch.id", Route.ONE),
            ("SELECT at FROM activity JOIN batch(at INTEGER) ON activity.at = batch.at", Route.ALL),
            ("SELECT 1 FROM session AS s JOIN activity AS a ON a.session = s.id WHERE s.id = :id", Route.ONE),
            ("SELECT 1 FROM session AS s JOIN activity AS a ON a.session = s.id WHERE s.kind = :id", Route.ALL),
            ("SELECT 1 FROM session AS s JOIN activity AS a ON a.at = s.started_at WHERE s.id = :id", Route.APART),
            ("SELECT 1 FROM session AS s LEFT JOIN person AS p ON p.id = s.person WHERE s.id = :id", Route.ONE),
            ("SELECT 1 FROM session AS s WHERE EXISTS (SELECT 1 FROM activity AS a WHERE a.session = s.id)", Route.ALL),
            ("SELECT 1 FROM session AS s WHERE EXISTS (SELECT 1 FROM activity AS a WHERE a.at = s.at)", Route.APART),
            ("SELECT 1 FROM session WHERE id = :id UNION ALL SELECT 1 FROM session WHERE id = :other", Route.ONE),
            ("SELECT 1 FROM session WHERE id = :id UNION ALL SELECT 1 FROM activity", Route.ALL),
            (
                "SELECT 1 FROM (SELECT session FROM activity LIMIT 9) AS few JOIN session AS s ON s.id = few.session",
                Route.ALL,
            ),
            ("SELECT 1 FROM (SELECT at FROM activity LIMIT 9) AS few JOIN session AS s ON s.at = few.at", Route.APART),
            ("SELECT (SELECT max(at) FROM activity), (SELECT max(started_at) FROM session)", Route.ALL),
            ("SELECT (SELECT max(at) FROM activity AS a WHERE a.at > s.at) FROM session AS s", Route.APART),
            (
                "INSERT INTO activity (session, at) SELECT id, at FROM batch(id INTEGER, at INTEGER)",
                Route.ONE,
            ),
            ("INSERT INTO activity (at) VALUES (:at)", Route.ALL),
            ("UPDATE session SET id = batch.id FROM batch(id INTEGER) WHERE kind = batch.id", Route.ALL),
            ("UPDATE session SET kind = :kind WHERE id = :id RETURNING id", Route.ONE),
            ("DELETE FROM session WHERE kind = :kind", Route.ALL),
            ("DELETE FROM activity WHERE (at, session) IN (SELECT batch.at, batch.id FROM batch(at, id))", Route.ONE),
            ("DELETE FROM activity WHERE (at, session) IN (SELECT a.at, a.at FROM activity AS a)", Route.ALL),
        ],
    )
    def test_it_is_told_how_many_machines_it_goes_to(self, text: str, expected: Route) -> None:
        assert route(text, TWO) is expected

    def test_a_list_of_sources_is_not_understood(self) -> None:
        with pytest.raises(ValueError, match="write JOIN"):
            route("SELECT 1 FROM session, activity", TWO)


class TestOneRow:
    """A statement over a batch of one names what it addresses, so that a cluster knows its machine."""

    def test_what_is_inserted_stands_in_values(self) -> None:
        text = "INSERT INTO t (a, b) SELECT n, n FROM batch(n INTEGER) WHERE true ON CONFLICT DO NOTHING RETURNING a"
        wanted = "INSERT INTO t (a, b) VALUES (%(n)s::bigint, %(n)s::bigint) ON CONFLICT DO NOTHING RETURNING a"
        assert for_one(text) == wanted

    @pytest.mark.parametrize(
        "text",
        [
            "INSERT INTO t (a) SELECT a FROM batch(a INTEGER) WHERE a > 3",
            "SELECT t.a FROM t JOIN batch(a INTEGER) ON t.a = batch.a",
            "UPDATE t SET b = '%' FROM batch(a INTEGER) WHERE t.a = batch.a",
        ],
    )
    def test_everything_else_reads_a_row(self, text: str) -> None:
        wanted = text.replace("%", "%%").replace("batch(a INTEGER)", "(SELECT %(a)s::bigint AS a) AS batch")
        assert for_one(text) == wanted
        assert "jsonb" in for_all(text)

    def test_a_parameter_is_told_from_a_type(self) -> None:
        assert own("SELECT :a, '%', b::text FROM t WHERE c = :a_2") == (
            "SELECT %(a)s, '%%', b::text FROM t WHERE c = %(a_2)s"
        )


def test_a_database_on_one_machine_is_left_as_it_is(engine: Engine) -> None:
    at: Instant = NOON
    with engine.write() as transaction:
        left = engine.unplaced(transaction, placements())
    assert left == []
    assert migrate(engine, at) == []

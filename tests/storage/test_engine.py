"""What both engines promise, and the text that they share."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import apsw
import psycopg
import pytest

from sojourn.core.errors import Unavailable
from sojourn.storage.database import connect
from sojourn.storage.engine import Engine, batch_columns, plain_insert, statements, with_batch

TABLE = "CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER, text TEXT, share REAL) STRICT"
ADD = "INSERT INTO thing (id, n, text, share) VALUES (:id, :n, :text, :share)"

INSERT = """INSERT INTO thing (id, n, text, share)
SELECT id, n, text, share
FROM batch(id INTEGER, n INTEGER, text TEXT, share REAL)"""


@pytest.fixture
def bare(database_url: str) -> Iterator[Engine]:
    """A database of its own, with one table."""
    engine = connect(database_url)
    with engine.write() as transaction:
        engine.script(transaction, TABLE)
    yield engine
    engine.close()


def add(engine: Engine, number: int, n: int | None = 0, text: str | None = None) -> None:
    with engine.write() as transaction:
        transaction.run(ADD, {"id": number, "n": n, "text": text, "share": 0.5})


def things(engine: Engine) -> list[tuple[object, ...]]:
    with engine.read() as transaction:
        return transaction.run("SELECT id, n, text, share FROM thing ORDER BY id")


class TestRead:
    def test_it_sees_one_moment(self, bare: Engine) -> None:
        add(bare, 1)
        with bare.read() as transaction:
            before = transaction.run("SELECT id FROM thing")
            add(bare, 2)
            assert transaction.run("SELECT id FROM thing") == before == [(1,)]
        assert len(things(bare)) == 2

    def test_what_is_written_in_it_is_refused_or_not_kept(self, bare: Engine) -> None:
        with suppress(Exception), bare.read() as transaction:
            transaction.run(ADD, {"id": 1, "n": 1, "text": "", "share": 1.0})
        assert things(bare) == []

    def test_an_error_in_it_is_the_callers_and_harms_nothing(self, bare: Engine) -> None:
        for _ in range(20):  # more often than there are connections
            with pytest.raises(ZeroDivisionError), bare.read():
                raise ZeroDivisionError
            with pytest.raises(Exception, match="nowhere"), bare.read() as transaction:
                transaction.run("SELECT * FROM nowhere")
        assert things(bare) == []

    def test_two_may_be_under_way_in_one_thread(self, bare: Engine) -> None:
        with bare.read() as one, bare.read() as other:
            assert one.run("SELECT 1") == other.run("SELECT 1") == [(1,)]


class TestPeek:
    def test_it_reads_what_is_there_now(self, bare: Engine) -> None:
        assert bare.peek("SELECT count(*) FROM thing") == [(0,)]
        add(bare, 1)
        assert bare.peek("SELECT count(*) FROM thing WHERE '%' <> ':x'") == [(1,)]


class TestWrite:
    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
    def test_it_is_undone_by_any_error(self, bare: Engine, error: type[BaseException]) -> None:
        def spoil() -> None:
            with bare.write() as transaction:
                transaction.run(ADD, {"id": 2, "n": 1, "text": "", "share": 1.0})
                transaction.run("DELETE FROM thing WHERE id = 1")
                raise error

        add(bare, 1)
        with pytest.raises(error):
            spoil()
        assert things(bare) == [(1, 0, None, 0.5)]
        add(bare, 2)
        assert len(things(bare)) == 2

    @pytest.mark.parametrize(("number", "n"), [(2, "no number"), (1, 0)], ids=["wrong type", "taken"])
    def test_it_is_undone_by_a_statement_that_fails(self, bare: Engine, number: int, n: object) -> None:
        def spoil() -> None:
            with bare.write() as transaction:
                transaction.run(ADD, {"id": 3, "n": 1, "text": "", "share": 1.0})
                transaction.run(ADD, {"id": number, "n": n, "text": "", "share": 1.0})

        add(bare, 1)
        with pytest.raises((apsw.ConstraintError, psycopg.DatabaseError)):
            spoil()
        assert things(bare) == [(1, 0, None, 0.5)]
        add(bare, 3)
        assert len(things(bare)) == 2

    def test_it_reads_what_it_wrote_and_nobody_else_does_yet(self, bare: Engine) -> None:
        with bare.write() as transaction:
            transaction.run(ADD, {"id": 1, "n": 1, "text": "", "share": 1.0})
            assert transaction.run("SELECT id FROM thing") == [(1,)]
            assert things(bare) == []

    def test_many_threads_lose_nothing(self, bare: Engine) -> None:
        add(bare, 1)

        def work(_: int) -> None:
            with bare.write() as transaction:
                transaction.run("UPDATE thing SET n = n + 1 WHERE id = 1")
            with bare.read() as transaction:
                first = transaction.run("SELECT n FROM thing")
                assert transaction.run("SELECT n FROM thing") == first

        with ThreadPoolExecutor(12) as threads:
            list(threads.map(work, range(240)))
        assert things(bare)[0][1] == 240


class TestRun:
    def test_what_it_takes_is_never_part_of_the_statement(self, bare: Engine) -> None:
        text = """it's "%s" %(id)s :id ; -- $1 ? \\ \u20ac\n\U0001f4b3"""
        with bare.write() as transaction:
            transaction.run(ADD, {"id": 1, "n": 2**62, "text": text, "share": 1e-300})
        assert things(bare) == [(1, 2**62, text, 1e-300)]

    def test_names_that_begin_alike_are_told_apart(self, bare: Engine) -> None:
        with bare.read() as transaction:
            sql = "SELECT n FROM thing WHERE id = :id AND n <> :id_2 AND n = :n"
            assert transaction.run(sql, {"id": 1, "id_2": 2, "n": 3}) == []
            assert transaction.run("SELECT '50%', 7 % 4") == [("50%", 3)]


class TestEach:
    def test_every_row_is_taken_with_its_types(self, bare: Engine) -> None:
        rows = [(1, 2**62, "it's :x %s", 0.1), (2, None, None, None), (3, -1, "\u20ac\n\t\"'\\", -1e300)]
        statement = """INSERT INTO thing (id, n, text, share)
            SELECT id, n, text, share FROM batch(id INTEGER, n INTEGER, text TEXT, share REAL)
            WHERE text IS NULL OR text <> '%' RETURNING id"""
        with bare.write() as transaction:
            assert sorted(transaction.each(statement, rows)) == [(1,), (2,), (3,)]
            assert transaction.each(statement, []) == []
        assert things(bare) == rows

    def test_rows_are_found_and_changed_by_what_they_address(self, bare: Engine) -> None:
        for number in (1, 2, 3):
            add(bare, number)
        with bare.write() as transaction:
            changed = transaction.each(
                "UPDATE thing SET n = batch.n FROM batch(id INTEGER, n INTEGER) WHERE thing.id = batch.id"
                " RETURNING thing.id, thing.n",
                [(1, 10), (3, 30), (9, 90)],
            )
            assert sorted(changed) == [(1, 10), (3, 30)]
            found = transaction.each(
                "SELECT thing.id FROM thing JOIN batch(id INTEGER) ON thing.id = batch.id", [(2,), (3,), (9,)]
            )
            assert sorted(found) == [(2,), (3,)]

    def test_one_that_tells_nothing_is_answered_with_nothing(self, bare: Engine) -> None:
        with bare.write() as transaction:
            assert transaction.each("INSERT INTO thing (id) SELECT id FROM batch(id INTEGER)", [(1,), (2,)]) == []

    @pytest.mark.parametrize("count", [99, 100, 101, 1_250])
    def test_many_rows_are_inserted_as_they_are(self, bare: Engine, count: int) -> None:
        rows = [(i, 2**62 - i, None if i % 7 == 0 else f"it's {i} \u20ac\n\t\"\\", i / 3) for i in range(1, count + 1)]
        with bare.write() as transaction:
            assert transaction.each(INSERT, rows) == []
        assert things(bare) == rows

    def test_of_many_rows_none_is_inserted_where_one_cannot_be(self, bare: Engine) -> None:
        rows = [(i, i, "", 0.0) for i in [*range(1, 1_000), 500]]
        with pytest.raises((apsw.ConstraintError, psycopg.errors.UniqueViolation)), bare.write() as transaction:
            transaction.each(INSERT, rows)
        assert things(bare) == []
        add(bare, 1)
        assert len(things(bare)) == 1


class TestClose:
    def test_a_closed_one_is_unavailable(self, bare: Engine) -> None:
        things(bare)
        bare.close()
        bare.close()
        for use in (things, lambda engine: add(engine, 1), lambda engine: engine.peek("SELECT 1")):
            with pytest.raises(Unavailable):
                use(bare)

    def test_it_lets_what_is_under_way_come_to_its_end(self, bare: Engine) -> None:
        add(bare, 1)
        closing, told = threading.Event(), []

        def slowly() -> None:
            with bare.read() as transaction:
                told.append(transaction.run("SELECT id FROM thing"))
                closing.set()
                closer.join(0.2)
                told.append(transaction.run("SELECT id FROM thing"))

        def close() -> None:
            closing.wait()
            bare.close()

        closer, reader = threading.Thread(target=close), threading.Thread(target=slowly)
        for thread in (closer, reader):
            thread.start()
        for thread in (closer, reader):
            thread.join()
        assert told == [[(1,)], [(1,)]]


class TestText:
    def test_a_batch_names_its_columns_and_types(self) -> None:
        statement = "SELECT id FROM thing JOIN batch(id INTEGER,\n  note TEXT) ON true"
        assert batch_columns(statement) == [("id", "INTEGER"), ("note", "TEXT")]
        assert with_batch(statement, r"\1 other") == r"SELECT id FROM thing JOIN \1 other ON true"

    def test_a_plain_insert_is_known(self) -> None:
        assert plain_insert(INSERT) == ("thing", ["id", "n", "text", "share"])

    @pytest.mark.parametrize(
        "other",
        [
            f"{INSERT} WHERE true ON CONFLICT DO NOTHING",
            f"{INSERT} RETURNING id",
            INSERT.replace("SELECT id, n", "SELECT n, id"),
            INSERT.replace("SELECT id, n", "SELECT id, id"),
            INSERT.replace("SELECT id", "SELECT 7"),
            "SELECT id FROM batch(id INTEGER)",
        ],
    )
    def test_what_does_more_is_no_plain_insert(self, other: str) -> None:
        assert plain_insert(other) is None

    def test_a_statement_without_one_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="no batch"):
            batch_columns("SELECT batch FROM thing")

    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("", []),
            ("-- only; a comment", []),
            ("SELECT 1", ["SELECT 1"]),
            ("SELECT 1; -- why; so\nSELECT 2;\n;\n", ["SELECT 1", "SELECT 2"]),
        ],
    )
    def test_a_script_is_cut_into_statements(self, script: str, expected: list[str]) -> None:
        assert list(statements(script)) == expected

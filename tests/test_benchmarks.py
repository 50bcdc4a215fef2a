"""The benchmarks measure what they say. How quick anything is, no test asks."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp

from benchmarks import driver, figures, generator, importing, profile, table, traffic
from benchmarks.bare import bare
from benchmarks.cases import CASES, SAME_ROWS, UNSTORED
from benchmarks.company import Company
from benchmarks.databases import OWNER, Databases, core_on, recorded, settle
from benchmarks.figures import Ratio, Report, Result, Run
from benchmarks.population import Population
from benchmarks.traffic import Call
from benchmarks.unstored import unstored
from sojourn.api.activity_v2.wire import RecordBody
from sojourn.app import services, web
from sojourn.config import Settings
from sojourn.core.model import ActivityDraft
from sojourn.core.terms import activity_terms
from tests.stage import _alive

ROOT = Path(__file__).parent.parent


def small() -> Population:
    return Population(sessions=40, people=4)


@pytest.fixture
def settled(sqlite_url: str) -> tuple[str, str]:
    """The URL of a settled database, and the token of its owner."""
    return sqlite_url, settle(sqlite_url, small())


Ask = Callable[[Call], httpx.Response]


@contextmanager
def client(app: ASGIApp, token: str) -> Iterator[Ask]:
    """Asks an app, in this process, as the owner of that token."""
    transport, auth = httpx.ASGITransport(app), httpx.BasicAuth(OWNER, token)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_alive(app)),
        portal.wrap_async_context_manager(
            httpx.AsyncClient(transport=transport, base_url="http://sojourn.example", auth=auth)
        ) as asking,
    ):
        yield lambda call: portal.call(partial(asking.request, call.method, call.path, content=call.body))


@pytest.fixture(params=["ceiling", "barer ceiling"])
def pair(settled: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[tuple[Ask, Ask]]:
    """Asks the server, and asks a ceiling."""
    url, token = settled
    settings = Settings(database=url)
    ceiling = unstored if request.param == "ceiling" else bare
    with client(web(settings, services(settings)), token) as real, client(ceiling(settings, small()), token) as other:
        yield real, other


def told(ask: Ask, call: Call) -> Any:
    answer = ask(call)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shape(told: object) -> object:
    """What an answer looks like without its values."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    if isinstance(told, list):
        return [shape(item) for item in told]
    return type(told).__name__


@pytest.mark.parametrize("activities", [1, 100])
def test_a_ceiling_answers_a_recording_as_the_server_does(pair: tuple[Ask, Ask], activities: int) -> None:
    real, other = pair
    for call in traffic.recordings(small(), 5, activities):
        expected, found = told(real, call), told(other, call)
        assert shape(found) == shape(expected)
        for name in ("entityId", "entityType", "name", "note"):
            assert [a[name] for a in found["activities"]] == [a[name] for a in expected["activities"]]


def test_a_ceiling_answers_a_page_as_the_server_does(pair: tuple[Ask, Ask]) -> None:
    real, other = pair
    for call in traffic.pages(small(), 20):
        expected = told(real, call)
        assert shape(told(other, call)) == shape(expected)
        assert [len(session["activities"]) for session in expected["data"]] == [5] * 10


def test_the_ceiling_asks_for_credentials_and_writes_nothing(settled: tuple[str, str]) -> None:
    url, token = settled
    (call,) = traffic.recordings(small(), 1, 1)
    with client(unstored(Settings(database=url), small()), "wrong") as ask:
        assert ask(call).status_code == 401
    with client(unstored(Settings(database=url), small()), token) as ask:
        assert ask(call).status_code == 200
    assert recorded(url) == 200


def test_no_two_requests_in_a_row_are_the_same() -> None:
    calls = traffic.recordings(small(), 100, 3)
    assert len({call.body for call in calls}) == 100
    assert len({call.path for call in calls}) > 20
    assert all(len(msgspec.json.decode(call.body, type=RecordBody).activities) == 3 for call in calls)


def test_the_file_for_the_generator_holds_whole_requests(tmp_path: Path) -> None:
    calls = [*traffic.recordings(small(), 2, 1), *traffic.pages(small(), 2)]
    traffic.write(tmp_path / "requests", calls, "Bearer x")
    left, found = (tmp_path / "requests").read_bytes(), []
    while left:
        length, _, rest = left.partition(b"\n")
        found.append(rest[: int(length)])
        left = rest[int(length) :]
    assert [request.split(b"\r\n")[0].decode() for request in found] == [f"{c.method} {c.path} HTTP/1.1" for c in calls]
    assert [request.partition(b"\r\n\r\n")[2] for request in found] == [c.body for c in calls]
    assert all(b"\r\nAuthorization: Bearer x\r\n" in request for request in found)


@pytest.mark.parametrize("what", ["all", "activities"])
def test_the_bare_driver_writes_the_rows_that_recording_writes(database_url: str, what: str) -> None:
    settle(database_url, small())
    with core_on(database_url) as core, core.engine.read() as transaction:
        before = transaction.run("SELECT count(*) FROM term")
    written = driver.run(database_url, calls=3, activities=2, seconds=0.01, everything=what == "all")
    assert recorded(database_url) == 200 + 2 * written.calls
    with core_on(database_url) as core, core.engine.read() as transaction:
        counted = transaction.run("SELECT sum(activity_count), sum(last_seq) FROM session")
        terms = transaction.run("SELECT DISTINCT session, term FROM term")
        done = transaction.run("SELECT session, entity_type, entity_id, name, note FROM activity")
        after = transaction.run("SELECT count(*) FROM term")
    if what == "activities":
        assert before == after
        return
    assert [tuple(map(int, row)) for row in counted] == [(200 + 2 * written.calls,) * 2]
    assert set(terms) == {(row[0], term) for row in done for term in _terms(*row[1:])}


def _terms(entity_type: str, entity_id: str, name: str, note: str | None) -> set[str]:
    return activity_terms([ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note)])


def run(rate: float, processor: float = 100.0, share: float = 1.0) -> Run:
    return Run(calls=1, rate=rate, processor=processor, share=share)


def test_a_ratio_is_taken_round_by_round() -> None:
    found = figures.ratio([run(10, 300), run(5, 300)], [run(20, 150), run(10, 150)], UNSTORED, 0.5)
    assert found == Ratio(against=UNSTORED, median=0.5, least=0.5, most=0.5, processor=0.5, goal=0.5)
    assert found.reached


def report(share: float) -> Report:
    runs, others = [run(400)], {UNSTORED: [run(1000, share=share)]}
    ratio = figures.ratio(runs, others[UNSTORED], UNSTORED, 0.5)
    result = Result(case="c", what="do it", engine="sqlite", connections=64, runs=runs, others=others, ratios=[ratio])
    return Report(began="", commit="", machine={}, cores="", seconds=1, rounds=1, results=[result])


def test_the_table_tells_a_missed_goal() -> None:
    last = table.table(report(1.0)).splitlines()[-1]
    cells = [cell.strip() for cell in last.strip("|").split("|")]
    assert cells[:4] == ["do it", "sqlite", "64", "400"]
    assert cells[-3:] == ["0.40 (0.40–0.40)", "1.00", "✗ ≥ 0.5"]


@pytest.mark.parametrize(("share", "warned"), [(0.5, True), (0.95, False)])
def test_a_machine_that_others_use_is_told(share: float, warned: bool) -> None:
    assert bool(table.caution(report(share))) is warned


def test_no_goal_is_judged_on_a_machine_that_others_use() -> None:
    assert table.table(report(0.5)).splitlines()[-1].endswith("| ? ≥ 0.5 |")


def test_the_latest_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"Above\n\n{table.MARK}. -->\n\nYesterday\n")
    for share in (0.5, 1.0):
        table.write_below_mark(report(share), path)
    text = path.read_text()
    assert text.startswith(f"Above\n\n{table.MARK}. -->\n\n## The latest run\n")
    assert "Yesterday" not in text
    assert text.count("| do it |") == 1
    assert "✗ ≥ 0.5" in text


def test_a_torn_stack_is_mended_and_threads_are_weighed_by_the_kernel(tmp_path: Path) -> None:
    folded = tmp_path / "folded"
    folded.write_text(
        "thread (1): Main;main;serve;read 2\nthread (1): Main;serve;read 2\nthread (0x2): w;work 4\nrubbish 9.0"
    )
    threads = profile.read(folded)
    assert [stack for stack, _ in threads[1].mended()] == [("main", "serve", "read")] * 2
    lines = profile.told(threads, {1: 30.0, 2: 10.0, 3: 0.0}).splitlines()
    assert "    30.0 µs  75.0%  Main" in lines
    assert "    30.0 µs  75.0%  main" in lines[lines.index("whole") :]
    assert "    30.0 µs  75.0%  read" in lines[lines.index("own") :]


def test_every_goal_is_of_an_engine_and_of_a_number_of_connections_that_is_measured() -> None:
    for case in CASES:
        assert case.connections_of_goal in case.connections
        assert {engine for _, engine in case.goals} == {"sqlite", "postgresql"}
        assert case.activities or SAME_ROWS not in {against for against, _ in case.goals}


@pytest.mark.skipif(not generator.available(), reason=str(generator.Absent()))
def test_a_small_run_tells_all_ratios(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--only", "record-one", "--engine", "sqlite", "--connections", "4"]
    command += ["--seconds", "1", "--rounds", "1", "--output", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    (result,) = msgspec.json.decode(path.read_bytes(), type=Report).results
    assert {ratio.against for ratio in result.ratios} == {
        "ceiling",
        "barer ceiling",
        "engine, same rows",
        "engine, activities only",
    }
    assert all(run.rate > 0 for runs in result.others.values() for run in runs)
    assert "| record one activity" in done.stdout


def test_the_bare_driver_writes_the_rows_that_an_import_writes(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "year.ndjson"
    file.write_bytes(b"".join(Company(sessions=200).lines()))
    engine = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    with Databases(None) as databases, databases.fresh(engine) as theirs:
        importing.begin(database_url)
        importing.begin(theirs)
        importing.imported(database_url, file)
        rows = importing.rows_of(database_url)
        importing.driven(theirs, rows)
        assert importing.rows_of(theirs) == rows
    assert {table: len(some) for table, some in rows[0].items()}["session"] == 200

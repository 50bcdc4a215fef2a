"""`make bench-scale` measures what it says, of a company as it should be. How quick anything is, no test asks."""

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal

from benchmarks import company, scaling
from benchmarks.asking import Times, in_turns
from benchmarks.company import BUSY, LONG, WATCHED, Company, customer, is_on, of_day, person
from benchmarks.databases import core_on
from benchmarks.plans import plans
from benchmarks.questions import ALL, DAY_ALONE, OF_A_DAY, QUESTIONS, Asked
from benchmarks.scale import Measurement, explained, plotted
from benchmarks.scaling import BEGIN, END, Figure, Measured, Scale
from benchmarks.stores import TOKEN, load
from sojourn.app import services, web
from sojourn.config import Settings
from tests.postgres import KeptServer
from tests.stage import _alive

ROOT = Path(__file__).parent.parent
SEED = 7


def lines(sessions: int, seed: int = SEED) -> list[dict[str, Any]]:
    return [json.loads(line) for part in Company(sessions=sessions, seed=seed).lines() for line in part.splitlines()]


@pytest.fixture(scope="module")
def year() -> list[dict[str, Any]]:
    return lines(8_000)


def began(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["startedAt"])


def customers_of(line: dict[str, Any]) -> set[str]:
    return {a["entityId"] for a in line["activities"] if a["entityType"] == "CUSTOMER"}


class TestCompany:
    def test_the_same_seed_makes_the_same_year(self) -> None:
        assert lines(300) == lines(300)
        assert lines(300) != lines(300, seed=SEED + 1)

    @pytest.mark.parametrize("sessions", [1, 2, 99, 1_234])
    def test_there_are_as_many_sessions_as_are_wanted(self, sessions: int) -> None:
        assert len(lines(sessions)) == sessions
        assert sum(Company(sessions=sessions).by_day()) == sessions

    def test_they_come_in_the_order_of_their_starts_within_the_year(self, year: list[dict[str, Any]]) -> None:
        starts = [line["startedAt"] for line in year]
        assert starts == sorted(starts)
        assert {start[:4] for start in starts} == {"2025"}

    def test_times_lie_where_they_must(self, year: list[dict[str, Any]]) -> None:
        for line in year:
            times = [a["at"] for a in line["activities"]]
            assert [line["startedAt"], *times, line.get("endedAt", "2025-12-31T24")] == sorted(
                [line["startedAt"], *times, line.get("endedAt", "2025-12-31T24")]
            )
            assert line.get("endedAt", "2026") <= "2026"

    def test_it_works_on_working_days_and_less_over_lunch(self, year: list[dict[str, Any]]) -> None:
        by_day = Counter(began(line).date() for line in year)
        weekday = sum(n for day, n in by_day.items() if day.weekday() < 5) / 261
        assert sum(n for day, n in by_day.items() if day.weekday() > 4) / 104 < weekday / 8
        assert by_day[date(2025, 12, 25)] < weekday / 4 < by_day[date(2025, 12, 23)]
        by_hour = Counter(began(line).hour for line in year)
        assert by_hour[12] < by_hour[10] / 2 < by_hour[14]
        assert by_hour[3] < by_hour[10] / 20

    def test_there_are_five_activities_on_average(self, year: list[dict[str, Any]]) -> None:
        assert 4.8 < sum(len(line["activities"]) for line in year) / len(year) < 5.2

    def test_a_few_sessions_are_very_long(self, year: list[dict[str, Any]]) -> None:
        long = [line for line in year if "endedAt" not in line or line["endedAt"][:10] > line["startedAt"][:10]]
        days = [(datetime.fromisoformat(line["endedAt"]) - began(line)).days for line in long if "endedAt" in line]
        assert 2 <= sum(n > 0 for n in days) <= 3
        assert len(Company(sessions=10 * LONG)._long_ones()) == 10

    def test_a_few_people_are_very_busy_and_one_customer_is_everybodys(self, year: list[dict[str, Any]]) -> None:
        by_person = Counter(line["login"] for line in year)
        assert {login for login, _ in by_person.most_common(BUSY)} == {person(i) for i in range(BUSY)}
        assert len(by_person) > 2_000
        touched = Counter(entity for line in year for entity in customers_of(line))
        assert 0.02 < touched[customer(0)] / len(year) < 0.035
        assert touched[customer(0)] > 10 * touched[customer(390)]

    def test_common_words_are_common(self, year: list[dict[str, Any]]) -> None:
        said = Counter(word for line in year for a in line["activities"] for word in a.get("note", "").split())
        assert company.vocabulary()[0] in {word for word, _ in said.most_common(3)}
        assert sum(n == 1 for n in said.values()) > 500

    def test_a_day_alone_is_what_its_window_shows(self, year: list[dict[str, Any]]) -> None:
        alone = [
            json.loads(line)
            for part in of_day(Company(sessions=8_000, seed=SEED), WATCHED)
            for line in part.splitlines()
        ]
        assert alone == [line for line in year if is_on(line, WATCHED)]
        assert any(line["startedAt"][:10] < WATCHED.isoformat() for line in alone) or len(alone) > 10


def asked(url: str, wanted: list[Asked]) -> list[Any]:
    """What a server answers, in this process."""
    app = web(Settings(database=url), services(Settings(database=url)))
    transport, headers = httpx.ASGITransport(app), {"Authorization": f"Bearer {TOKEN}"}
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_alive(app)),
        portal.wrap_async_context_manager(
            httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
        ) as client,
    ):
        answers = [portal.call(partial(client.request, one.call.method, one.call.path)) for one in wanted]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    return [answer.json() for answer in answers]


def told(answer: Any) -> tuple[int, int]:
    """How many sessions there are by an answer, and how many of them it shows."""
    if isinstance(answer, list):
        return len(answer), len(answer)
    if "items" in answer:
        return answer["total"], len(answer["items"])
    return answer["pagination"]["total"], len(answer["data"])


def test_every_question_is_answered_with_what_there_is(database_url: str) -> None:
    loaded = load(database_url, "either", 1_500, SEED, None, print)
    assert (loaded.held, loaded.sessions) == (1_500, 1_500)
    assert loaded.bytes > 0
    assert loaded.tables["activity"] > 0
    year = lines(1_500)
    for question in (*QUESTIONS, OF_A_DAY):
        some = list(question.asks(Company(sessions=1_500, seed=SEED)))[:6]
        for one, answer in zip(some, asked(database_url, some), strict=True):
            expected = sum(one.finds(line) for line in year)
            total, shown = told(answer)
            assert total == expected, one.call.path
            assert question is OF_A_DAY or "offset" in one.call.path or shown == min(expected, 10), one.call.path


def test_a_store_of_a_day_answers_its_window_as_the_year_does(sqlite_url: str, tmp_path: Path) -> None:
    alone = f"sqlite:///{tmp_path / 'alone.db'}"
    load(sqlite_url, "sqlite", 1_500, SEED, None, print)
    load(alone, "sqlite", 1_500, SEED, WATCHED, print)
    wanted = list(OF_A_DAY.asks(Company(sessions=1_500, seed=SEED)))
    (whole,), (part,) = asked(sqlite_url, wanted), asked(alone, wanted)
    assert [(stay["loginDate"], stay["logoutDate"]) for stay in part] == [
        (stay["loginDate"], stay["logoutDate"]) for stay in whole
    ]
    assert whole


def test_every_statement_of_a_question_is_explained(database_url: str) -> None:
    load(database_url, "either", 100, SEED, None, print)
    question = next(one for one in QUESTIONS if one.name == "busiest-entity")
    found = plans(database_url, question.asks(Company(sessions=100, seed=SEED))[0].call)
    assert len(found) > 2
    assert any("FROM term" in plan and ("SEARCH" in plan or "Scan" in plan) for plan in found)


def test_whatever_misses_its_goal_is_explained_but_for_what_records(sqlite_url: str) -> None:
    load(sqlite_url, "sqlite", 100, SEED, None, print)
    company = Company(sessions=100, seed=SEED)
    measurement = cast(Measurement, SimpleNamespace(urls={100: sqlite_url}, company=lambda _size: company))
    told = explained(measurement, ALL, 100, print)
    assert len(told) == len([question for question in ALL if list(question.asks(company))])
    assert 0 < len(told) < len(ALL)


def test_turns_are_taken_until_the_rounds_are_over() -> None:
    heard: list[tuple[str, int]] = []
    works = {name: lambda number, name=name: heard.append((name, number)) for name in "ab"}
    taken = in_turns(works, rounds=10, seconds=60.0)
    assert taken["a"].calls == taken["b"].calls == 10
    assert [name for name, _ in heard] == list("ab" * 13)
    assert in_turns(works, rounds=100, seconds=-1.0)["a"].calls == 3


def test_first_asks_stand_apart() -> None:
    waits = {0: 0.3, 1: 0.3}
    asked = iter(range(100))
    taken = in_turns({"a": lambda _: time.sleep(waits.get(next(asked), 0))}, rounds=20, seconds=60.0, first=2)
    assert taken["a"].p95 < 300 <= taken["a"].first


def times(milliseconds: float) -> Times:
    return Times.of([milliseconds / 1000] * 10, [milliseconds / 100])


@pytest.fixture
def scale() -> Scale:
    measured = [
        Measured(question=name, engine="sqlite", sessions=size, times=times(cost))
        for name, costs in {
            "everybody": (1.0, 1.2),
            "deep": (1.1, 2.4),
            "person": (1.0, 9.0),
            "window": (1.0, 8.0),
            DAY_ALONE: (1.0, 8.0),
        }.items()
        for size, cost in zip((100, 1_000), costs, strict=True)
    ]
    figures = [
        Figure(what="memory", engine="sqlite", sessions=1_000, value=91.0, unit="MiB", goal=90),
        Figure(what="rate", engine="sqlite", sessions=1_000, value=0.5, unit="", goal=0.4, least=True),
    ]
    return Scale(began="", commit="c", machine={"cores": 2}, stores=[], measured=measured, figures=figures)


def test_ratios_are_of_the_sizes_or_of_what_stands_beside(scale: Scale) -> None:
    ratios = {question.name: scale.ratio(question, "sqlite") for question in ALL}
    assert ratios["everybody"] == pytest.approx(1.2)
    assert ratios["deep"] == pytest.approx(2.0)
    assert ratios["window"] == pytest.approx(1.0)
    assert ratios["module"] is None
    assert [question.name for question in scale.missed("sqlite")] == ["deep", "person"]


def test_the_section_of_the_documents_is_written_once(scale: Scale, tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"Above\n{BEGIN}\nYesterday\n{END}\nBelow\n")
    for _ in range(2):
        scaling.write(scaling.document(scale, "scale.svg"), path)
    text = path.read_text()
    assert (text[:6], text[-7:]) == ("Above\n", "\nBelow\n")
    assert "Yesterday" not in text
    assert text.count("### SQLite") == 1
    rows = {
        row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]]
        for row in text.splitlines()
        if "|" in row
    }
    assert rows["list page, one person"] == ["1.0 / 1.0 / 1.0 (10.0)", "9.0 / 9.0 / 9.0 (90.0)", "9.00", "✗ ≤ 1.5"]
    assert rows["memory"] == ["sqlite", "", "91.00 MiB", "✗ ≤ 90"]
    assert rows["rate"] == ["sqlite", "", "0.50", "✓ ≥ 0.4"]


def test_the_document_has_a_place_for_it() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1


def test_the_plot_has_a_line_for_each_question(scale: Scale) -> None:
    root = ET.fromstring(plotted(scale))
    drawn = root.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(drawn) == 5
    assert all(len(line.attrib["points"].split()) == 2 for line in drawn)


def test_runs_of_two_engines_are_told_together(scale: Scale) -> None:
    other = msgspec.structs.replace(
        scale, measured=[msgspec.structs.replace(m, engine="postgresql") for m in scale.measured], figures=[]
    )
    assert scale.together(other).engines == ["sqlite", "postgresql"]
    assert scale.together(scale).measured == scale.measured


def test_a_kept_server_has_its_data_when_it_is_started_again(tmp_path: Path) -> None:
    for found in (None, (1,)):
        with KeptServer(tmp_path / "data", {"work_mem": "5MB"}) as server:
            url = server.named("kept")
            with core_on(url) as core, core.engine.write() as transaction:
                assert transaction.run("SELECT current_setting('work_mem')") == [("5MB",)]
                if found is None:
                    transaction.run("CREATE TABLE thing (id INTEGER)")
                    transaction.run("INSERT INTO thing (id) VALUES (1)")
                assert transaction.run("SELECT id FROM thing") == [(1,)]


@pytest.mark.slow
def test_a_small_run_tells_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.scale", "--engine", "sqlite", "--size", "100", "--size", "300"]
    command += [
        "--rounds",
        "5",
        "--seconds",
        "0.1",
        "--keep",
        str(tmp_path / "kept"),
        "--explain",
        "--output",
        str(path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    scale = msgspec.json.decode(path.read_bytes(), type=Scale)
    assert {m.question for m in scale.measured} == {question.name for question in ALL}
    assert {m.sessions for m in scale.measured} == {100, 300}
    assert {store.held for store in scale.stores} == {100, 300}
    assert {f.what for f in scale.figures} >= {
        "start to first answer",
        "resident memory at rest",
        "on disk, all, a session",
    }
    assert "| list page, everybody" in done.stdout
    assert sorted(p.name for p in (tmp_path / "kept").glob("*.json")) == [
        "sqlite-100.json", "sqlite-100_of_03_11.json", "sqlite-300.json", "sqlite-300_of_03_11.json",
    ]  # fmt: skip

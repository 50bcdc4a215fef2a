"""`sojourn demo`: a month that could have been."""

from collections import Counter
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from sojourn.console.har import requests_of
from sojourn.core.access import Scope
from sojourn.core.delivery import checked_visit
from sojourn.core.findings import Cause
from sojourn.core.intent import Deliver, Open
from sojourn.core.model import DAY, MINUTE, SECOND, Closing
from sojourn.core.query import SessionFilter, SessionQuery, Status
from sojourn.core.upkeep import Flaw
from sojourn.core.verdict import Grade, verdict
from sojourn.core.visit import VisitQuery, end_of
from sojourn.core.way import StepKind, way
from sojourn.demo.company import KNOWN_BY_ALL, staff
from sojourn.demo.month import FORGOTTEN, last_sign, month
from sojourn.demo.scenarios import SCENARIOS
from sojourn.demo.visits import Fleet
from sojourn.services import system_clock
from tests.cli.conftest import Run
from tests.companies import fill, opened
from tests.stage import NOON

BERLIN = "Europe/Berlin"


def started(session: Open) -> int:
    assert session.started_at is not None
    return session.started_at


@pytest.fixture(scope="module")
def sessions() -> list[Open]:
    return month(1, NOON, BERLIN, Scope(1))


def test_the_same_seed_draws_the_same_month(sessions: list[Open]) -> None:
    assert month(1, NOON, BERLIN, Scope(1)) == sessions
    assert month(2, NOON, BERLIN, Scope(1)) != sessions


def test_nothing_lies_in_the_future(sessions: list[Open]) -> None:
    assert max(map(last_sign, sessions)) <= NOON
    assert min(map(started, sessions)) >= NOON - 32 * DAY
    assert sessions == sorted(sessions, key=started)


def test_activities_lie_within_their_sessions(sessions: list[Open]) -> None:
    for session in sessions:
        moments = [activity.at or 0 for activity in session.activities]
        assert moments == sorted(moments)
        assert all(started(session) <= at <= (session.ended_at or NOON) for at in moments)


def test_about_25_people_work(sessions: list[Open]) -> None:
    assert len({session.person.login for session in sessions}) == 26
    assert len({session.device for session in sessions}) >= 24
    assert {session.module for session in sessions} >= {scenario.module for scenario in SCENARIOS}


def test_weekends_are_quieter_than_weekdays(sessions: list[Open]) -> None:
    days = Counter(datetime.fromtimestamp(started(session) // SECOND, UTC).weekday() for session in sessions)
    assert 0 < days[6] < days[2] / 2


def test_the_day_is_busier_than_the_night(sessions: list[Open]) -> None:
    zone = ZoneInfo(BERLIN)
    hours = Counter(datetime.fromtimestamp(started(session) // SECOND, zone).hour for session in sessions)
    assert hours[10] > 8 * hours[2] > 0
    night = {session.person.login for session in sessions if session.module == "CARE_DESK" and _at_night(session)}
    assert {worker.login for worker in staff(_seeded()) if worker.ends > 24} <= night


def _at_night(session: Open) -> bool:
    return datetime.fromtimestamp(started(session) // SECOND, ZoneInfo(BERLIN)).hour in (0, 1, 2, 3)


def _seeded() -> Random:

    return Random(1)


def test_one_session_is_very_long(sessions: list[Open]) -> None:
    lengths = sorted(((s.ended_at or NOON) - started(s) for s in sessions if s.ended_at), reverse=True)
    assert lengths[0] == 9 * DAY
    assert 15 * MINUTE < lengths[1] < DAY


def test_some_sessions_run_now_whatever_the_hour() -> None:
    for hour in range(0, 24, 3):
        now = NOON + hour * 60 * MINUTE
        running = [s for s in month(1, now, BERLIN, Scope(1), days=2) if not s.ended_at and now - started(s) < DAY // 8]
        assert len(running) >= 3


def test_most_sessions_tell_why_and_many_a_comment(sessions: list[Open]) -> None:
    told = [session.remarks[0] for session in sessions if session.remarks]
    assert 0.8 < len(told) / len(sessions) < 0.97
    assert 0.3 < sum(1 for remark in told if remark.comment) / len(told) < 0.6
    assert 0 < sum(1 for s in sessions if s.ended_at is None) / len(sessions) < 3 * FORGOTTEN


def test_it_fills_an_empty_database(run: Run, database_url: str) -> None:
    assert "26 people are in organisation 1, Meadow & Finch" in run("demo", "--days", "5").stdout
    with opened(database_url, system_clock) as core:
        everything = core.journal.page(SessionQuery(scope=Scope(1), total=True, limit=1000))
        assert (everything.total or 0) > 500
        running = core.journal.page(SessionQuery(scope=Scope(1), filter=SessionFilter(status=Status.ACTIVE)))
        assert len(running.sessions) >= 3
        known = core.journal.page(SessionQuery(scope=Scope(1), filter=SessionFilter(entity_id=KNOWN_BY_ALL)))
        assert known.sessions
        assert {session.closing for session in everything.sessions} == {None, Closing.ENDED, Closing.IDLE}
        assert core.journal.visits(VisitQuery(scope=Scope(1))).visits
        assert len(core.journal.agents(Scope(1)).agents) == 8
        assert {flaw: core.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)
        assert core.recorder.close_idle() == 0
        issued = core.registry.begin("owner@example.org", None)
        assert issued is not None, "the first start must still make an owner"


def test_a_database_with_a_session_is_left_alone(run: Run, database_url: str) -> None:
    with opened(database_url, system_clock) as core:
        fill(core)
        assert "has sessions in it" in run("demo", code=1).stderr
        assert core.journal.page(SessionQuery(scope=Scope(1), total=True)).total == 6


def test_an_organisation_that_is_there_is_filled(run_on_sqlite: Run, sqlite_url: str) -> None:
    with opened(sqlite_url, system_clock) as core:
        core.registry.begin("owner@example.org", None)
    assert "organisation 1, Default" in run_on_sqlite("demo", "--days", "1").stdout


def test_a_company_that_closes_no_session_has_its_month(run_on_sqlite: Run, sqlite_url: str) -> None:
    with opened(sqlite_url, system_clock) as core:
        core.registry.add_organisation("Patient")
        core.registry.change_organisation(1, idle_limit=0)
    run_on_sqlite("demo", "--days", "2")


@pytest.fixture(scope="module")
def visits(sessions: list[Open]) -> list[Deliver]:
    return list(Fleet(1, NOON, Scope(1), sessions).during(sessions))


def test_the_same_seed_measures_the_same(sessions: list[Open], visits: list[Deliver]) -> None:
    assert list(Fleet(1, NOON, Scope(1), sessions).during(sessions)) == visits


def test_every_visit_can_be_delivered(visits: list[Deliver]) -> None:
    for intent in visits:
        assert checked_visit(intent.visit, NOON) == intent.visit
        assert end_of(intent.visit) <= NOON


def test_visits_are_of_many_kinds(visits: list[Deliver]) -> None:
    told = [verdict(one.visit, requests_of(one.visit.har) if one.visit.har else ()) for one in visits]
    assert {one.grade for one in told} == set(Grade) - {Grade.UNKNOWN}
    causes = {finding.cause for one in told for finding in one.findings}
    assert causes >= {Cause.SERVER, Cause.NAME, Cause.REQUEST, Cause.LOSS, Cause.WIRELESS, Cause.PROCESSOR}
    steps = [step for one in visits for step in way(one.visit)]
    assert any(step.mpls for step in steps)
    assert any(step.kind is StepKind.SILENT for step in steps)


def test_some_visits_keep_the_requests_of_a_real_page(visits: list[Deliver]) -> None:
    kept = [len(requests_of(one.visit.har)) for one in visits if one.visit.har]
    assert 10 <= len(kept) < len(visits) / 4
    assert any(100 <= count <= 300 for count in kept)

"""Rows that do not fit together are counted, and made to fit again, on both engines."""

import pytest

from sojourn.core.access import Scope
from sojourn.core.intent import Delete
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.core.upkeep import Deed, Flaw
from tests.companies import fill, opened, visit_once
from tests.stage import NOON

DAMAGE = {
    Flaw.STRAY_ACTIVITIES: "INSERT INTO activity (organisation, session, at, seq, entity_type, entity_id, name)"
    " VALUES (1, 99, 1, 1, 'a', 'b', 'c')",
    Flaw.STRAY_REMARKS: "INSERT INTO remark (organisation, session, seq, at, reason) VALUES (1, 99, 1, 1, 'a')",
    Flaw.STRAY_VISITS: "INSERT INTO har (organisation, session, document) VALUES (1, 99, '{}')",
    Flaw.STRAY_TERMS: "INSERT INTO term (organisation, term, started_at, session) VALUES (1, 'wx', 5, 1)",
    Flaw.STRAY_KEYS: "INSERT INTO idempotency (organisation, principal, key, session, fingerprint, answer, at)"
    " VALUES (1, 1, 'k', 99, 'f', '{}', 1)",
    Flaw.STRAY_TOKENS: "INSERT INTO token"
    " (id, principal, name, client_key, digest, md5_digest, organisation, parent, created_at)"
    " VALUES (99, 99, 't', 'k', 'd', 'm', 1, 0, 1)",
    Flaw.STRAY_MEMBERSHIPS: "INSERT INTO membership (organisation, principal, access_group, person, is_default)"
    " VALUES (1, 99, 'Owners', 0, 0)",
    Flaw.LOST_PEOPLE: "DELETE FROM person WHERE id = 2",
    Flaw.LOST_DEVICES: "DELETE FROM device WHERE id = 1",
    Flaw.LOST_AGENTS: "INSERT INTO agent (organisation, device, created_at, last_seen, source, document)"
    " VALUES (1, 99, 1, 1, '{}', '{}')",
    Flaw.MISSING_TERMS: "DELETE FROM term WHERE term = 'tCUSTOMER'",
    Flaw.WRONG_COUNTS: "UPDATE session SET activity_count = 9 WHERE id = 1",
    Flaw.WRONG_TALLIES: "UPDATE tally SET sessions = sessions + 1 WHERE facet = 'p1' AND grain = 0",
}
ROWS = {Flaw.LOST_DEVICES: 3, Flaw.MISSING_TERMS: 5}


def test_every_flaw_has_its_damage() -> None:
    assert set(DAMAGE) == set(Flaw)


@pytest.mark.parametrize("flaw", Flaw)
def test_it_is_counted_and_mended(flaw: Flaw, database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        assert core.upkeep.count(flaw) == 0
        with core.engine.write() as transaction:
            transaction.run(DAMAGE[flaw])
        assert core.upkeep.count(flaw) == ROWS.get(flaw, 1)
        core.upkeep.mend(flaw)
        assert {other: core.upkeep.count(other) for other in Flaw} == dict.fromkeys(Flaw, 0)


def test_every_step_of_mending_is_taken(database_url: str) -> None:
    with opened(database_url) as core:
        visit_once(core)
        with core.engine.write() as transaction:
            transaction.run("DELETE FROM session")
        assert core.upkeep.count(Flaw.STRAY_VISITS) == 3
        for flaw in Flaw:
            core.upkeep.mend(flaw)
        assert {flaw: core.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)


def test_nothing_is_wrong_with_a_visit(database_url: str) -> None:
    with opened(database_url) as core:
        visit_once(core)
        assert {flaw: core.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)
        assert core.upkeep.latest() == NOON


def test_mended_tallies_tell_the_right_total(database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        with core.engine.write() as transaction:
            transaction.run("DELETE FROM tally")
        core.upkeep.mend(Flaw.WRONG_TALLIES)
        assert core.journal.page(SessionQuery(scope=Scope(1), total=True)).total == 6
        one = SessionQuery(scope=Scope(1), total=True, filter=SessionFilter(person=3))
        assert core.journal.page(one).total == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE tally SET sessions = sessions + 1 WHERE facet = '' AND grain = 1",
        "UPDATE tally SET sessions = sessions - 1 WHERE facet = 'p1' AND grain = 0",
        "INSERT INTO tally VALUES (1, 'work', 'p1', 2, 5, 1, 0)",
        "UPDATE tally SET fine = 1 WHERE facet = 'p1' AND grain = 1",
        "DELETE FROM tally WHERE facet = 'p1'",
    ],
)
def test_counts_of_every_grain_are_looked_at(damage: str, database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        with core.engine.write() as transaction:
            transaction.run(damage)
        assert core.upkeep.count(Flaw.WRONG_TALLIES) > 0
        core.upkeep.mend(Flaw.WRONG_TALLIES)
        assert core.upkeep.count(Flaw.WRONG_TALLIES) == 0


def test_nothing_is_wrong_after_a_deletion(database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        core.recorder.delete(Delete(scope=Scope(1), session_id=4))
        assert {flaw: core.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)


def test_the_latest_start_is_known(database_url: str) -> None:
    with opened(database_url) as core:
        assert core.upkeep.latest() is None
        assert core.upkeep.is_empty()
        fill(core)
        assert core.upkeep.latest() == NOON - 1_800_000_000
        assert not core.upkeep.is_empty()


def test_a_sound_database_has_no_faults(database_url: str) -> None:
    with opened(database_url) as core:
        assert core.upkeep.faults(quick=True) == []
        assert core.upkeep.faults(quick=False) == []
        assert core.upkeep.pending() == []


def test_a_database_without_tables_lacks_every_step(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        with core.engine.write() as transaction:
            transaction.run("DELETE FROM migration")
        assert core.upkeep.pending()[0] == "0001 begin"


def test_when_an_owner_did_what_is_remembered_and_never_taken_back(database_url: str) -> None:
    with opened(database_url) as core:
        assert core.upkeep.last(Deed.BACKUP) is None
        core.upkeep.note(Deed.BACKUP, 7)
        core.upkeep.note(Deed.BACKUP, 5)
        assert core.upkeep.last(Deed.BACKUP) == 7


def test_the_size_is_that_of_the_disk(database_url: str) -> None:
    with opened(database_url) as core:
        assert core.upkeep.size() > 50_000

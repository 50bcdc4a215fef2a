"""`make bench-deleting` deletes what it says while somebody records. How quick that is, no test asks."""

from typing import Any

from benchmarks.company import BEGIN, DAYS, EVERYBODYS
from benchmarks.databases import core_on
from benchmarks.deleting import Spread, deleted
from benchmarks.population import ORGANISATION
from benchmarks.stores import load
from sojourn.core.access import Scope
from sojourn.core.model import DAY
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.core.upkeep import Flaw


def test_half_a_year_and_an_entity_go_while_somebody_records(database_url: str) -> None:
    engine = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    load(database_url, engine, 400, 7, None, lambda _: None)

    with core_on(database_url) as core:

        def total(**wanted: Any) -> int | None:
            query = SessionQuery(scope=Scope(ORGANISATION), filter=SessionFilter(**wanted), total=True)
            return core.journal.page(query).total

        assert total(entity_type="CUSTOMER", entity_id=EVERYBODYS)
        taken = deleted(core)
        assert set(taken) == {"erasing an entity", "sweeping half a year"}
        assert all(held.number > 1 < meanwhile.number for held, meanwhile in taken.values())
        assert total(entity_type="CUSTOMER", entity_id=EVERYBODYS) == 0
        assert total(started_to=BEGIN + DAYS // 4 * DAY) == 0
        assert total(entity_type="TICKET", entity_id="0") == 2  # of the two who recorded meanwhile
        assert {flaw: core.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)


def test_a_spread_tells_how_long_most_and_the_longest_took() -> None:
    spread = Spread.of([float(i) for i in range(1, 102)])
    assert (spread.number, spread.p50, spread.p95, spread.p99, spread.longest) == (101, 51, 96, 100, 101)

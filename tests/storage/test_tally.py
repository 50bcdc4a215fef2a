"""The counts beside the sessions are what the sessions tell, whatever is written, on both engines."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.intent import Delete
from sojourn.core.model import DAY, MINUTE, Instant
from sojourn.core.ports import AccessStore, SessionStore
from sojourn.storage import tally
from sojourn.storage.engine import Engine, Row
from tests.storage.desk import MIDNIGHT, NOON, Desk, did
from tests.storage.test_reference import SHARED_DATABASE

START = MIDNIGHT - 40 * DAY


def counted(engine: Engine, organisation: int) -> dict[Row, int]:
    """Every count that should be kept, from the rows of the sessions."""
    with engine.read() as transaction:
        sessions = transaction.run(
            "SELECT kind, person, device, module, started_at FROM session WHERE organisation = :o", {"o": organisation}
        )
    found: Counter[Row] = Counter()
    for kind, person, device, module, at in sessions:
        facets = ["", f"p{person}"] + [f"d{device}"] * (device > 0) + [f"m{module}"] * (module is not None)
        found.update((kind, facet, grain, at // tally.WIDTHS[grain]) for facet in facets for grain in range(3))
    return found


def kept(engine: Engine, organisation: int) -> tuple[dict[Row, int], set[Row]]:
    """The counts that are kept, and which days have quarters."""
    with engine.read() as transaction:
        rows = transaction.run(
            "SELECT kind, facet, grain, bucket, sessions, fine FROM tally WHERE organisation = :o", {"o": organisation}
        )
    return {row[:4]: row[4] for row in rows}, {row[:4] for row in rows if row[5]}


def assert_right(engine: Engine, organisation: int, fine: int) -> None:
    """Months and days are there for everything; quarters for those days that once had as many as `fine`."""
    expected, (told, fine_days) = counted(engine, organisation), kept(engine, organisation)
    coarse = {place: n for place, n in expected.items() if place[2] < tally.QUARTERS}
    assert {place: n for place, n in told.items() if place[2] < tally.QUARTERS} == coarse
    quarters = {
        place: n
        for place, n in expected.items()
        if place[2] == tally.QUARTERS and (*place[:2], tally.DAYS, place[3] // 96) in fine_days
    }
    assert {place: n for place, n in told.items() if place[2] == tally.QUARTERS} == quarters
    assert {place for place, n in coarse.items() if place[2] == tally.DAYS and n >= fine} <= fine_days


_moments = st.builds(lambda day, quarter, rest: START + day * DAY + quarter * 15 * MINUTE + rest,
                     st.sampled_from([0, 1, 33]), st.integers(0, 3), st.integers(0, 1))  # fmt: skip
_drafts = st.tuples(
    st.sampled_from(["ada", "grace"]), st.sampled_from([None, "{A}"]), st.sampled_from([None, "Till"]), _moments
)
_steps = st.lists(st.one_of(st.lists(_drafts, min_size=1, max_size=5), st.sets(st.integers(1, 20), min_size=1)))
_numbers = iter(range(1, 1_000_000))


@SHARED_DATABASE
@given(steps=_steps)
def test_they_are_right_after_any_changes(
    store: SessionStore, access: AccessStore, engine: Engine, monkeypatch: pytest.MonkeyPatch,
    steps: list[list[tuple[str, str | None, str | None, Instant]] | set[int]],
) -> None:  # fmt: skip
    monkeypatch.setattr(tally, "FINE", 3)
    organisation = access.add_organisation(f"Counted {next(_numbers)}", "guid", NOON).id
    desk = Desk(store, organisation)
    for step in steps:
        if isinstance(step, set):
            desk.write(*(Delete(scope=Scope(organisation), session_id=number) for number in step))
        else:
            desk.write(*(desk.opening(p, device=d, module=m, started_at=at) for p, d, m, at in step))
        assert_right(engine, organisation, 3)


def test_a_day_keeps_its_quarters_when_it_has_fewer_again(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "FINE", 2)
    desk.write(*(desk.opening(started_at=START + i * 15 * MINUTE) for i in range(2)))
    desk.delete(1)
    told, fine = kept(engine, desk.scope.organisation)
    assert ("work", "", tally.DAYS, START // DAY) in fine
    assert told["work", "", tally.QUARTERS, START // (15 * MINUTE) + 1] == 1
    assert_right(engine, desk.scope.organisation, 2)
    desk.delete(2)
    assert kept(engine, desk.scope.organisation) == ({}, set())


def test_one_that_is_gone_and_one_that_is_new_on_the_same_day_move_between_its_quarters(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "FINE", 2)
    desk.write(*(desk.opening(started_at=START) for _ in range(2)))
    desk.write(desk.opening(started_at=START + 15 * MINUTE), desk.deleting(1))
    told, _ = kept(engine, desk.scope.organisation)
    assert told["work", "", tally.DAYS, START // DAY] == 2
    assert_right(engine, desk.scope.organisation, 2)


def test_a_term_that_is_not_busy_is_not_counted(desk: Desk, engine: Engine) -> None:
    desk.open(started_at=START, activities=(did(at=START),))
    assert {place[1] for place in kept(engine, desk.scope.organisation)[0]} == {"", "p1"}

"""What each filter finds, by itself and with others, on both engines."""

from itertools import combinations
from typing import Any

import pytest

from sojourn.core.access import Scope
from sojourn.core.model import DAY, MINUTE, SECOND, Instant
from sojourn.core.query import Order, SessionFilter, Status
from sojourn.storage import search
from sojourn.storage.engine import Engine
from tests.storage.cost import OF_ALL_LENGTHS, crowd, measured
from tests.storage.desk import MIDNIGHT, NOON, Desk, did, why

START = MIDNIGHT - 10 * DAY


@pytest.fixture
def week(desk: Desk, neighbour: Desk) -> Desk:
    """Seven sessions that differ in everything that can be asked for; a neighbour's which is like all of them."""
    desk.write(
        desk.opening(  # 1: a long one, over days
            "ada",
            device="{A-1}",
            module="Care desk",
            started_at=START,
            ended_at=START + 3 * DAY,
            activities=(did("Viewed", "1", at=START, note="Called about a CARD"), did("Paid", "2", at=START + DAY)),
            remarks=(why("Changed mobile number", "to a foreign one"),),
        ),
        desk.opening(  # 2: the same person elsewhere, short
            "ada",
            device="{B-2}",
            module="Till",
            started_at=START + DAY,
            ended_at=START + DAY + MINUTE,
            activities=(did("Viewed", "2", at=START + DAY),),
        ),
        desk.opening(  # 3: another person, the first device; it takes no time
            "grace",
            device="{A-1}",
            module="Care desk",
            started_at=START + 2 * DAY,
            ended_at=START + 2 * DAY,
            activities=(did("Viewed", "1", at=START + 2 * DAY, entity_type="CARD"),),
            remarks=(why("Other"),),
        ),
        desk.opening("grace", started_at=START + 2 * DAY, ended_at=START + 4 * DAY),  # 4: bare
        desk.opening("ada", started_at=START + 5 * DAY, module="Till"),  # 5: it runs
        desk.opening(  # 6: it runs
            "joan",
            device="{B-2}",
            started_at=START + 6 * DAY,
            activities=(did("Paid", "1", at=START + 6 * DAY, note="card, foreign"),),
        ),
        desk.opening("ada", started_at=START + 7 * DAY, ended_at=START + 7 * DAY + 1),  # 7
    )
    neighbour.open(
        "ada",
        device="{A-1}",
        module="Till",
        started_at=START,
        activities=(did("Viewed", "1", at=START, note="card foreign other"),),
    )
    return desk


ALL = [1, 2, 3, 4, 5, 6, 7]

SINGLE: list[tuple[dict[str, Any], list[int]]] = [
    ({}, ALL),
    ({"person": 1}, [1, 2, 5, 7]),
    ({"person": 99}, []),
    ({"login": "grace"}, [3, 4]),
    ({"login": "Grace"}, []),
    ({"login": "nobody"}, []),
    ({"login": "grace", "person": 2}, [3, 4]),
    ({"login": "grace", "person": 1}, []),
    ({"device": "{A-1}"}, [1, 3]),
    ({"device": "{a-1}"}, []),
    ({"module": "Till"}, [2, 5]),
    ({"module": "till"}, []),
    ({"entity_id": "1"}, [1, 3, 6]),
    ({"entity_id": "2"}, [1, 2]),
    ({"entity_id": "3"}, []),
    ({"entity_type": "CARD"}, [3]),
    ({"entity_type": "card"}, []),
    ({"entity_type": "CUSTOMER"}, [1, 2, 6]),
    ({"entity_type": "CUSTOMER", "entity_id": "1"}, [1, 6]),
    ({"entity_type": "CARD", "entity_id": "2"}, []),
    ({"name": "Viewed"}, [1, 2, 3]),
    ({"name": "viewed"}, []),
    ({"name": "Viewed", "entity_id": "2"}, [1, 2]),
    ({"text": "card"}, [1, 6]),
    ({"text": "CARD Foreign"}, [1, 6]),
    ({"text": "foreign number"}, [1]),
    ({"text": "foreig"}, []),
    ({"text": "other"}, [3]),
    ({"text": "Viewed"}, []),
    ({"text": "… !"}, ALL),
    ({"status": Status.ACTIVE}, [5, 6]),
    ({"status": Status.ENDED}, [1, 2, 3, 4, 7]),
    ({"started_from": START + 2 * DAY}, [3, 4, 5, 6, 7]),
    ({"started_from": START + 2 * DAY + 1}, [5, 6, 7]),
    ({"started_to": START + 2 * DAY}, [1, 2, 3, 4]),
    ({"started_to": START + 2 * DAY - 1}, [1, 2]),
    ({"started_from": START + DAY, "started_to": START + 2 * DAY}, [2, 3, 4]),
    ({"started_from": START + 2 * DAY, "started_to": START + 2 * DAY}, [3, 4]),
    ({"alive_from": START + 4 * DAY}, [4, 5, 6, 7]),
    ({"alive_from": START + 4 * DAY + 1}, [5, 6, 7]),
    ({"alive_to": START + DAY}, [1, 2]),
    ({"alive_to": START - 1}, []),
    ({"alive_from": START + 3 * DAY, "alive_to": START + 3 * DAY}, [1, 4]),
    ({"alive_from": START + 3 * DAY + 1, "alive_to": START + 5 * DAY - 1}, [4]),
    ({"alive_from": START + 2 * DAY, "alive_to": START + 2 * DAY}, [1, 3, 4]),
    ({"alive_from": START + DAY + MINUTE + 1, "alive_to": START + 2 * DAY - 1}, [1]),
    ({"alive_from": NOON + 1_000 * DAY}, [5, 6]),
]


def spelled(wanted: dict[str, Any]) -> str:
    return ",".join(f"{name}={moment(value)}" for name, value in wanted.items()) or "everything"


def moment(value: Any) -> Any:
    """A time by its distance from the start: `3d+1`, three days and a microsecond."""
    if not isinstance(value, Instant) or value < DAY:
        return value
    days, rest = divmod(value - START + MINUTE, DAY)
    return f"{days}d{rest - MINUTE:+d}"


NAMES = [spelled(wanted) for wanted, _ in SINGLE]


@pytest.mark.parametrize(("wanted", "expected"), SINGLE, ids=NAMES)
def test_a_filter_finds_what_it_says(week: Desk, wanted: dict[str, Any], expected: list[int]) -> None:
    assert week.found(**wanted) == expected


def test_every_two_filters_find_what_both_find(week: Desk) -> None:
    for (one, found), (other, found_too) in combinations(SINGLE, 2):
        if one.keys() & other.keys() or ("entity_id" in other and "entity_type" in one):
            continue  # the same field twice; or a pair that must be of one activity, which is not what both find
        if "entity_id" in one and "entity_type" in other:
            continue
        if _backwards(one | other):
            continue
        assert week.found(**one, **other) == sorted(set(found) & set(found_too)), (one, other)


def _backwards(wanted: dict[str, Any]) -> bool:
    ranges = [(wanted.get(f"{name}_from"), wanted.get(f"{name}_to")) for name in ("started", "alive")]
    return any(first is not None and last is not None and last < first for first, last in ranges)


@pytest.mark.parametrize(("wanted", "expected"), SINGLE, ids=NAMES)
def test_it_is_paged_both_ways_and_from_any_offset(week: Desk, wanted: dict[str, Any], expected: list[int]) -> None:
    for order in Order:
        # 3 and 4 began at the same moment: the order is by start, then by number, and the numbers go with the starts
        wanted_ids = expected if order is Order.OLDEST else expected[::-1]
        page = week.page(limit=2, order=order, **wanted)
        found = [session.id for session in page.sessions]
        while page.next is not None:
            page = week.page(limit=2, order=order, after=page.next, **wanted)
            found += [session.id for session in page.sessions]
        assert found == wanted_ids
        for offset in range(len(expected) + 2):
            page = week.page(limit=2, order=order, offset=offset, total=True, **wanted)
            assert [session.id for session in page.sessions] == wanted_ids[offset : offset + 2]
            assert page.total == len(expected)


def test_one_who_is_narrowed_finds_only_their_own(week: Desk) -> None:
    mine = {1, 2, 5, 7}
    ada = week.narrowed(1)
    for wanted, expected in SINGLE:
        assert ada.found(**wanted) == sorted(mine & set(expected)), wanted


class TestWords:
    def test_what_is_recorded_later_is_found_too(self, desk: Desk) -> None:
        desk.open(activities=(did("x", note="one two"),))
        assert desk.found(text="three") == []
        desk.record(1, did("y", "77", note="three"))
        desk.end(1, why("four", "five"))
        assert desk.found(text="five one FOUR three two") == [1]
        assert desk.found(entity_id="77", name="y") == [1]

    def test_they_are_caseless_in_every_language(self, desk: Desk) -> None:
        desk.open(activities=(did(note="STRASSE Ünal ΣΟΦΟΣ İ"),))
        for text in ("straße", "Straße", "ünal ÜNAL", "σοφος", "İ", "i̇"):
            assert desk.found(text=text) == [1], text

    def test_they_are_cut_at_what_is_neither_letter_nor_digit(self, desk: Desk) -> None:
        desk.open(activities=(did(note="order-4711/b, e_mail:ada@example.org"),))
        for text in ("4711", "order b", "e_mail", "ada@example", "4711-order"):
            assert desk.found(text=text) == [1], text
        assert desk.found(text="mail") == []

    def test_long_ones_are_found_by_how_they_begin(self, desk: Desk) -> None:
        desk.open(activities=(did(note="x" * 100),))
        assert desk.found(text="x" * 64) == desk.found(text="x" * 90) == [1]
        assert desk.found(text="x" * 63) == []

    def test_what_looks_like_a_pattern_or_a_parameter_is_only_text(self, desk: Desk) -> None:
        desk.open("100%", module="%", device="_", activities=(did("50% :off", "a_b", entity_type="'--"),))
        desk.open("100x", module="x", device="x", activities=(did("50x :off", "axb", entity_type="x--"),))
        for wanted in (
            {"login": "100%"}, {"module": "%"}, {"device": "_"}, {"name": "50% :off"}, {"entity_id": "a_b"},
            {"entity_type": "'--"}, {"entity_type": "'--", "entity_id": "a_b"},
        ):  # fmt: skip
            assert desk.found(**wanted) == [1], wanted


class TestEntities:
    def test_a_type_and_an_id_must_be_of_one_activity(self, desk: Desk) -> None:
        desk.open(activities=(did(entity_type="CARD", entity_id="1"), did(entity_type="CUSTOMER", entity_id="2")))
        desk.open(activities=(did(entity_type="CARD", entity_id="2"),))
        assert desk.found(entity_type="CARD", entity_id="2") == [2]
        assert desk.found(entity_type="CARD") == desk.found(entity_id="2") == [1, 2]

    def test_the_rarest_leads_and_the_others_are_checked(self, desk: Desk) -> None:
        desk.write(*(desk.opening(activities=(did("Common", str(i)),)) for i in range(20)))
        desk.open(activities=(did("Rare", "5"), did("Common", "x")))
        assert desk.found(name="Common", entity_id="5") == [6, 21]
        assert desk.found(name="Rare", entity_id="5", entity_type="CUSTOMER") == [21]
        assert desk.found(name="Common", entity_id="y") == []


@pytest.mark.parametrize("exponent", [0, 1, 7, 20, 40, 46])
def test_what_was_alive_is_found_at_the_edges_of_every_length(desk: Desk, exponent: int) -> None:
    """Lengths around a power of two are where the classes of length change."""
    lengths = [length for length in (2**exponent - 1, 2**exponent, 2**exponent + 1) if length <= NOON]
    desk.write(*(desk.opening(started_at=NOON - length, ended_at=NOON) for length in lengths))
    desk.open(started_at=NOON - 1, ended_at=NOON + 5)  # so that classes between do not exist
    for at in (NOON - 1, NOON, NOON + 1):
        expected = [
            number for number, length in enumerate(lengths, 1) if NOON - length <= at <= NOON
        ]  # the first are the longest: not in the order of their numbers
        found = set(desk.found(alive_from=at, alive_to=at))
        assert found - {len(lengths) + 1} == set(expected)


class TestWhatItCosts:
    """Somebody with very many sessions, of whom something is asked that only few of them answer."""

    @pytest.mark.parametrize(
        "wanted",
        [
            {"alive_from": START, "alive_to": START},
            {"alive_from": START, "alive_to": START, "status": Status.ENDED},
            {"status": Status.ACTIVE},
            {"status": Status.ENDED},
        ],
        ids=["alive", "alive and ended", "active", "ended"],
    )
    @pytest.mark.parametrize("order", Order)
    def test_what_somebody_did_at_other_times_is_not_read(
        self, desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch, order: Order, wanted: dict[str, Any]
    ) -> None:
        desk.open("ada", started_at=START - MINUTE, ended_at=START + MINUTE)
        desk.open("ada", started_at=START - MINUTE)
        desk.open("grace", started_at=START - MINUTE, ended_at=START + MINUTE)

        def cost() -> int:
            asked = {**wanted, "login": "ada", "order": order, "limit": 1, "total": True}
            desk.page(**asked)
            with measured(engine, monkeypatch) as found:
                desk.page(**asked)
            return found.amount

        crowd(desk, engine, 10, [START - DAY - i * MINUTE for i in range(200)], OF_ALL_LENGTHS[:9])
        before = cost()
        crowd(desk, engine, 1_000, [START - DAY - i * MINUTE for i in range(10_000)], OF_ALL_LENGTHS[:9])
        crowd(desk, engine, 20_000, [START + DAY + i * SECOND for i in range(10_000)], OF_ALL_LENGTHS[:9])
        assert cost() <= before * 1.1 + 50

    def test_terms_are_counted_together_in_their_index_alone(self, sqlite_engine: Engine) -> None:
        found = search.Search(scope=Scope(1), filter=SessionFilter(), terms=("wone", "wtwo"))
        text, parameters = search.count(found)
        with sqlite_engine.read() as transaction:
            plan = [row[3] for row in transaction.run(f"EXPLAIN QUERY PLAN {text}", parameters)]
        assert not [step for step in plan if "session" in step.partition("(")[0].casefold().split()]

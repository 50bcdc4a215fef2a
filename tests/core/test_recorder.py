"""The way in: what is checked before anything is written, and what is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sojourn.core.access import Scope
from sojourn.core.agent import AgentDraft
from sojourn.core.delivery import AHEAD
from sojourn.core.errors import Ended, Exists, Forbidden, Invalid, SojournError, Unavailable, Unknown
from sojourn.core.intent import Annotate, Delete, Deliver, End, Intent, Open, Opened, Record, Register, Unregister
from sojourn.core.model import (
    DAY,
    FIRST_VISIT,
    INT32,
    LATEST,
    ActivityDraft,
    DeviceDraft,
    Instant,
    PersonDraft,
    RemarkDraft,
)
from sojourn.core.ports import SessionStore
from sojourn.core.recorder import Recorder, checked
from sojourn.core.report import Visit
from sojourn.core.visit import Source
from tests.core.conftest import Clock
from tests.storage.desk import NOON, did, key, somebody, why

SCOPE = Scope(1)
NARROWED = Scope(1, 5)
SOURCE = Source(address=None)
VISIT = Visit(agent_id="agent", date=NOON, visited_site="example.org", protocol="https", port=443)


def opening(**change: Any) -> Open:
    return replace(Open(scope=SCOPE, person=somebody("ada")), **change)


def recording(*activities: ActivityDraft, **change: Any) -> Record:
    return replace(Record(scope=SCOPE, session_id=1, activities=activities), **change)


def annotating(*remarks: RemarkDraft) -> Annotate:
    return Annotate(scope=SCOPE, session_id=1, remarks=remarks)


def ending(*remarks: RemarkDraft, at: Instant | None = None) -> End:
    return End(scope=SCOPE, session_id=1, remarks=remarks, at=at)


def delivering(scope: Scope = SCOPE, **change: Any) -> Deliver:
    return Deliver(scope=scope, visit=replace(VISIT, **change), facets={}, source=SOURCE)


def registering(agent_id: str, scope: Scope = SCOPE) -> Register:
    return Register(scope=scope, agent=AgentDraft(agent_id=agent_id), source=SOURCE)


GOOD: list[tuple[Intent, Intent]] = [
    (opening(), opening()),
    (opening(person=somebody(" 17 ")), opening(person=PersonDraft(id=17))),
    (opening(module=" Till ", key=key("k")), opening(module="Till", key=key("k"))),
    (
        opening(device=DeviceDraft(guid=" g ", name=" n ")),
        opening(device=DeviceDraft(guid="g", name="n")),
    ),
    (opening(started_at=0, ended_at=0), opening(started_at=0, ended_at=0)),
    (opening(started_at=NOON + AHEAD), opening(started_at=NOON + AHEAD)),
    (
        opening(started_at=5, ended_at=9, activities=(did(at=5), did(" a "), did(at=9)), remarks=(why(" b "),)),
        opening(started_at=5, ended_at=9, activities=(did(at=5), did("a"), did(at=9)), remarks=(why("b"),)),
    ),
    (opening(id=1), opening(id=1)),
    (opening(id=INT32), opening(id=INT32)),
    (recording(), recording()),
    (recording(did(" a ", at=NOON + AHEAD), late=True), recording(did("a", at=NOON + AHEAD), late=True)),
    (annotating(why(" a ", " ")), annotating(why("a"))),
    (ending(), ending()),
    (ending(why(" a "), at=NOON + AHEAD), ending(why("a"), at=NOON + AHEAD)),
    (Delete(scope=NARROWED, session_id=1), Delete(scope=NARROWED, session_id=1)),
    (delivering(), delivering()),
    (delivering(agent_id=" a "), delivering(agent_id="a")),
    (registering(" a "), registering("a")),
    (Unregister(scope=SCOPE, agent_id="a"), Unregister(scope=SCOPE, agent_id="a")),
]

FUTURE = NOON + AHEAD + 1

BAD: list[tuple[Intent, str]] = [
    (opening(person=PersonDraft()), "login"),
    (opening(person=PersonDraft(id=0)), "user_id"),
    (opening(module=" "), "module"),
    (opening(device=DeviceDraft(guid="")), "device.guid"),
    (opening(id=0), "id"),
    (opening(id=INT32 + 1), "id"),
    (opening(started_at=-1), "started_at"),
    (opening(started_at=FUTURE), "started_at"),
    (opening(ended_at=FUTURE), "ended_at"),
    (opening(ended_at=LATEST + 1), "ended_at"),
    (opening(started_at=NOON, ended_at=NOON - 1), "ended_at"),
    (opening(ended_at=NOON - 1), "ended_at"),
    (opening(activities=(did(), did(at=NOON - 1))), "activities[1].at"),
    (opening(started_at=5, activities=(did(at=4),)), "activities[0].at"),
    (opening(started_at=5, ended_at=9, activities=(did(at=10),)), "activities[0].at"),
    (opening(activities=(did(at=FUTURE),)), "activities[0].at"),
    (opening(activities=(did(), did(""))), "activities[1].name"),
    (opening(remarks=(why("a"), why(""))), "remarks[1].reason"),
    (opening(activities=(did(),) * 20_001), "activities"),
    (opening(remarks=(why("a"),) * 20_001), "remarks"),
    (recording(did("")), "activities[0].name"),
    (recording(did(), did(at=FUTURE)), "activities[1].at"),
    (recording(*[did()] * 1_001), "activities"),
    (annotating(), "remarks"),
    (annotating(why("")), "remarks[0].reason"),
    (annotating(replace(why("a"), at=FUTURE)), "remarks[0].at"),
    (annotating(*[why("a")] * 1_001), "remarks"),
    (ending(at=FUTURE), "at"),
    (ending(at=-1), "at"),
    (ending(why("a", "x" * 4_001)), "remarks[0].comment"),
    (delivering(date=FUTURE), "date"),
    (registering(""), "agent_id"),
]


def numbered(table: Sequence[tuple[Intent, object]]) -> list[str]:
    return [f"{type(intent).__name__} {i}" for i, (intent, _) in enumerate(table)]


@pytest.mark.parametrize(("intent", "expected"), GOOD, ids=numbered(GOOD))
def test_an_intent_that_keeps_the_rules_is_trimmed(intent: Intent, expected: Intent) -> None:
    assert checked(intent, NOON) == expected
    assert checked(expected, NOON) == expected


@pytest.mark.parametrize(("intent", "field"), BAD, ids=numbered(BAD))
def test_the_first_rule_that_is_broken_is_told_by_its_field(intent: Intent, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(intent, NOON)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "intent",
    [
        delivering(NARROWED),
        registering("a", NARROWED),
        Unregister(scope=NARROWED, agent_id="a"),
    ],
    ids=lambda intent: type(intent).__name__,
)
def test_agents_and_visits_are_no_single_persons(intent: Intent) -> None:
    with pytest.raises(Forbidden):
        checked(intent, NOON)


class TestTheRecorder:
    @pytest.fixture(autouse=True)
    def organisation(self, access: Any) -> None:
        access.add_organisation("Here", "guid", NOON)

    @pytest.fixture
    def recorder(self, store: SessionStore, clock: Clock) -> Recorder:
        return Recorder(store, clock)

    def test_everything_is_stamped_with_its_clock(self, recorder: Recorder, clock: Clock) -> None:
        assert recorder.open(opening()).session.started_at == NOON
        clock.now += 1
        assert recorder.record(recording(did())).activities[0].at == NOON + 1
        clock.now += 1
        assert recorder.annotate(annotating(why("a"))).remarks[0].at == NOON + 2
        clock.now += 1
        assert recorder.end(ending()).ended_at == NOON + 3
        assert recorder.delete(Delete(scope=SCOPE, session_id=1)).session_id == 1
        assert recorder.register(registering("a")).agent.last_seen == NOON + 3
        assert recorder.deliver(delivering()).session_id == FIRST_VISIT
        assert recorder.unregister(Unregister(scope=SCOPE, agent_id="a")).agent_id == "a"

    def test_each_has_a_verdict_of_its_own_in_order_wherever_it_was_refused(self, recorder: Recorder) -> None:
        recorder.open(opening(id=1))
        verdicts = recorder.write([
            opening(module=""),
            opening(id=2),
            recording(did(""), session_id=2),
            opening(id=2),
            recording(session_id=3),
        ])  # fmt: skip
        assert [type(verdict) for verdict in verdicts] == [Invalid, Opened, Invalid, Exists, Unknown]
        assert recorder.write([]) == []

    def test_where_all_are_refused_the_store_is_not_asked(self, clock: Clock) -> None:
        (verdict,) = Recorder(NoStore(), clock).write([opening(module="")])  # type: ignore[arg-type]
        assert isinstance(verdict, Invalid)

    def test_one_that_is_refused_is_raised(self, recorder: Recorder) -> None:
        recorder.open(opening())
        recorder.end(ending())
        refused: list[tuple[Callable[[], object], type[SojournError]]] = [
            (lambda: recorder.open(opening(id=1)), Exists),
            (lambda: recorder.record(recording(did())), Ended),
            (lambda: recorder.annotate(annotating()), Invalid),
            (lambda: recorder.end(ending()), Ended),
            (lambda: recorder.delete(Delete(scope=SCOPE, session_id=9)), Unknown),
        ]
        for work, error in refused:
            with pytest.raises(error):
                work()

    def test_a_store_that_is_away_is_told(self, clock: Clock) -> None:
        with pytest.raises(Unavailable):
            Recorder(NoStore(), clock).open(opening())  # type: ignore[arg-type]

    def test_it_keeps_house_at_its_clock(self, recorder: Recorder, clock: Clock) -> None:
        for number in range(3):
            recorder.open(opening(key=key(str(number))))
        clock.now += DAY
        assert recorder.close_idle(limit=2) == 2
        assert recorder.close_idle() == 1
        assert recorder.forget_keys(limit=2) == 2
        assert recorder.forget_keys() == 1


class NoStore:
    """A store that cannot be reached."""

    def write(self, intents: Sequence[Intent], now: int) -> list[SojournError]:
        raise Unavailable

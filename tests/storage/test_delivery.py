"""What is delivered late, out of order or twice ends up the same as what is delivered in order and once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.errors import SojournError
from sojourn.core.intent import Annotate, End, Intent, Open, Record
from sojourn.core.model import DAY, MINUTE, Activity, ActivityDraft, Instant, PersonDraft, Remark, RemarkDraft, Session
from sojourn.core.ports import AccessStore, SessionStore
from tests.storage.desk import MIDNIGHT, NOON, key

LATER = MIDNIGHT + 20 * DAY
"""When a collector that was offline is online again."""

STEP = 20 * MINUTE
LAST_STEP = 5
"""Two steps are longer than a session may be idle."""

UNSCOPED = Scope(0)
"""Until somebody delivers it."""

_numbers = count(1)

activities = st.builds(
    ActivityDraft,
    entity_type=st.just("CUSTOMER"),
    entity_id=st.sampled_from("123"),
    name=st.sampled_from(["Viewed", "Paid"]),
    note=st.none() | st.sampled_from(["card", "phone"]),
    at=st.integers(0, LAST_STEP).map(lambda step: MIDNIGHT + step * STEP),
)
remarks = st.builds(RemarkDraft, reason=st.sampled_from("ab"), comment=st.none() | st.just("c"))


@st.composite
def stories(draw: st.DrawFn) -> list[Intent]:
    """A session to open, and what is delivered for it. Every time is told, and every delivery has its key."""
    story: list[Intent] = [
        Open(
            scope=UNSCOPED,
            person=PersonDraft(login="ada"),
            started_at=MIDNIGHT,
            activities=tuple(draw(st.lists(activities, max_size=2))),
            remarks=tuple(draw(st.lists(remarks, max_size=1))),
            key=key("open"),
        )
    ]
    for i in range(draw(st.integers(0, 5))):
        told = key(f"part {i}")
        if draw(st.booleans()):
            some = tuple(draw(st.lists(activities, min_size=1, max_size=3)))
            story.append(Record(scope=UNSCOPED, session_id=1, activities=some, late=True, key=told))
        else:
            few = tuple(draw(st.lists(remarks, min_size=1, max_size=2)))
            story.append(Annotate(scope=UNSCOPED, session_id=1, remarks=few, key=told))
    if draw(st.booleans()):
        at = MIDNIGHT + draw(st.integers(LAST_STEP, LAST_STEP + 2)) * STEP
        story.append(End(scope=UNSCOPED, session_id=1, at=at, late=True, key=key("end")))
    return story


def deliver(store: SessionStore, scope: Scope, batch: Sequence[Intent], now: Instant) -> None:
    verdicts = store.write([replace(intent, scope=scope) for intent in batch], now)
    assert not [verdict for verdict in verdicts if isinstance(verdict, SojournError)]


def outcome(store: SessionStore, scope: Scope) -> tuple[Session, list[Activity], list[Remark]]:
    """How the session stands, but for when we heard of it, and in which order."""
    read = store.session(scope, 1, activities=True)
    done = [replace(activity, seq=0) for activity in read.activities]
    assert [activity.at for activity in done] == sorted(activity.at for activity in done)
    said = [replace(remark, at=0) for remark in read.remarks]
    bare = replace(read, organisation=0, updated_at=0, activities=(), remarks=())
    return bare, sorted(done, key=repr), sorted(said, key=repr)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories(), data=st.data())
def test_the_order_of_deliveries_and_their_repetition_do_not_matter(
    store: SessionStore, access: AccessStore, story: list[Intent], data: st.DataObject
) -> None:
    example = next(_numbers)
    straight, crooked = (Scope(access.add_organisation(f"{example} {way}", "guid", NOON).id) for way in "ab")
    for part in story:
        deliver(store, straight, [part], LATER)

    now = LATER
    deliver(store, crooked, story[:1], now)
    parts = data.draw(st.permutations(story[1:]))
    repeated = data.draw(st.lists(st.sampled_from(story), max_size=4))
    places = data.draw(st.lists(st.integers(0, 6), min_size=len(repeated), max_size=len(repeated)))
    for part, place in zip(repeated, places, strict=True):
        parts.insert(place, part)
    while parts:
        size = data.draw(st.integers(1, 3))
        deliver(store, crooked, parts[:size], now)
        parts = parts[size:]
        now += data.draw(st.sampled_from([0, MINUTE, 2 * STEP]))
        if data.draw(st.booleans()):
            store.close_idle(now, 10)
    store.close_idle(LATER + DAY, 10)

    assert outcome(store, crooked) == outcome(store, straight)

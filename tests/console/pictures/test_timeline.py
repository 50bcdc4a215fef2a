"""One session from its start to its end."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.axis import Axis
from sojourn.console.pictures.timeline import Bar, Gap, Note, timeline
from sojourn.core.model import DAY, MINUTE, Instant
from tests.console.pictures.svg import drawn, of_class, percent

FIRST: Instant = 20_000 * DAY
AXIS = Axis(first=FIRST, last=FIRST + 600 * MINUTE, zone=ZoneInfo("Europe/Vienna"))

ranges = st.tuples(st.integers(0, 600), st.integers(0, 600)).map(sorted)


def bar(begin: int, end: int, count: int = 1) -> Bar:
    return Bar(begin=FIRST + begin * MINUTE, end=FIRST + end * MINUTE, count=count, href="#a1", spoken="1 activity")


@given(
    st.lists(st.tuples(ranges, st.integers(1, 20_000)), max_size=300),
    st.lists(ranges, max_size=20),
    st.lists(st.integers(-10, 700), max_size=5),
    st.booleans(),
)
def test_whatever_was_done_is_drawn_inside(
    done: list[tuple[list[int], int]], idle: list[list[int]], said: list[int], running: bool
) -> None:
    bars = [bar(begin, end, count) for (begin, end), count in done]
    gaps = [Gap(begin=FIRST + a * MINUTE, end=FIRST + b * MINUTE, spoken="<idle> & so") for a, b in idle]
    notes = [Note(at=FIRST + at * MINUTE, href="#r1", spoken="Asked for it") for at in said]
    root = drawn(timeline(bars, gaps, notes, AXIS, "Activities", running=running))
    assert len(list(of_class(root, "beat"))) == len(bars)
    assert len(list(of_class(root, "gap"))) == len(gaps)
    assert len(list(of_class(root, "note"))) == len(notes)


def test_a_single_thing_can_be_seen_beside_many() -> None:
    root = drawn(timeline([bar(0, 0), bar(300, 300, 10_000)], [], [], AXIS, "x", running=False))
    one, many = [rect for link in of_class(root, "beat") for rect in link.findall("rect")]
    assert int(one.get("height", "")) >= 8
    assert int(many.get("height", "")) > 4 * int(one.get("height", ""))
    assert percent(one, "width") > 0


def test_only_a_wide_gap_has_words_in_it() -> None:
    gaps = [
        Gap(begin=FIRST, end=FIRST + 20 * MINUTE, spoken="20 min idle"),
        Gap(begin=FIRST + 100 * MINUTE, end=FIRST + 400 * MINUTE, spoken="5 h idle"),
    ]
    root = drawn(timeline([], gaps, [], AXIS, "x", running=True))
    assert [text.text for gap in of_class(root, "gap") for text in gap.findall("text")] == ["5 h idle"]
    assert [title.text for gap in of_class(root, "gap") for title in gap.findall("title")] == [
        "20 min idle",
        "5 h idle",
    ]
    assert [text.text for text in of_class(root, "end")] == ["goes on ▸"]

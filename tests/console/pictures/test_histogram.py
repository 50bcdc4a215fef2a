"""Days as bars."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.histogram import Bar, histogram
from tests.console.pictures.svg import drawn, of_class, percent

bars = st.lists(
    st.builds(
        Bar,
        day=st.dates(date(1970, 1, 1), date(9999, 12, 31)),
        count=st.integers(0, 10**9),
        href=st.text(min_size=1).map(lambda text: f"?x={text}").filter(str.isprintable),
        spoken=st.text("<>&\"'abc", min_size=1),
        chosen=st.booleans(),
    ),
    max_size=400,
)


@given(some=bars)
def test_whatever_is_counted_is_drawn_inside(some: list[Bar]) -> None:
    root = drawn(histogram(some, "Sessions by day"))
    links = list(root.iter("a"))
    assert [link.get("href") for link in links] == [bar.href for bar in some]
    assert [link.get("aria-label") for link in links] == [bar.spoken for bar in some]
    rooms = list(of_class(root, "room"))
    for before, after in pairwise(rooms):
        assert percent(before, "x") + percent(before, "width") <= percent(after, "x") + 0.01


def test_heights_go_by_the_counts_and_little_is_still_seen() -> None:
    some = [
        Bar(day=date(2026, 9, 1) + timedelta(i), count=n, href="?", spoken="x") for i, n in enumerate((0, 1, 500, 1000))
    ]
    root = drawn(histogram(some, "x"))
    heights = [int(fill.get("height", "")) for fill in of_class(root, "fill")]
    assert heights[0] == 0
    assert heights[1] == 2
    assert heights[3] == 2 * heights[2]


def test_what_is_chosen_is_told_and_marked_without_colour_alone() -> None:
    some = [Bar(day=date(2026, 9, i), count=i, href="?", spoken="x", chosen=i == 2) for i in (1, 2, 3)]
    root = drawn(histogram(some, "x"))
    assert [link.get("aria-current") for link in root.iter("a")] == [None, "true", None]
    assert len(list(of_class(root, "chosen-mark"))) == 1

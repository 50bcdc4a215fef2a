"""Sessions in lanes."""

from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.axis import Axis
from sojourn.console.pictures.lanes import Lane, Stretch, lanes
from sojourn.core.model import DAY, MINUTE, Instant
from tests.console.pictures.svg import drawn, of_class, percent

FIRST: Instant = 20_000 * DAY
AXIS = Axis(first=FIRST, last=FIRST + DAY, zone=ZoneInfo("Europe/Vienna"))


def stretch(begin: int, end: int | None, **more: Any) -> Stretch:
    """From minute to minute of the day."""
    ended = None if end is None else FIRST + end * MINUTE
    return Stretch(begin=FIRST + begin * MINUTE, end=ended, href="/sessions/1", spoken="x", kind="ended", **more)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    begin = draw(st.integers(-2_000, 3_000))
    return stretch(begin, draw(st.none() | st.integers(begin, 4_000)))


@given(st.lists(st.lists(stretches(), max_size=12), max_size=6), st.none() | st.integers(-10, 1_500))
def test_nothing_overlaps_and_nothing_is_left_out(some: list[list[Stretch]], now: int | None) -> None:
    named = [Lane(name=f"<person & {i}>", href=f"/people/{i}", stretches=one) for i, one in enumerate(some)]
    root = drawn(lanes(named, AXIS, "Sessions", now=None if now is None else FIRST + now * MINUTE))
    bars = [(link, link.find("rect")) for link in of_class(root, "stretch")]
    assert len(bars) == sum(len(one) for one in some)
    places = []
    for _, rect in bars:
        assert rect is not None
        x, y = percent(rect, "x"), float(rect.get("y", ""))
        places.append((y, x, x + percent(rect, "width")))
    for one, other in pairwise(sorted(places)):
        if one[0] == other[0]:
            assert one[2] <= other[1] + 0.01 or one[2] - one[1] == 0, (one, other)
    names = [float(name.findall("text")[0].get("y", "")) for name in of_class(root, "lane-name")]
    assert names == sorted(names)


def test_as_few_rows_as_there_are_at_the_same_time() -> None:
    some = [stretch(0, 10), stretch(5, 20), stretch(11, 30), stretch(21, None)]
    root = drawn(lanes([Lane(name="ada", href="/people/1", stretches=some)], AXIS, "x"))
    rows = {rect.get("y") for link in of_class(root, "stretch") for rect in link.findall("rect")}
    assert len(rows) == 2


def test_what_reaches_out_has_no_edge_there() -> None:
    some = [stretch(-5, 5), stretch(1_400, 1_500), stretch(100, None), stretch(50, 60, here=True)]
    root = drawn(lanes([Lane(name="ada", href="/people/1", stretches=some)], AXIS, "x"))
    kinds = [link.get("class") for link in of_class(root, "stretch")]
    assert kinds == [
        "stretch ended cut-left", "stretch ended here", "stretch ended cut-right", "stretch ended cut-right",
    ]  # fmt: skip


def test_what_runs_is_drawn_no_further_than_the_present() -> None:
    some = [stretch(0, None), stretch(30, 60), stretch(70, None)]
    named = [Lane(name="ada", href="/people/1", stretches=some)]
    for now, ends in ((DAY // 2, [50.0, 50.0]), (2 * DAY, [100.0, 100.0]), (MINUTE, [100 / 1_440, 70 * 100 / 1_440])):
        root = drawn(lanes(named, AXIS, "x", now=FIRST + now))
        rects = [link.find("rect") for link in of_class(root, "stretch") if "cut-right" in link.get("class", "")]
        found = [percent(r, "x") + percent(r, "width") for r in rects if r is not None]
        assert found == [pytest.approx(end, abs=0.01) for end in ends], now


def test_a_moment_that_was_asked_for_is_a_line() -> None:
    root = drawn(lanes([], AXIS, "x", at=FIRST + DAY // 4, now=FIRST + 2 * DAY))
    assert [group.get("class") for group in of_class(root, "moment")] == ["moment asked"]

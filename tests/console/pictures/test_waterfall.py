import gzip
import re

from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.waterfall import (
    MEANINGS,
    Mark,
    Window,
    axis,
    bar,
    patterns,
    swatch,
    ticks_of,
    window_of,
)
from sojourn.core.request import Phase, Request
from tests.console.pictures.drawing import check, elements, texts

START = 1_700_000_000_000_000
PHASES = ((Phase.BLOCKED, 5.0), (Phase.DNS, 20.0), (Phase.TLS, 40.0), (Phase.WAIT, 200.0), (Phase.RECEIVE, 35.0))


def request(at: float = 0, *, sequence: int = 1, **more: object) -> Request:
    told = {"page": "page_0", "url": "https://site.example/", "status": 200, "phases": PHASES, **more}
    return Request(sequence=sequence, at=START + int(at * 1000), **told)  # type: ignore[arg-type]


spans = st.floats(0, 1e9)
requests = st.builds(
    Request,
    sequence=st.integers(1, 20_000),
    page=st.none(),
    at=st.integers(START - 10**12, START + 10**12),
    url=st.text(),
    status=st.none() | st.integers(100, 599),
    duration=st.none() | spans,
    phases=st.lists(st.tuples(st.sampled_from(Phase), spans), unique_by=lambda one: one[0]).map(tuple),
)


@given(requests, st.floats(-1e8, 1e8), st.floats(1, 1e9))
def test_a_bar_stays_within_its_column(one: Request, first: float, length: float) -> None:
    check(bar(one, Window(start=START, first=first, last=first + length)), height=16)


@given(st.floats(0, 1e7), st.floats(1, 1e8), st.lists(st.tuples(st.text(), st.floats(-1e3, 1e8)), max_size=4))
def test_axis_and_lines_stay_within_theirs(first: float, length: float, marks: list[tuple[str, float]]) -> None:
    window = Window(start=START, first=first, last=first + length)
    named = [Mark(name=_printable(name), sort="load", at=at) for name, at in marks]
    check(axis(window, named), height=26 + 14 * len(named))
    check(bar(request(), window, named), height=16)
    assert 1 <= len(list(ticks_of(window))) <= 12


def _printable(text: str) -> str:
    """XML has no way to spell the others; no name of a mark of ours has them."""
    return "".join(character for character in text if character.isprintable())


def test_each_phase_has_a_height_or_a_pattern_of_its_own() -> None:
    looks = set()
    for phase in Phase:
        (rect,) = [one for one in elements(swatch(phase)) if one.tag == "rect"]
        looks.add((rect.get("height"), rect.get("fill")))
    assert len(looks) == len(Phase) == len(MEANINGS)


def test_a_pattern_that_is_used_is_there() -> None:
    told = {one.get("id") for one in elements(patterns()) if one.tag == "pattern"}
    used = {found for phase in Phase for found in re.findall(r"url\(#([^)]+)\)", swatch(phase))}
    assert used == told


def test_one_late_request_does_not_make_hairlines_of_the_others() -> None:
    some = [request(), request(100), request(60_000)]
    assert window_of(START, some, 2_000, full=False).last == 2_200
    assert window_of(START, some, 2_000, full=True).last == 60_300
    assert window_of(START, some, None, full=False).last == 60_300


def test_a_window_ends_with_the_last_request_where_that_is_soon_after_the_load() -> None:
    assert window_of(START, [request(1_850)], 2_100, full=False).last == 2_150


def test_a_window_of_nothing_is_still_a_window() -> None:
    check(axis(window_of(START, [], None, full=False)))


def test_what_lies_outside_points_there() -> None:
    window = Window(start=START, first=1_000, last=2_000)
    assert texts(bar(request(), window)) == ["←"]
    assert texts(bar(request(5_000), window)) == ["→"]


def test_a_request_without_an_answer_is_marked() -> None:
    assert texts(bar(request(status=None), Window(start=START, first=0, last=1_000))) == ["×"]


def test_a_thousand_bars_are_small() -> None:
    window = Window(start=START, first=0, last=3_000)
    marks = [Mark(name="there", sort="load", at=2_000)]
    told = "".join(bar(request(i * 2.5, sequence=i), window, marks) for i in range(1_050))
    assert len(told) < 800_000
    assert len(gzip.compress(told.encode())) < 60_000

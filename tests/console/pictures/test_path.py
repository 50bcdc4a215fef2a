from hypothesis import given
from hypothesis import strategies as st

from sojourn.console.pictures.path import path, row, shortened
from sojourn.core.way import Delays, Step, StepKind
from tests.console.pictures.drawing import check, elements, texts

words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)
delays = st.builds(Delays.of, st.lists(st.floats(0, 1e7, allow_subnormal=False), min_size=1, max_size=8))
steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(StepKind),
        first=st.none() | st.integers(1, 255),
        last=st.none() | st.integers(1, 255),
        name=st.none() | words,
        address=st.none() | words,
        delays=st.none() | delays,
        sent=st.just(10),
        lost=st.none() | st.integers(0, 10),
        asn=st.none() | st.integers(0, 2**32),
        mpls=st.lists(words, max_size=3).map(tuple),
        remark=st.none() | words,
    ),
    max_size=60,
)


@given(steps)
def test_the_way_stays_within_its_picture(some: list[Step]) -> None:
    picture = path(some)
    (root,) = [one for one in elements(picture) if one.tag == "svg"]
    _, _, width, height = (root.get("viewBox") or "").split()
    check(picture, float(width), float(height))
    check(row(some))


def test_hostile_names_are_text() -> None:
    hostile = "</title><script>alert(1)</script>\"'&"
    picture = path([Step(kind=StepKind.HOP, first=1, last=1, name=hostile)])
    assert "<script" not in picture
    assert any(hostile in told for told in texts(picture))


def test_silence_is_neutral_and_says_that_it_is_no_loss() -> None:
    picture = path([Step(kind=StepKind.MACHINE), Step(kind=StepKind.SILENT, first=3, last=5)])
    assert "loses" not in picture
    assert any("That is no loss" in told for told in texts(picture))
    assert "hops 3–5" in texts(picture)


def test_a_site_that_loses_says_so_in_words_and_by_a_cross() -> None:
    picture = path([Step(kind=StepKind.SITE, name="site.example", sent=10, lost=3)])
    assert "3 of 10 lost" in texts(picture)
    assert [one.get("class") for one in elements(picture) if one.tag == "path"] == ["cross"]


def test_neighbours_with_labels_share_a_band() -> None:
    labelled = Step(kind=StepKind.HOP, first=2, last=2, mpls=("L=1,E=0,S=1,T=1",))
    plain = Step(kind=StepKind.HOP, first=1, last=1)
    assert texts(path([plain, labelled, labelled, plain, labelled])).count("MPLS") == 2


def test_a_long_name_keeps_its_ends() -> None:
    assert shortened("ae12.core-router.example.net", 11) == "ae12.…e.net"
    assert shortened("short", 11) == "short"

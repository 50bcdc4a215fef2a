"""Ids, rounds and scores of visits: pure rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.model import FIRST_VISIT, SECOND
from sojourn.core.report import Page, PageTimings
from sojourn.core.visit import Facet, VisitQuery, experience_score, parse_user_session_id, round_of, user_session_id


def test_a_round_is_the_minute_of_the_date() -> None:
    assert round_of(1_490_529_523 * SECOND + 999_999) == 1_490_529_480


@given(st.integers(1, 10**9), st.integers(0, 10**15), st.integers(0, 62**8 - 1))
def test_an_id_can_be_read_back(organisation: int, date: int, number: int) -> None:
    text = user_session_id(organisation, date, FIRST_VISIT + number)
    assert parse_user_session_id(text) == (organisation, round_of(date), FIRST_VISIT + number)


def test_an_id_looks_like_the_published_ones() -> None:
    assert parse_user_session_id("07625:1490529480:h3qJQTpl") is not None
    assert user_session_id(7625, 1_490_529_480 * SECOND, FIRST_VISIT).startswith("07625:1490529480:")


@pytest.mark.parametrize(
    "text", ["", "1", "07625:1490529480", "07625:x:h3qJQTpl", "07625:1490529480:h3qJQTp!", "7625:1:h3qJQTpl"]
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert parse_user_session_id(text) is None


def page(load: int | None, code: int | None = 200) -> Page:
    timings = None if load is None else PageTimings(on_load=load)
    return Page(id="p", title="t", started_date_time=0, response_code=code, page_timings=timings)


@pytest.mark.parametrize(
    ("pages", "score"),
    [
        ([], None),
        ([page(None)], None),
        ([page(0)], 1.0),
        ([page(2_000)], 1.0),
        ([page(6_000)], 0.5),
        ([page(10_000)], 0.0),
        ([page(60_000)], 0.0),
        ([page(2_000), page(6_000), page(None)], 0.75),
        ([page(100), page(100, 503)], 0.0),
        ([page(100, None)], 1.0),
    ],
)
def test_the_score_is_the_mean_of_the_pages_and_nought_where_one_failed(pages: list[Page], score: float | None) -> None:
    assert experience_score(pages) == score


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1_001}, "limit"),
        ({"first": 2, "last": 1}, "last"),
        ({"filters": {Facet.AGENT_ID: ()}}, "agentId"),
        ({"filters": {Facet.AGENT_ID: ("a",) * 101}}, "agentId"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        VisitQuery(scope=Scope(1), **wanted)
    assert refused.value.field == field

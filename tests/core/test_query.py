"""What may be asked for."""

from typing import Any

import pytest

from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.core.visit import MOST_VALUES, MOST_VISITS, Facet, VisitQuery
from tests.storage.desk import NOON


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"started_from": NOON, "started_to": NOON},
        {"alive_from": NOON, "alive_to": NOON},
        {"started_from": NOON, "alive_to": NOON - 1},
        {"login": "x" * 255, "text": "x" * 4_000},
    ],
)
def test_a_filter_may_be_anything_that_a_session_can_be(wanted: dict[str, Any]) -> None:
    assert SessionFilter(**wanted) == SessionFilter(**wanted)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"started_from": NOON, "started_to": NOON - 1}, "started_to"),
        ({"alive_from": NOON, "alive_to": NOON - 1}, "alive_to"),
        *[({field: ""}, field) for field in ("login", "device", "entity_type", "entity_id", "module", "name", "text")],
        *[({field: "a\0b"}, field) for field in ("login", "device", "module", "name", "text")],
        *[({field: "\ud800"}, field) for field in ("entity_id", "text")],
        ({"login": "x" * 256}, "login"),
        ({"text": "x" * 4_001}, "text"),
    ],
)
def test_a_filter_that_cannot_be_kept_is_refused(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        SessionFilter(**wanted)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wanted", "field"), [({"limit": 0}, "limit"), ({"limit": 1_001}, "limit"), ({"offset": -1}, "offset")]
)
def test_a_page_has_bounds(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        SessionQuery(scope=Scope(1), **wanted)
    assert refused.value.field == field


def test_a_page_may_be_as_long_as_its_bounds() -> None:
    assert [SessionQuery(scope=Scope(1), limit=limit).limit for limit in (1, 1_000)] == [1, 1_000]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": MOST_VISITS + 1}, "limit"),
        ({"first": NOON, "last": NOON - 1}, "last"),
        ({"filters": {Facet.PLATFORM: ()}}, Facet.PLATFORM.value),
        ({"filters": {Facet.PLATFORM: ("x",) * (MOST_VALUES + 1)}}, Facet.PLATFORM.value),
        ({"filters": {Facet.PLATFORM: ("x", "a\0")}}, Facet.PLATFORM.value),
    ],
)
def test_a_page_of_visits_has_bounds_too(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        VisitQuery(scope=Scope(1), **wanted)
    assert refused.value.field == field

"""What an address asks for."""

from zoneinfo import ZoneInfo

import pytest

from sojourn.console.asked import FIELDS, asked
from sojourn.core.model import Kind
from sojourn.core.query import Order, SessionFilter, Status
from sojourn.web.times import parse

VIENNA = ZoneInfo("Europe/Vienna")


def test_nothing_asks_for_everything() -> None:
    question = asked({}, VIENNA)
    assert (question.filter, question.wrong, question.order) == (SessionFilter(), {}, Order.NEWEST)
    assert question.chips() == []
    assert question.parameters() == {}


def test_everything_that_the_core_knows_can_be_asked_for() -> None:
    question = asked(
        {
            "person": " ada ", "device": "{A}", "type": "CUSTOMER", "id": "a/b", "module": "Till", "name": "Paid",
            "text": "card foreign", "status": "ended", "from": "2026-09-01", "to": "2026-09-03",
            "alive": "2026-09-03T12:12", "until": "2026-09-03T13:00", "kind": "visit", "order": "oldest",
        },
        VIENNA,
    )  # fmt: skip
    assert question.wrong == {}
    assert question.filter == SessionFilter(
        login="ada", device="{A}", entity_type="CUSTOMER", entity_id="a/b", module="Till", name="Paid",
        text="card foreign", status=Status.ENDED, kind=Kind.VISIT,
        started_from=parse("x", "2026-08-31T22:00:00Z"), started_to=parse("x", "2026-09-03T21:59:59.999999Z"),
        alive_from=parse("x", "2026-09-03T10:12:00Z"), alive_to=parse("x", "2026-09-03T11:00:59.999999Z"),
    )  # fmt: skip
    assert question.order is Order.OLDEST
    assert [name for name, *_ in question.chips()] == list(FIELDS)
    assert question.parameters()["alive"] == "2026-09-03T12:12+02:00"
    assert question.value("alive") == "2026-09-03T12:12"
    assert asked(question.parameters(), ZoneInfo("Asia/Tokyo")).value("alive") == "2026-09-03T19:12"


def test_a_number_is_a_persons_number() -> None:
    found = asked({"person": "17"}, VIENNA).filter
    assert found is not None
    assert (found.person, found.login) == (17, None)


@pytest.mark.parametrize(
    ("alive", "first", "last"),
    [
        ("2026-09-03T12:12", "2026-09-03T10:12:00Z", "2026-09-03T10:12:00Z"),
        ("2026-09-03", "2026-09-02T22:00:00Z", "2026-09-03T21:59:59.999999Z"),
    ],
)
def test_alive_at_a_moment_is_that_moment_and_on_a_day_is_that_day(alive: str, first: str, last: str) -> None:
    found = asked({"alive": alive}, VIENNA).filter
    assert found is not None
    assert (found.alive_from, found.alive_to) == (parse("x", first), parse("x", last))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"from": "2026-13-01"}, "from"),
        ({"to": "x"}, "to"),
        ({"alive": "soon"}, "alive"),
        ({"until": "soon"}, "until"),
        ({"from": "2026-09-03", "to": "2026-09-02"}, "to"),
        ({"alive": "2026-09-03", "until": "2026-09-02"}, "until"),
        ({"person": "0"}, "person"),
        ({"person": "9" * 30}, "person"),
        ({"person": "x" * 256}, "person"),
        ({"id": "x" * 256}, "id"),
        ({"type": "x\0"}, "type"),
        ({"text": "…"}, "text"),
        ({"status": "gone"}, "status"),
        ({"kind": "fun"}, "kind"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_kept(given: dict[str, str], field: str) -> None:
    question = asked({**given, "module": "Till"}, VIENNA)
    assert set(question.wrong) - {"alive"} == {field} - {"alive"} or field in question.wrong
    assert question.filter is None
    assert question.value("module") == "Till"
    assert question.value(field) == given[field]

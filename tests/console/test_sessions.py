"""The list of sessions: found, counted, turned, exported."""

import csv
import io
import json
import re
from html import unescape

import httpx
import pytest

from tests.console.conftest import SignedIn
from tests.console.desk import activity, link, markup, on_day, place, worked
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage


def numbers(answer: httpx.Response) -> list[int]:
    """The sessions of the table, in order."""
    assert answer.status_code == 200, answer.text
    return [int(n) for n in re.findall(r'data-label="Session"><a href="/sessions/(\d+)', markup(answer))]


@pytest.fixture
def reader(stage: Stage, signed_in: SignedIn) -> Visitor:
    """Somebody who reads at Acme, where four sessions were."""
    worked(stage.recorder, "anna", "08:00", "09:00", module="CARE", device={"guid": "{A-1}", "name": "desk-1"})
    worked(
        stage.recorder,
        "bob",
        "08:30",
        "10:00",
        activities=[activity(on_day("08:40:00"), entityId="a/b ?&", note="called about a card")],
        remarks=[{"reason": "Changed mobile number", "comment": "abroad"}, {"reason": "Other"}],
    )
    worked(stage.recorder, "anna", "09:30", module="TILL")
    worked(stage.recorder, "<b>eve</b>", "11:00", "11:30")
    return signed_in(stage.reader)


def test_all_are_listed_newest_first_and_counted(reader: Visitor) -> None:
    page = reader.get("/sessions")
    assert numbers(page) == [4, 3, 2, 1]
    assert "4 sessions in all" in words_of(page)
    assert "Changed mobile number and 1 more" in words_of(page)


FOUND: list[tuple[dict[str, str], list[int]]] = [
    ({"person": "anna"}, [3, 1]),
    ({"person": "2"}, [3, 1]),
    ({"device": "{A-1}"}, [1]),
    ({"module": "TILL"}, [3]),
    ({"id": "a/b ?&"}, [2]),
    ({"type": "CUSTOMER"}, [2]),
    ({"name": "CustomerSearched"}, [2]),
    ({"text": "MOBILE card"}, [2]),
    ({"status": "active"}, [3]),
    ({"status": "ended"}, [4, 2, 1]),
    ({"from": "2026-11-23T08:30:00Z", "to": "2026-11-23T09:30:00Z"}, [3, 2]),
    ({"from": "2026-11-23", "to": "2026-11-23"}, [4, 3, 2, 1]),
    ({"alive": "2026-11-23T08:45:00Z"}, [2, 1]),
    ({"alive": "2026-11-23T10:30:00Z", "until": "2026-11-23T11:00:00Z"}, [4, 3]),
    ({"order": "oldest"}, [1, 2, 3, 4]),
    ({"kind": "work"}, [4, 3, 2, 1]),
]


def test_it_finds_what_the_native_search_finds(reader: Visitor) -> None:
    for query, found in FOUND:
        page = reader.request("GET", "/sessions", params=query)
        assert numbers(page) == found, query
        assert f"{len(found)} session" in words_of(page)


def test_every_filter_is_a_chip_that_can_be_dropped(reader: Visitor) -> None:
    page = reader.get("/sessions", person="anna", module="TILL", status="active")
    assert numbers(page) == [3]
    for label, value, left in (("Person", "anna", "/sessions?module=TILL&status=active"),):
        found = re.search(rf'class="chip" href="([^"]*)" aria-label="Drop {label} {value}"', markup(page))
        assert found
        assert unescape(found[1]) == left
    assert len(re.findall(r'class="chip"', markup(page))) == 3


def test_the_address_is_the_state_blanks_and_local_times_are_cleaned(reader: Visitor) -> None:
    reader.client.cookies.set("sojourn-zone", "Europe/Vienna", domain="sojourn.example")
    page = reader.get("/sessions?person=&module=+&alive=2026-11-23T09:45&view=lanes&status=")
    assert place(page) == "/sessions?view=lanes&alive=2026-11-23T09%3A45%2B01%3A00"
    assert 'value="2026-11-23T09:45"' in markup(page)
    assert "2 sessions found" in words_of(page)


def test_a_bad_value_is_named_at_its_field_and_the_others_are_kept(reader: Visitor) -> None:
    bad = "x" * 300
    for field in ("from", "to", "alive", "until", "person", "id"):
        page = reader.request("GET", "/sessions", params={field: bad, "module": "TILL"})
        assert page.status_code == 400
        assert re.search(rf'id="f-{field}"[^>]*value="{bad}"[^>]*aria-invalid="true"', markup(page)), field
        assert re.search(rf'class="wrong" id="f-{field}-hint"', markup(page))
        assert 'value="TILL"' in markup(page)


def test_it_is_turned_both_ways(stage: Stage, signed_in: SignedIn) -> None:
    for minute in range(60):
        begin = on_day(f"10:{minute:02d}:00")
        stage.recorder.post("/api/v1/sessions", json={"login": "anna", "startedAt": begin, "endedAt": begin})
    reader = signed_in(stage.reader)
    first = reader.get("/sessions")
    second = reader.get(link(first, "Older"))
    third = reader.get(link(second, "Older"))
    assert numbers(first) + numbers(second) + numbers(third) == list(range(60, 0, -1))
    assert ">Older</a>" not in markup(third)
    back = reader.get(link(third, "Newer"))
    assert numbers(back) == numbers(second)
    assert numbers(reader.get(link(back, "Newer"))) == numbers(first)
    assert ">Newer</a>" not in markup(reader.get(link(back, "Newer")))
    assert "Showing 10 of 60" in words_of(third)


def test_how_long_a_page_is_stands_in_its_address(stage: Stage, signed_in: SignedIn) -> None:
    for minute in range(55):
        worked(stage.recorder, "anna", f"10:{minute:02d}", f"10:{minute:02d}")
    reader = signed_in(stage.reader)
    usual = reader.get("/sessions")
    assert numbers(usual) == list(range(55, 30, -1))
    (choice,) = re.findall(r'<a href="([^"]*limit=50[^"]*)">50</a>', usual.text)
    longer = reader.get(unescape(choice))
    assert numbers(longer) == list(range(55, 5, -1))
    assert 'aria-current="true">50</a>' in markup(longer)
    assert 'name="limit" value="50"' in markup(longer), "the form forgets it"
    assert numbers(reader.get(link(longer, "Older"))) == list(range(5, 0, -1))
    for other in ("7", "x", "-1", "5000"):
        assert len(numbers(reader.get("/sessions", limit=other))) == 25
    assert "Rows on a page" not in words_of(reader.get("/sessions", view="lanes", limit=50))  # which show more


def test_few_sessions_ask_for_no_choice(reader: Visitor) -> None:
    assert "Rows on a page" not in words_of(reader.get("/sessions"))


def test_a_place_of_another_list_begins_at_the_first_page(reader: Visitor) -> None:
    page = reader.get("/sessions", after="AAZg7qg4KkAAAAAAAAAAAlJjPRoGloo0", person="anna")
    assert place(page) == "/sessions?person=anna"


def test_lanes_show_the_same_with_everybody_named(reader: Visitor) -> None:
    page = reader.get("/sessions", view="lanes", alive="2026-11-23T08:45:00Z")
    assert re.findall(r'class="stretch (\w+)[^"]*" href="/sessions/(\d+)"', markup(page)) == [
        ("ended", "1"),
        ("ended", "2"),
    ]
    assert "asked for" in markup(page)
    assert "Session 2 of bob: 23 November 08:30 to 10:00 (1 h 30 min)" in markup(page)


def test_each_day_is_a_link_to_its_sessions(reader: Visitor) -> None:
    page = reader.get("/sessions")
    (href,) = re.findall(r'href="([^"]*)" aria-label="Monday 23 November 2026: 4 sessions"', markup(page))
    day = reader.get(unescape(href))
    assert numbers(day) == [4, 3, 2, 1]
    assert re.search(r'aria-label="Monday 23 November 2026: 4 sessions" aria-current="true"', markup(day))
    assert "from=2026-11-23" in str(day.url)


def test_the_days_count_what_the_other_filters_find(reader: Visitor) -> None:
    page = reader.get("/sessions", person="anna", alive="2026-11-23T08:45:00Z")
    assert "Monday 23 November 2026: 2 sessions" in markup(page)


def test_what_is_shown_is_exported(reader: Visitor) -> None:
    page = reader.get("/sessions", person="anna")
    table = reader.get(link(page, "Sessions as CSV"))
    assert table.headers["content-type"].startswith("text/csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(table.text))] == ["3", "1"]
    lines = reader.get(link(page, "Sessions as NDJSON"))
    assert [json.loads(line)["id"] for line in lines.text.splitlines()] == [3, 1]
    done = reader.get(link(reader.get("/sessions"), "Activities as NDJSON"))
    assert [json.loads(line)["entityId"] for line in done.text.splitlines()] == ["a/b ?&"]
    assert reader.request("GET", "/sessions/export", params={"from": "x"}).status_code == 400


def test_what_was_recorded_is_text_and_never_markup(reader: Visitor) -> None:
    for view in ("table", "lanes"):
        page = reader.get("/sessions", view=view)
        assert "&lt;b&gt;eve&lt;/b&gt;" in markup(page)
        assert "<b>eve" not in markup(page)


def test_nothing_found_says_what_to_do_next(reader: Visitor, stage: Stage, signed_in: SignedIn) -> None:
    assert "Drop one of the filters" in words_of(reader.get("/sessions", person="nobody"))
    assert "sojourn demo" in words_of(signed_in(stage.stranger).get("/sessions"))


def test_everybody_sees_what_is_theirs(reader: Visitor, stage: Stage, signed_in: SignedIn) -> None:
    mine = worked(stage.clerk, "clerk", "10:00", "11:00")
    assert numbers(signed_in(stage.clerk).get("/sessions")) == [mine]
    assert numbers(signed_in(stage.stranger).get("/sessions")) == []
    for path in ("/sessions", "/sessions/export", "/sessions/1", "/entities?id=1", "/people", "/people/1", "/find?q=1"):
        assert signed_in(stage.outsider).get(path).status_code == 403
        with_nothing = stage.nobody.get(path)
        assert (with_nothing.status_code, with_nothing.headers["location"][:8]) == (303, "/sign-in")
    assert "anna" not in markup(signed_in(stage.clerk).get("/sessions/export"))

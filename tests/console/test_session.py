"""One session: what is told of it, and what may be added."""

import json
import re
from html import unescape

import pytest

from tests.console.conftest import SignedIn
from tests.console.desk import activity, busy, link, markup, on_day, opened, worked
from tests.console.visitor import Visitor, words_of
from tests.stage import Stage


@pytest.fixture
def number(stage: Stage) -> int:
    """A session with a pause of an hour, and a reason."""
    return worked(
        stage.recorder,
        "anna",
        "08:00",
        "10:00",
        module="CARE",
        device={"guid": "{A-1}", "name": "desk-1"},
        activities=[
            activity(on_day("08:10:00"), entityId="1"),
            activity(on_day("09:10:00"), entityType="A/B", entityId="x ?&/ü", name="Paid", note="<i>note</i>"),
        ],
        remarks=[{"reason": "Changed mobile number", "comment": "abroad", "at": on_day("09:59:00")}],
    )


def test_it_tells_who_where_when_what_and_why(stage: Stage, signed_in: SignedIn, number: int) -> None:
    page = signed_in(stage.reader).get(f"/sessions/{number}")
    told = words_of(page).replace(" ,", ",")
    for words in (
        "Session 1 of anna", "desk-1", "CARE", "2 h", "23 Nov 2026, 10:00 by somebody", "08:10:00", "Paid",
        "<i>note</i>", "Changed mobile number", "abroad", "1 h in 1 pause", "1 h idle",
    ):  # fmt: skip
        assert words in told, words
    assert 'href="/entities?type=A%2FB&amp;id=x+%3F%26%2F%C3%BC"' in markup(page)
    assert re.search(r'<tr id="a2">', markup(page))
    assert 'href="#a2"' in markup(page)


def test_its_neighbours_of_that_day_are_drawn(stage: Stage, signed_in: SignedIn, number: int) -> None:
    worked(stage.recorder, "anna", "11:00", "11:30")
    worked(stage.recorder, "bob", "11:00", "11:30")
    page = signed_in(stage.reader).get(f"/sessions/{number}")
    assert re.findall(r'class="stretch [^"]*" href="/sessions/(\d+)"', markup(page)) == ["1", "2"]
    assert re.search(r'class="stretch ended here" href="/sessions/1"[^>]*aria-current="true"', markup(page))


def test_ten_thousand_activities_are_paged_and_each_has_an_address(stage: Stage, signed_in: SignedIn) -> None:
    number = busy(stage, 10_000)
    reader = signed_in(stage.reader)
    first = reader.get(f"/sessions/{number}")
    assert len(re.findall(r'<tr id="a\d+">', markup(first))) == 50
    assert len(first.content) < 300_000
    assert len(re.findall(r'<a class="beat"', markup(first))) <= 240
    second = reader.get(link(first, "next"))
    assert '<tr id="a51">' in markup(second)
    back = reader.get(link(second, "prev"))
    assert '<tr id="a1">' in markup(back)
    assert 'rel="prev"' not in markup(back)
    at = re.search(r'<tr id="a51">.*?href="([^"]*)#a51"', markup(second), re.DOTALL)
    assert at
    assert re.search(r'<tbody>\s*<tr id="a51">', markup(reader.get(unescape(at[1]))))


def test_a_session_of_several_days_tells_the_day_of_everything(stage: Stage, signed_in: SignedIn) -> None:
    done = [activity(at) for at in ("2026-11-20T08:10:00Z", "2026-11-22T09:20:00Z")]
    number = opened(
        stage.recorder, "anna", startedAt="2026-11-20T08:00:00Z", endedAt="2026-11-22T10:00:00Z", activities=done
    )
    told = words_of(signed_in(stage.reader).get(f"/sessions/{number}")).replace(" ,", ",")
    for words in ("08:00:00 to 22 Nov, 10:00:00, 2 d 2 h", "20 Nov, 08:10:00", "22 Nov, 09:20:00"):
        assert words in told, words


def test_all_of_it_is_told_as_json(stage: Stage, signed_in: SignedIn, number: int) -> None:
    raw = signed_in(stage.reader).get(f"/sessions/{number}/raw")
    assert raw.headers["content-type"] == "application/json"
    told = json.loads(raw.text)
    assert (told["id"], told["login"], [a["entityId"] for a in told["activities"]]) == (1, "anna", ["1", "x ?&/ü"])


def _key(visitor: Visitor, number: int) -> str:
    found = re.search(r'name="key" value="(\w+)"', markup(visitor.get(f"/sessions/{number}")))
    assert found
    return found[1]


def _remarks(stage: Stage, number: int) -> list[str]:
    return [remark["reason"] for remark in stage.reader.get(f"/api/v1/sessions/{number}").json()["remarks"]]


def test_a_reason_is_added_once_however_often_it_is_sent(stage: Stage, signed_in: SignedIn, number: int) -> None:
    visitor = signed_in(stage.recorder)
    form = {"reason": "Fraud check", "comment": "asked by the bank", "key": _key(visitor, number)}
    page = visitor.post(f"/sessions/{number}/remarks", form)
    assert page.url.path == f"/sessions/{number}"
    assert "The reason is noted." in words_of(page)
    assert "asked by the bank" in words_of(page)
    before = stage.dump()["remark"]
    assert visitor.post(f"/sessions/{number}/remarks", form).status_code == 200
    assert stage.dump()["remark"] == before
    visitor.post(f"/sessions/{number}/remarks", {**form, "reason": "Another"})
    assert _remarks(stage, number) == ["Changed mobile number", "Fraud check", "Another"]


def test_a_bad_reason_is_named_at_its_field_and_nothing_is_lost(stage: Stage, signed_in: SignedIn, number: int) -> None:
    visitor = signed_in(stage.recorder)
    for reason, words in (("", "Must not be empty."), ("x" * 256, "Must not be longer than 255 characters.")):
        page = visitor.post(f"/sessions/{number}/remarks", {"reason": reason, "comment": "kept", "key": "k"})
        assert page.status_code == 400
        assert words in words_of(page)
        assert re.search(r'id="f-reason"[^>]*aria-invalid="true"', markup(page))
        assert ">kept</textarea>" in markup(page)
    assert _remarks(stage, number) == ["Changed mobile number"]


def test_a_session_is_ended_once_with_a_reason(stage: Stage, signed_in: SignedIn) -> None:
    number = worked(stage.recorder, "anna", "10:00")
    visitor = signed_in(stage.recorder)
    form = {"reason": "Left", "comment": "", "at": "2026-11-23T11:00:00Z", "key": _key(visitor, number)}
    for _ in range(2):  # a double click
        page = visitor.post(f"/sessions/{number}/end", form)
        assert "The session has ended." in words_of(page)
    told = stage.reader.get(f"/api/v1/sessions/{number}").json()
    assert (told["status"], told["endedAt"], told["closing"]) == ("ended", on_day("11:00:00"), "ended")
    assert _remarks(stage, number) == ["Left"]
    assert "End this session" not in words_of(visitor.get(f"/sessions/{number}"))


def test_a_bad_end_is_named_at_its_field(stage: Stage, signed_in: SignedIn) -> None:
    number = worked(stage.recorder, "anna", "10:00")
    visitor = signed_in(stage.recorder)
    for fields, field, words in (
        ({"at": "soon"}, "at", "Must be a time such as"),
        ({"at": "2026-11-23T09:00:00Z"}, "at", "Must not be"),
        ({"comment": "why not"}, "end-reason", "Must be given where there is a comment."),
    ):
        page = visitor.post(f"/sessions/{number}/end", {"key": "k", **fields})
        assert page.status_code == 400
        assert words in words_of(page)
        assert re.search(rf'id="(f-)?{field}"[^>]*aria-invalid="true"', markup(page))
    assert stage.reader.get(f"/api/v1/sessions/{number}").json()["status"] == "active"


def test_what_has_ended_meanwhile_is_told_and_what_was_typed_is_kept(stage: Stage, signed_in: SignedIn) -> None:
    number = worked(stage.recorder, "anna", "10:00", "11:00")
    page = signed_in(stage.recorder).post(f"/sessions/{number}/end", {"key": "k", "reason": "Left"})
    assert page.status_code == 409
    assert f"Session {number} has ended." in words_of(page)
    assert 'value="Left"' in markup(page)


def test_who_may_not_write_sees_no_form_and_is_refused(stage: Stage, signed_in: SignedIn) -> None:
    number = worked(stage.recorder, "anna", "10:00")
    before = stage.dump()["session"], stage.dump()["remark"]
    reader = signed_in(stage.reader)
    assert "<form" not in markup(reader.get(f"/sessions/{number}")).partition("<main")[2]
    told = {}
    for name in ("reader", "clerk", "stranger", "outsider"):
        visitor = signed_in(stage.people[name])
        for form in ("remarks", "end"):
            told[name, form] = visitor.post(f"/sessions/{number}/{form}", {"reason": "x", "key": "k"}).status_code
    assert told == {
        ("reader", "remarks"): 403, ("reader", "end"): 403, ("clerk", "remarks"): 404, ("clerk", "end"): 404,
        ("stranger", "remarks"): 404, ("stranger", "end"): 404, ("outsider", "remarks"): 403, ("outsider", "end"): 403,
    }  # fmt: skip
    assert (stage.dump()["session"], stage.dump()["remark"]) == before


def test_what_is_not_the_callers_is_unknown_in_the_same_words(stage: Stage, signed_in: SignedIn, number: int) -> None:
    for name in ("clerk", "stranger"):
        visitor = signed_in(stage.people[name])
        for path in (f"/sessions/{number}", f"/sessions/{number}/raw", "/sessions/x", "/sessions/999"):
            page = visitor.get(path)
            assert page.status_code == 404, path
            assert "anna" not in markup(page)


def test_a_form_without_its_proof_changes_nothing(stage: Stage, signed_in: SignedIn, number: int) -> None:
    visitor = signed_in(stage.recorder)
    answer = visitor.request("POST", f"/sessions/{number}/remarks", data={"reason": "x", "key": "k"})
    assert answer.status_code == 403
    assert _remarks(stage, number) == ["Changed mobile number"]

"""`sojourn org set-retention`, `sojourn hold`, `sojourn erase`, `sojourn sweep`."""

import json

from sojourn.core.access import Scope
from sojourn.services import Services
from tests.cli.conftest import Run


def test_how_long_what_is_kept_is_set_and_shown(run: Run, company: Services) -> None:
    run("org", "set-retention", "1", "--work", "365d", "--login", "90d")
    shown = json.loads(run("org", "show", "1", "--json").output)
    assert (shown["keepsWork"], shown["keepsLogin"], shown["keepsVisit"]) == (365 * 86_400, 90 * 86_400, "forever")
    run("org", "set-retention", "1", "--login", "forever")
    assert "365d" in run("org", "list").output
    assert json.loads(run("org", "show", "1", "--json").output)["keepsLogin"] == "forever"
    assert "86400" in run("org", "set-retention", "1", "--work", "1h", code=1).output
    assert "forever" in run("org", "set-retention", "1", "--work", "0s", code=2).output


def test_what_has_had_its_time_is_swept(run: Run, company: Services) -> None:
    run("org", "set-retention", "1", "--work", "1d")
    before = json.loads(run("org", "show", "1", "--json").output)
    assert before["keepsWork"] == 86_400
    assert "sessions with" in run("sweep").output
    assert "Deleted 0 sessions" in run("sweep", "--for", "1m").output


def test_holding_and_letting_go(run: Run, company: Services) -> None:
    assert "Nothing is on legal hold" in run("hold", "list").output
    assert "is on legal hold." in run("hold", "add", "session", "1", "--why", "Case 12").output
    assert "already" in run("hold", "add", "session", "1", "--why", "Case 13").output
    (row,) = json.loads(run("hold", "list", "--json").output)
    assert (row["noun"], row["number"], row["why"]) == ("session", 1, "Case 12")
    assert row["heldBy"].endswith("by command")
    run("hold", "drop", "session", "1")
    run("hold", "drop", "session", "1", code=1)
    run("hold", "add", "session", "x", "--why", "Case 12", code=2)
    run("hold", "add", "person", "nobody-known", "--why", "Case 12", code=1)


def test_erasing_asks_whether_it_is_meant(run: Run, company: Services) -> None:
    people = [person.login for person in company.journal.people(scope(), after=None, limit=10).people]
    login = people[0]
    run("erase", "person", login, "--why", "By letter", input="n\n", code=1)
    assert [p.login for p in company.journal.people(scope(), after=None, limit=10).people] == people
    told = run("erase", "person", login, "--why", "By letter", input="y\n").output
    assert "for ever?" in told
    assert "Backups" in told
    assert login not in [p.login for p in company.journal.people(scope(), after=None, limit=10).people]
    receipt = json.loads(run("erase", "show", "1").output)
    assert (receipt["state"], receipt["why"], receipt["deleted"]["people"]) == ("done", "By letter", 1)
    assert "By letter" in run("erase", "list").output
    run("erase", "show", "9", code=1)
    assert not receipt["scrubbed"]
    assert "written anew" in run("scrub").output
    assert json.loads(run("erase", "show", "1").output)["scrubbed"]


def test_erasing_an_entity(run: Run, company: Services) -> None:
    told = run("erase", "entity", "CUSTOMER", "98662653", "--why", "By letter", "--yes", "--json").output
    assert json.loads(told)["noun"] == "entity"


def scope() -> Scope:
    return Scope(1)

"""`sojourn org`."""

import json

from sojourn.services import Services
from tests.cli.conftest import Run


def test_organisations_are_listed(company: Services, run: Run) -> None:
    company.registry.add_organisation("Beta")
    told = json.loads(run("org", "list", "--json").stdout)
    assert [(one["id"], one["name"], one["idleLimit"], one["timeZone"]) for one in told] == [
        (1, "Default", 1800, "UTC"),
        (2, "Beta", 1800, "UTC"),
    ]
    table = run("org", "list").stdout.splitlines()
    heads = "id name idle limit rate limit time zone keeps work keeps login keeps visit device guid created"
    assert table[0].split() == heads.split()
    assert table[2].split()[:7] == ["2", "Beta", "30m", "240", "UTC", "forever", "forever"]


def test_one_is_added_with_an_owner(company: Services, run: Run) -> None:
    assert run("org", "add", "Beta", "--owner", "bo@example.org").stdout == "Organisation 2 is Beta.\n"
    (member,) = company.registry.members(2)
    assert (member.principal.email, member.group, member.is_default) == ("bo@example.org", "Owners", True)
    assert json.loads(run("org", "add", "Gamma", "--json").stdout)["id"] == 3


def test_a_name_that_is_taken_is_refused(company: Services, run: Run) -> None:
    assert run("org", "add", "Default", code=1).stderr == "sojourn: There is already an organisation Default\n"


def test_what_is_given_is_changed(company: Services, run: Run) -> None:
    run("org", "set", "Default", "--name", "Acme", "--idle-limit", "45m")
    run("org", "set", "1", "--rate-limit", "600", "--time-zone", "Europe/Berlin")
    one = company.registry.organisation(1)
    assert (one.name, one.idle_limit, one.rate_limit, one.time_zone) == ("Acme", 2700, 600, "Europe/Berlin")
    assert json.loads(run("org", "set", "1", "--idle-limit", "0s", "--json").stdout)["idleLimit"] == 0


def test_what_breaks_a_rule_is_refused(company: Services, run: Run) -> None:
    assert "IANA" in run("org", "set", "1", "--time-zone", "Mars/Base", code=1).stderr
    assert "rate_limit must be a number" in run("org", "set", "1", "--rate-limit", "0", code=1).stderr
    assert "90s, 30m, 12h" in run("org", "set", "1", "--idle-limit", "5", code=2).stderr
    assert "There is no organisation 7" in run("org", "set", "7", code=1).stderr
    assert "There is no organisation Zeta" in run("org", "set", "Zeta", code=1).stderr
    assert company.registry.organisation(1).time_zone == "UTC"

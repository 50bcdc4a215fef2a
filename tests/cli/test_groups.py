"""`sojourn access`."""

import json

import pytest

from sojourn.core.access import Level, Resource
from sojourn.services import Services
from tests.cli.conftest import Run


@pytest.mark.parametrize("spelled", ["Activity Sessions", "activity-sessions", "ACTIVITY_SESSIONS"])
def test_a_group_is_made_and_changed(spelled: str, company: Services, run: Run) -> None:
    told = run("access", "set", "Auditors", spelled, "read").stdout
    assert told == "Auditors of organisation 1 has Read access to Activity Sessions.\n"
    (group,) = [group for group in company.registry.groups(1) if group.name == "Auditors"]
    assert group.levels[Resource.ACTIVITY_SESSIONS] is Level.READ
    assert group.levels[Resource.ADMINISTRATION] is Level.NONE


def test_groups_are_listed(company: Services, run: Run) -> None:
    told = json.loads(run("access", "list", "--json").stdout)
    assert {one["name"]: one["activitySessions"] for one in told} == {
        "Owners": "Write",
        "Readers": "Read",
        "Recorders": "Write",
    }
    assert "login sessions" in run("access", "list").stdout


def test_a_group_is_dropped_when_nobody_is_in_it(company: Services, run: Run) -> None:
    run("access", "set", "Auditors", "activity-sessions", "read")
    run("user", "add", "bo", "Auditors")
    assert "nobody is in" in run("access", "drop", "Auditors", code=1).stderr
    run("user", "remove", "bo")
    run("access", "drop", "Auditors")
    assert "Auditors" not in run("access", "list").stdout


def test_what_is_not_known_is_refused(company: Services, run: Run) -> None:
    assert "There are: Activity Sessions" in run("access", "set", "X", "Tea", "read", code=2).stderr
    assert "'none', 'read', 'write'" in run("access", "set", "X", "administration", "much", code=2).stderr
    assert "There is no access group X" in run("access", "drop", "X", code=1).stderr

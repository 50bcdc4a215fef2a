"""The page on operating tells what there is, and an older release serves what a later one has migrated."""

import re
from pathlib import Path

import pytest

from sojourn.core.model import SECOND
from sojourn.services import services
from sojourn.storage.engine import Engine
from sojourn.storage.sql import migrations
from tests.api.native_v1.samples import opened
from tests.stage import Stage

PAGE = (Path(__file__).parents[2] / "docs/how-to/operate.md").read_text()
UNRELEASED = 7
"""Steps up to this one are older than the first release."""


def test_every_metric_is_told_and_no_other(stage: Stage) -> None:
    text = stage.nobody.get("/metrics").text
    kinds = re.findall(r"^# TYPE (\S+) ", text, flags=re.MULTILINE)
    served = {name for name in kinds if not name.endswith("_created")}
    assert set(re.findall(r"^\| `(sojourn_\w+)` \|", PAGE, flags=re.MULTILINE)) == served


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)", PAGE))))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (Path(__file__).parents[2] / "docs/how-to" / target).exists()


def test_steps_after_the_first_release_only_add() -> None:
    for version, name, text in migrations():
        if version > UNRELEASED:
            bare = re.sub(r"--[^\n]*", "", text).upper()
            assert not re.search(r"\b(DROP (TABLE|COLUMN)|RENAME)\b", bare), f"{version:04d} {name}"
            for added in re.findall(r"ADD COLUMN ([^;]*);", bare):
                assert "NOT NULL" not in added or "DEFAULT" in added, f"{version:04d} {name}"


LATER = """
CREATE TABLE later (organisation INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (organisation, id)) STRICT;
ALTER TABLE session ADD COLUMN later TEXT;
CREATE INDEX session_later ON session (organisation, later);
"""


def a_later_release_migrates(engine: Engine, now: int) -> None:
    with engine.write() as transaction:
        engine.script(transaction, LATER)
        transaction.run(
            "INSERT INTO migration (version, name, applied_at) VALUES (:version, 'later', :now)",
            {"version": 9_999, "now": now},
        )


def test_a_server_goes_on_while_a_later_release_migrates_and_after_it_starts_again(stage_on_each: Stage) -> None:
    stage = stage_on_each
    first = opened(stage.owner)
    other = services(stage.settings, stage.clock)
    try:
        a_later_release_migrates(other.engine, stage.clock.now // SECOND)
        assert stage.owner.get(f"/api/v1/sessions/{first}").status_code == 200
        assert opened(stage.owner) == first + 1
        assert stage.owner.delete(f"/api/v1/sessions/{first}").status_code == 204
        assert other.migrate() == [], "what it does not know it leaves as it is"
        assert other.upkeep.pending() == []
    finally:
        other.close()

"""The page on growing, walked as it is printed: from one file to PostgreSQL, whole or by sessions, and to Citus."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from sojourn.storage.database import connect
from sojourn.storage.engine import Row
from tests import citus
from tests.companies import fill, opened, visit_once
from tests.servers import SOJOURN, environment
from tests.storage.tables import contents

PAGE = (Path(__file__).parents[2] / "docs/how-to/scale-out.md").read_text(encoding="utf-8")
PLACE = "postgresql://sojourn:…@db.example.org/sojourn"


def commands(title: str) -> list[str]:
    """The lines of shell under a heading that are ours: PostgreSQL's own programs need not be on this machine."""
    section = re.split(r"^##+ ", PAGE.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", section, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if "sojourn" in line and not line.startswith("create")]


def walk(lines: Sequence[str], here: str, there: str, cwd: Path) -> str:
    """What the lines told, typed one after the other where the database is `here` and the place printed is `there`."""
    bash = shutil.which("bash")
    assert bash is not None
    path = f"{Path(SOJOURN).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        [bash, "-euo", "pipefail", "-c", "\n".join(lines).replace(PLACE, there)],
        env=environment(here, PATH=path),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=cwd,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def held(url: str, *without: str) -> dict[str, list[Row]]:
    """All that lies in a database."""
    with closing(connect(url)) as engine:
        return contents(engine, *without)


@pytest.fixture
def company(sqlite_url: str) -> str:
    """The URL of a file with people, sessions, a visit and its agent, and somebody who may enter."""
    with opened(sqlite_url) as core:
        fill(core)
        visit_once(core)
    return sqlite_url


def test_a_backup_takes_all_of_it_to_postgresql(company: str, postgres_url: str, tmp_path: Path) -> None:
    told = walk(commands("Whole, with a stop"), company, postgres_url, tmp_path)
    assert "All is well." in told
    assert held(postgres_url) == held(company)  # that it was made, and is there, is noted in both


LEFT_BEHIND = ("visit", "visit_report", "har", "agent")


def test_an_export_takes_sessions_there_with_their_numbers(company: str, postgres_url: str, tmp_path: Path) -> None:
    told = walk(commands("Sessions alone, without a stop"), company, postgres_url, tmp_path)
    assert "6 sessions are in; 0 lines were refused." in told
    assert "All is well." in told
    before, after = (walk(["sojourn export"], url, "", tmp_path) for url in (company, postgres_url))
    assert before.count("\n") == 6
    assert after == before
    old, new = held(company), held(postgres_url)
    assert new["person"] == old["person"]
    assert all(old[name] and not new[name] for name in LEFT_BEHIND)


@pytest.mark.skipif(not os.environ.get(citus.VARIABLE), reason=f"{citus.VARIABLE} names no cluster")
def test_migrating_takes_a_full_database_to_citus(citus_url: str, tmp_path: Path) -> None:
    back_up, *lines = commands("From PostgreSQL to Citus")
    with citus.alone(citus_url):
        with opened(citus_url) as core:
            fill(core)
            visit_once(core)
        walk([back_up], citus_url, "", tmp_path)
        before = held(citus_url)
    told = walk(lines, citus_url, "", tmp_path)
    assert "session: spread over the workers" in told
    assert "All is well." in told
    assert held(citus_url) == before

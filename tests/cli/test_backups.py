"""`sojourn backup` and `sojourn restore`. What a backup holds is tested with the store."""

import stat
from pathlib import Path

import pytest

from sojourn.core.access import Scope
from sojourn.core.query import SessionQuery
from sojourn.services import Services
from tests.cli.conftest import Run


def sessions(core: Services) -> int | None:
    return core.journal.page(SessionQuery(scope=Scope(1), total=True)).total


def test_a_backup_comes_back(company: Services, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    assert "6 sessions and 15 activities" in run("backup", str(path)).stderr
    with company.engine.write() as transaction:
        transaction.run("DELETE FROM session")
    told = run("restore", str(path), code=1).stderr
    assert told == "sojourn: The database holds something. Drop that and restore: --replace\n"
    assert sessions(company) == 6  # as the day counts tell
    assert "Restored 6 sessions and 15 activities" in run("restore", str(path), "--replace").stderr
    assert sessions(company) == 6


def test_it_goes_through_pipes(company: Services, run: Run) -> None:
    packed = run("backup", "-").stdout_bytes
    assert "6 sessions" in run("restore", "-", "--replace", input=packed).stderr


def test_it_is_readable_by_its_owner_alone_and_nothing_else_is_left(
    company: Services, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    run("backup", str(folder / "a.backup"))
    (made,) = folder.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_kept_unless_told_otherwise(company: Services, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_text("dear")
    assert "is there already" in run("backup", str(path), code=1).stderr
    assert path.read_text() == "dear"
    run("backup", "--force", str(path))
    run("restore", "--replace", str(path))


def test_a_place_that_cannot_be_written_is_told(company: Services, run: Run, tmp_path: Path) -> None:
    assert "cannot be written: No such file" in run("backup", str(tmp_path / "no" / "a"), code=1).stderr
    assert "cannot be read: No such file" in run("restore", str(tmp_path / "a"), code=1).stderr


def test_a_file_that_is_no_backup_is_told_by_its_name(company: Services, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear Sir or Madam")
    assert run("restore", "--replace", str(path), code=1).stderr.startswith(f"sojourn: {path} is not a whole backup")
    assert sessions(company) == 6


@pytest.mark.usefixtures("company")
def test_a_backup_that_fails_leaves_no_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sojourn.storage.archive.Writer.put", fail)
    folder = tmp_path / "backups"
    folder.mkdir()
    assert "No space left" in run("backup", str(folder / "a"), code=1).stderr
    assert list(folder.iterdir()) == []

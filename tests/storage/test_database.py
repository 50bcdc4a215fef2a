"""Opening a database: what is made is private, and what cannot be opened is told apart."""

import stat
from pathlib import Path

import apsw
import pytest

from sojourn.core.errors import Invalid, Unavailable
from sojourn.storage.database import connect
from sojourn.storage.schema import migrate
from tests.postgres import PrivateServer
from tests.stage import NOON


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/new.db")
    migrate(engine, NOON)
    assert engine.file == tmp_path / "new.db"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    engine.close()
    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


def test_the_mode_of_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch(mode=0o640)
    connect(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        connect(f"sqlite:///{tmp_path}/no/such.db")
    assert "No such file" in str(refused.value.__cause__)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        connect(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 500)
    with pytest.raises(Invalid, match="no SQLite database"):
        connect(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///", "sojourn.db", "postgresql://u:p@ss%@h/d?x"])
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        connect(url)
    assert refused.value.field == "database"
    assert "p@ss" not in str(refused.value)


def test_a_server_that_is_not_there_is_unavailable_and_the_reason_is_known() -> None:
    with pytest.raises(Unavailable) as refused:
        connect("postgresql://nobody:secret@127.0.0.1:1/none")
    assert "127.0.0.1" in str(refused.value.__cause__)
    assert "secret" not in str(refused.value.__cause__)


def test_postgres_is_in_no_file_of_ours(postgres_url: str) -> None:
    engine = connect(postgres_url)
    assert engine.file is None
    engine.close()


def test_a_damaged_sqlite_file_has_faults(tmp_path: Path) -> None:
    path = tmp_path / "hurt.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine, NOON)
    engine.close()
    content = bytearray(path.read_bytes())
    page = 4096
    content[5 * page : 5 * page + 100] = b"\xff" * 100
    path.write_bytes(content)
    engine = connect(f"sqlite:///{path}")
    assert engine.faults(quick=True) == []
    assert engine.faults(quick=False)
    engine.close()


def test_postgres_that_may_lose_what_was_answered_has_faults(private_postgres: PrivateServer) -> None:
    with private_postgres.database() as url:
        sign = "&" if "?" in url else "?"
        engine = connect(f"{url}{sign}options=-csynchronous_commit%3Doff")
        assert any("synchronous_commit" in fault for fault in engine.faults(quick=True))
        engine.close()


def test_apsw_is_new_enough_for_strict_tables() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 37)

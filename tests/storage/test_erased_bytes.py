"""What was erased is not in the database's files any more."""

from pathlib import Path

import psycopg
import pytest

from sojourn.core.custodian import Custodian
from sojourn.core.erasure import EntityErased
from sojourn.core.model import SECOND, PersonDraft
from sojourn.storage.access import AccessOnDisk
from sojourn.storage.custody import CustodyOnDisk
from sojourn.storage.store import Store
from tests.storage.conftest import migrated
from tests.storage.desk import NOON, Desk, did, key, why

NAME = "Quixotic.Sancho"
ENTITY = "Dulcinea-4711"


def filled(desk: Desk) -> None:
    """Many pages of the record, with two names strewn over them."""
    for i in range(300):
        note = f"{'filling ' * (i % 40)} {ENTITY if i % 7 == 0 else i}"
        done = [did(f"Did{j}", ENTITY if (i + j) % 5 == 0 else f"id-{i}-{j}", at=NOON + i, note=note) for j in range(4)]
        who = NAME if i % 3 == 0 else f"person{i % 10}"
        said = (why("Asked", f"{NAME} {'x' * (i * 11)}"),) if i % 3 == 0 else ()
        desk.open(who, started_at=NOON + i - SECOND, activities=tuple(done), remarks=said, key=key(f"k{i}"))


def files(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_in_a_file_nothing_is_left_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "sojourn.db"
    with migrated(f"sqlite:///{path}") as engine:
        desk = Desk(Store(engine), AccessOnDisk(engine).add_organisation("Desk", "guid", NOON).id)
        filled(desk)
        custodian = Custodian(CustodyOnDisk(engine), lambda: NOON, rest=lambda _: None)
        assert NAME.encode() in files(path)
        subject = custodian.person(1, PersonDraft(login=NAME))
        custodian.finish(1, custodian.erase(1, subject, why="asked", by="nina").id)
        assert custodian.scrub()
        assert NAME.encode() not in files(path)
        assert b"quixotic" not in files(path), "words are kept in small letters"
        assert ENTITY.encode() in files(path), "of sessions that stayed"
        entity = EntityErased(type="CUSTOMER", id=ENTITY)
        custodian.finish(1, custodian.erase(1, entity, why="asked", by="nina").id)
        assert custodian.scrub()
        # The notes of what was done to others may still speak of it: they are another's.
        with engine.read() as transaction:
            ((left,),) = transaction.run("SELECT count(*) FROM activity WHERE entity_id = :id", {"id": ENTITY})
        assert left == 0
        assert f"e{ENTITY}".encode() not in files(path)


def test_on_a_server_nothing_is_left_of_it_in_the_tables(postgres_url: str) -> None:
    with migrated(postgres_url) as engine:
        desk = Desk(Store(engine), AccessOnDisk(engine).add_organisation("Desk", "guid", NOON).id)
        filled(desk)
        custodian = Custodian(CustodyOnDisk(engine), lambda: NOON, rest=lambda _: None)
        subject = custodian.person(1, PersonDraft(login=NAME))
        assert NAME.encode() in tables(postgres_url)
        custodian.finish(1, custodian.erase(1, subject, why="asked", by="nina").id)
        assert custodian.scrub()
        assert NAME.encode() not in tables(postgres_url)
        assert b"quixotic" not in tables(postgres_url)


def tables(url: str) -> bytes:
    """All that the tables and indexes hold on disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        ((home,),) = connection.execute("SHOW data_directory").fetchall()
        if not Path(home).exists():
            pytest.skip("the server is on another machine")
        rows = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i') AND relfilenode > 0"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    return b"".join(Path(home, path).read_bytes() for (path,) in rows)

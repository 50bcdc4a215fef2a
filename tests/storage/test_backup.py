"""A backup holds everything from one moment, and goes back into either engine, whole or not at all."""

import gzip
import hashlib
import io
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sojourn.config import Settings
from sojourn.core.access import Scope
from sojourn.core.errors import Exists, Invalid
from sojourn.core.intent import Open
from sojourn.core.model import PersonDraft
from sojourn.core.registry import Presented
from sojourn.core.upkeep import Deed, Flaw
from sojourn.services import Services, services
from sojourn.storage import backup, schema, tables
from sojourn.storage.sql import migrations
from tests.citus import ENGINES
from tests.companies import fill, opened, visit_once
from tests.stage import NOON


def silent(_done: int, _total: int) -> None:
    """Nobody hears."""


def backed_up(core: Services) -> bytes:
    target = io.BytesIO()
    core.back_up(target, silent)
    return target.getvalue()


def restored(core: Services, packed: bytes, *, replace: bool = False) -> None:
    core.restore(io.BytesIO(packed), silent, replace=replace)


def contents(core: Services) -> dict[str, list[Any]]:
    """Everything but the epoch, which moves when a database is restored, and when it was backed up."""
    with core.engine.read() as transaction:
        return {
            name: sorted(transaction.run(f"SELECT * FROM {name}"), key=repr)
            for name in tables.tables()
            if name not in ("epoch", "deed")
        }


@pytest.fixture
def another_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The URL of one database more, of the engine asked for."""

    def url(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / 'another.db'}"
        server = request.getfixturevalue(f"{engine}_server")
        lent = server.database()
        request.addfinalizer(lambda: lent.__exit__(None, None, None))
        return str(lent.__enter__())

    return url


@pytest.mark.parametrize("engine", ENGINES)
def test_it_goes_into_either_engine(database_url: str, engine: str, another_url: Callable[[str], str]) -> None:
    with opened(database_url) as source, opened(another_url(engine)) as target:
        fill(source)
        visit_once(source)
        restored(target, backed_up(source))
        assert contents(target) == contents(source)
        assert {flaw: target.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)


def test_a_restored_database_goes_on(database_url: str, another_url: Callable[[str], str]) -> None:
    with opened(database_url) as source, opened(another_url("sqlite")) as target:
        issued = fill(source)
        restored(target, backed_up(source))
        caller = target.registry.identify(Presented(secret=issued.secret))
        assert caller.email == "owner@example.org"
        told = target.recorder.open(Open(scope=Scope(1), person=PersonDraft(login="new")))
        assert told.session.id == 7


def test_it_is_of_one_moment_while_others_write(database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        before = contents(core)
        wrote = threading.Event()

        def write_once(_done: int, _total: int) -> None:
            if not wrote.is_set():
                writer = threading.Thread(
                    target=core.recorder.open, args=[Open(scope=Scope(1), person=PersonDraft(login="late"))]
                )
                writer.start()
                writer.join()
                wrote.set()

        target = io.BytesIO()
        core.back_up(target, write_once)
        assert contents(core) != before
        restored(core, target.getvalue(), replace=True)
        assert contents(core) == before


def test_many_rows_are_read_in_pieces(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "PIECE", 2)
    with opened(database_url) as core:
        fill(core)
        before = contents(core)
        restored(core, backed_up(core), replace=True)
        assert contents(core) == before


def test_it_tells_how_far_it_is(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        fill(core)
        heard: list[tuple[int, int]] = []
        target = io.BytesIO()
        header = core.back_up(target, lambda done, total: heard.append((done, total)))
        total = sum(header.rows.values())
        assert heard[-1] == (total, total)
        assert header.made_at == core.upkeep.last(Deed.BACKUP) == NOON
        heard.clear()
        core.restore(io.BytesIO(target.getvalue()), lambda done, all_: heard.append((done, all_)), replace=True)
        assert heard[-1] == (total, total)


def test_a_database_with_something_in_it_is_left_alone(database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        packed = backed_up(core)
        core.recorder.open(Open(scope=Scope(1), person=PersonDraft(login="new")))
        before = contents(core)
        with pytest.raises(Exists):
            restored(core, packed)
        assert contents(core) == before


def test_who_knew_the_old_database_is_told_to_forget(database_url: str) -> None:
    with opened(database_url) as core:
        fill(core)
        packed = backed_up(core)
        core.registry.add_organisation("More")
        known = core.registry.epoch()
        restored(core, packed, replace=True)
        assert core.registry.epoch() > known


def damaged(packed: bytes) -> list[tuple[str, bytes]]:
    plain = gzip.decompress(packed)
    lines = plain.splitlines(keepends=True)
    return [
        ("not gzip", b"hello"),
        ("empty", b""),
        ("not a backup", gzip.compress(b'{"format": "other"}\n')),
        ("another format", gzip.compress(plain.replace(b"sojourn-backup", b"sojourn-backlog"))),
        ("cut", packed[:-20]),
        ("cut after a line", gzip.compress(b"".join(lines[:-1]))),
        ("a changed value", gzip.compress(plain.replace(b"person1", b"person9"))),
        ("a line less", gzip.compress(b"".join(lines[:-2] + lines[-1:]))),
        ("a line more", gzip.compress(plain + lines[-1])),
        ("not JSON", gzip.compress(plain.replace(b'"columns"', b"columns"))),
        ("a table of another", gzip.compress(plain.replace(b'"table":"person"', b'"table":"peason"'))),
        ("columns of another", gzip.compress(plain.replace(b'["organisation","id","login"]', b'["a","b","c"]'))),
    ]


def test_what_is_damaged_is_refused_and_changes_nothing(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        fill(core)
        packed = backed_up(core)
        before = contents(core)
        for what, bad in damaged(packed):
            with pytest.raises(Invalid) as refused:
                restored(core, bad, replace=True)
            assert refused.value.field == "file", what
            assert contents(core) == before, what


def test_a_backup_that_was_interrupted_is_none(sqlite_url: str) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with opened(sqlite_url) as core:
        fill(core)
        target = io.BytesIO()
        with pytest.raises(KeyboardInterrupt):
            core.back_up(target, interrupt)
        before = contents(core)
        with pytest.raises(Invalid):
            restored(core, target.getvalue(), replace=True)
        assert contents(core) == before


def test_a_sum_that_lies_about_the_rows_is_found(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        fill(core)
        plain = gzip.decompress(backed_up(core))
        wrong = plain.replace(b'"session":6', b'"session":7', 1)
        assert wrong != plain
        with pytest.raises(Invalid, match="sum is wrong"):
            restored(core, gzip.compress(wrong), replace=True)


@pytest.mark.parametrize("change", [(b'"version":1', b'"version":2'), (b'"migrations":[', b'"migrations":[9999,')])
def test_a_backup_of_a_later_release_is_refused(sqlite_url: str, change: tuple[bytes, bytes]) -> None:
    with opened(sqlite_url) as core:
        plain = gzip.decompress(backed_up(core))
        with pytest.raises(Invalid, match="later release"):
            restored(core, gzip.compress(plain.replace(*change, 1)))


def test_a_database_of_a_later_release_is_left_alone(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        packed = backed_up(core)
        with core.engine.write() as transaction:
            transaction.run("INSERT INTO migration (version, name, applied_at) VALUES (9999, 'later', 0)")
        with pytest.raises(Invalid, match="later release"):
            restored(core, packed, replace=True)


def test_an_older_backup_is_migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(database_url) as core:
        fill(core)
        packed = backed_up(core)
        known = migrations()
        more = "ALTER TABLE person ADD COLUMN shoe_size INTEGER; UPDATE person SET shoe_size = 42;"
        later = (*known, (len(known) + 1, "shoes", more))
        for module in (schema, backup, tables):
            monkeypatch.setattr(module, "migrations", lambda: later)
        monkeypatch.setattr("sojourn.storage.archive.migrations", lambda: later)
        restored(core, packed, replace=True)
        with core.engine.read() as transaction:
            assert transaction.run("SELECT DISTINCT shoe_size FROM person") == [(42,)]
        restored(core, backed_up(core), replace=True)
        with core.engine.read() as transaction:
            assert transaction.run("SELECT count(*) FROM person WHERE shoe_size = 42") == [(6,)]


def test_a_right_sum_over_wrong_rows_is_found(sqlite_url: str) -> None:
    with opened(sqlite_url) as core:
        fill(core)
        *lines, _ = gzip.decompress(backed_up(core)).splitlines(keepends=True)
        plain = b"".join(lines).replace(b'"session":6', b'"session":7', 1)
        end = b'{"type":"end","sha256":"' + hashlib.sha256(plain).hexdigest().encode() + b'"}\n'
        with pytest.raises(Invalid, match="rows are missing"):
            restored(core, gzip.compress(plain + end), replace=True)


def test_it_goes_into_a_database_that_never_was(database_url: str, tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/source.db") as source:
        fill(source)
        packed = backed_up(source)
    target = services(Settings(database=database_url), lambda: NOON)
    with closing(target):
        restored(target, packed)
        assert target.upkeep.pending() == []
        assert not target.upkeep.is_empty()

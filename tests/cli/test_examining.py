"""`sojourn doctor`: each thing that can be wrong is found, with a reason and a way to mend it."""

import json
import socket
import stat
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.core.model import DAY
from sojourn.core.upkeep import Flaw
from sojourn.doctor import surroundings
from sojourn.doctor.surroundings import filesystem
from sojourn.loopback import is_loopback
from sojourn.services import Services, system_clock
from sojourn.storage import busy
from tests.cli.conftest import Run
from tests.companies import fill, opened
from tests.identity import CLIENT, new_key, providing
from tests.redis import needs_redis, redis_server
from tests.storage.test_upkeep import DAMAGE


def findings(run: Run, *options: str) -> list[str]:
    """What it found, in one string each; the exit code agrees."""
    result = run("doctor", "--json", *options, code=-1)
    told = json.loads(result.stdout)
    assert result.exit_code == bool(told)
    assert all(set(one) == {"what", "why", "mend"} and all(one.values()) for one in told)
    return [f"{one['what']} {one['mend']}" for one in told]


@pytest.fixture
def sound(database_url: str, run: Run) -> Iterator[Services]:
    """A company whose clock is that of the machine, and with which all is well."""
    with opened(database_url, system_clock) as core:
        fill(core)
        yield core


def test_a_sound_set_up_has_no_findings(sound: Services, run: Run) -> None:
    assert run("doctor").stdout == "All is well.\n"
    assert findings(run) == []
    assert findings(run, "--quick") == []


def test_what_is_found_is_told_with_why_and_how(sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_DATABSE", "x")
    told = run("doctor", code=1).stdout
    assert told.startswith("1. The variable SOJOURN_DATABSE is set, and nothing looks at it.\n   A setting")
    assert "To mend it: " in told


@pytest.mark.parametrize("flaw", Flaw)
def test_rows_that_do_not_fit_together_are_found_and_mended(flaw: Flaw, sound: Services, run: Run) -> None:
    with sound.engine.write() as transaction:
        transaction.run(DAMAGE[flaw])
    (found,) = findings(run)
    assert "sojourn doctor --mend" in found
    assert findings(run, "--quick") == []
    assert f"mended: {flaw.replace('_', ' ')}" in run("doctor", "--mend").stderr
    assert findings(run) == []


def test_a_wrong_setting_is_found(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_PORT", "many")
    (found,) = findings(run_on_sqlite)
    assert found.startswith("SOJOURN_PORT must be a number.")


def test_a_file_of_addresses_that_cannot_be_read_is_found(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_MMDB_CITY", "/no/such/file.mmdb")
    (found,) = findings(run_on_sqlite)
    assert found.startswith("SOJOURN_MMDB_CITY cannot be read")


def test_a_wrong_address_is_found(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE", "mysql://x")
    (found,) = findings(run_on_sqlite)
    assert found.startswith("SOJOURN_DATABASE must begin with")


def test_a_file_that_is_no_database_is_found(run_on_sqlite: Run, tmp_path: Path) -> None:
    (tmp_path / "sojourn.db").write_text("Dear Sir or Madam, " * 500)
    (found,) = findings(run_on_sqlite)
    assert "no SQLite database" in found


def test_a_database_that_is_not_there_is_found_and_not_made(run_on_sqlite: Run, tmp_path: Path) -> None:
    (found,) = findings(run_on_sqlite)
    assert "There is no database yet" in found
    assert list(tmp_path.glob("*.db")) == []


def test_a_database_that_cannot_be_reached_is_found(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE", "postgresql://u:hidden@127.0.0.1:1/db")
    (found,) = findings(run_on_sqlite)
    assert "Connection refused" in found
    assert "hidden" not in found


def test_steps_that_are_missing_are_found(sound: Services, run: Run) -> None:
    with sound.engine.write() as transaction:
        transaction.run("DELETE FROM migration")
    (found,) = findings(run)
    assert "0001 begin" in found
    assert "sojourn migrate" in found


def test_a_fresh_database_is_told_what_to_do(run: Run) -> None:
    run("migrate")
    (found,) = findings(run)
    assert "Nobody can call yet" in found
    assert "sojourn serve" in found


def test_a_file_that_others_can_read_is_found(run_on_sqlite: Run, sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url, system_clock) as core:
        fill(core)
    path = tmp_path / "sojourn.db"
    path.chmod(0o644)
    (found,) = findings(run_on_sqlite)
    assert f"chmod 600 {path}" in found
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_of_a_secret_that_others_can_read_is_found(
    sound: Services, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sojourn.toml"
    path.write_text("")
    path.chmod(0o640)
    monkeypatch.setenv("SOJOURN_CONFIG", str(path))
    (found,) = findings(run)
    assert "mode 0640" in found


def test_a_full_disk_is_found(run_on_sqlite: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(sqlite_url, system_clock) as core:
        fill(core)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(2**40, 2**40 - 2**28, 2**28))
    (found,) = findings(run_on_sqlite)
    assert "0.25 GiB left" in found


def test_a_file_on_the_network_is_found(run_on_sqlite: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(sqlite_url, system_clock) as core:
        fill(core)
    monkeypatch.setattr(surroundings, "filesystem", lambda *_: "nfs4")
    (found,) = findings(run_on_sqlite)
    assert "(nfs4)" in found


def test_the_file_system_of_a_path_is_known(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nb /srv/a\\040b nfs rw 0 0\nc /srv xfs rw 0 0\n")
    assert filesystem(Path("/srv/a b/sojourn.db"), mounts) == "nfs"
    assert filesystem(Path("/srv/sojourn.db"), mounts) == "xfs"
    assert filesystem(Path("/var/sojourn.db"), mounts) == "ext4"
    assert filesystem(Path("/var/sojourn.db"), tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("host", "url", "words"),
    [
        ("0.0.0.0", "", ["no public address with TLS"]),
        ("0.0.0.0", "https://sojourn.example.org", []),
        ("127.0.0.1", "http://sojourn.example.org", ["without TLS"]),
        ("127.0.0.1", "http://localhost:9000", []),
        ("::", "http://sojourn.example.org", ["no public address with TLS", "without TLS"]),
    ],
)
def test_plain_http_beyond_this_machine_is_found(
    host: str, url: str, words: list[str], sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_HOST", host)
    monkeypatch.setenv("SOJOURN_PUBLIC_URL", url)
    found = findings(run)
    assert len(found) == len(words)
    assert all(word in one for word, one in zip(words, found, strict=True))


def test_addresses_of_this_machine_are_known() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.0.2.1", socket.gethostname() + ".example.org"]))


def test_an_organisation_without_an_owner_is_found(sound: Services, run: Run) -> None:
    number = sound.registry.add_organisation("Beta").id
    (found,) = findings(run)
    assert f"sojourn user add EMAIL Owners --org {number}" in found
    sound.registry.add_member(number, "bo@example.org", "Owners")
    (found,) = findings(run)
    assert f"sojourn token create bo@example.org NAME --org {number}" in found
    sound.registry.add_token(number, "bo@example.org", "laptop")
    assert findings(run) == []


def test_a_token_that_ends_soon_is_found(sound: Services, run: Run) -> None:
    sound.registry.add_token(1, "owner@example.org", "short", life=3 * 86_400)
    sound.registry.add_token(1, "owner@example.org", "long", life=300 * 86_400)
    (found,) = findings(run)
    assert "Token 2 of owner@example.org, 'short', ends at" in found


def test_a_token_in_the_settings_that_opens_nothing_is_found(
    sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_OWNER_TOKEN", "a" * 43)
    (found,) = findings(run)
    assert "SOJOURN_OWNER_TOKEN opens nothing." in found
    assert "aaaa" not in found
    monkeypatch.setenv("SOJOURN_OWNER_TOKEN", "short")
    assert len(findings(run)) == 2


def test_a_clock_that_is_behind_is_found(sound: Services, run: Run) -> None:
    with sound.engine.write() as transaction:
        ahead = {"at": system_clock() + DAY}
        transaction.run("UPDATE session SET started_at = :at WHERE organisation = 1 AND id = 6", ahead)
    found = findings(run, "--quick")
    assert any("The clock says" in one for one in found)


def test_a_damaged_file_is_found(run_on_sqlite: Run, sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url, system_clock) as core:
        fill(core)
    path = tmp_path / "sojourn.db"
    content = bytearray(path.read_bytes())
    root = 4096 * 40
    content[root : root + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert any("The database says" in one for one in findings(run_on_sqlite))


def test_a_redis_that_does_not_answer_is_found(sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_REDIS", "redis://:hidden@127.0.0.1:1/0")
    (found,) = findings(run)
    assert found.startswith("The Redis of SOJOURN_REDIS cannot be reached: ")
    assert "hidden" not in found


def test_a_provider_that_nobody_can_sign_in_with_is_found(
    sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_OPENID_ISSUER", "http://127.0.0.1:1")
    monkeypatch.setenv("SOJOURN_OPENID_CLIENT_ID", CLIENT)
    (found,) = findings(run)
    assert found.startswith("The OpenID Connect provider is of no use: http://127.0.0.1:1/.well-known/openid-conf")
    assert "SOJOURN_OPENID_ISSUER" in found
    with providing("reader@example.org", int, new_key()) as identity:
        monkeypatch.setenv("SOJOURN_OPENID_ISSUER", identity.address)
        assert findings(run) == []
        identity.published = []
        (found,) = findings(run)
        assert "holds no key" in found


@needs_redis
def test_a_redis_that_answers_is_none(sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="redis-") as directory, redis_server(Path(directory)) as redis:
        monkeypatch.setenv("SOJOURN_REDIS", redis.url)
        assert findings(run) == []


def test_workers_that_count_apart_are_found(sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_WORKERS", "4")
    (found,) = findings(run)
    assert "Set SOJOURN_REDIS" in found


def test_what_stands_in_very_many_sessions_is_counted(
    sound: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "BUSY", 1)
    assert "counted, of what stands in very many sessions: 0" not in run("doctor", "--count").stderr
    assert "counted, of what stands in very many sessions: 0" in run("doctor", "--count").stderr
    assert sound.recorder.count_busy() == 0

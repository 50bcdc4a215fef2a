"""`sojourn serve`: how it starts, what it tells, and how it ends."""

import re
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.servers import SOJOURN, Server, environment, serving

SESSIONS = "/v2/activitySessions"
SECRET = "an owner's token that nobody can guess"


def create(server: Server, token: str) -> httpx.Response:
    body = {"userId": 75001234, "module": "CARE_DESK"}
    return httpx.post(server.address + SESSIONS, json=body, headers={"Authorization": f"Bearer {token}"})


def refused(url: str, *options: str, **settings: str) -> tuple[int, str]:
    """The exit code of a server that cannot start, and what it told."""
    ended = subprocess.run(
        [SOJOURN, "serve", *options],
        env=environment(url, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("sojourn: ")
    return ended.returncode, ended.stderr


def test_the_first_start_prints_a_token_that_opens_and_the_second_prints_none(database_url: str) -> None:
    with serving(database_url) as server:
        assert "owner@localhost" in server.told
        assert f"{server.address}/docs" in server.told
        token = server.token
        assert len(token) >= 43
        assert create(server, token).status_code == 200
        code, logged = server.stop()
        assert code == 0
        assert token not in logged
    with serving(database_url) as server:
        assert "TOKEN" not in server.told
        assert create(server, token).json()["sessionId"] == 2


def test_a_token_of_the_settings_is_taken_and_never_told(sqlite_url: str) -> None:
    settings = {"SOJOURN_OWNER_TOKEN": SECRET, "SOJOURN_OWNER_EMAIL": "nina@example.org", "SOJOURN_LOG_LEVEL": "debug"}
    with serving(sqlite_url, **settings) as server:
        assert "The token of nina@example.org is that of SOJOURN_OWNER_TOKEN." in server.told
        assert create(server, SECRET).status_code == 200
        assert httpx.get(server.address + SESSIONS, auth=("nina@example.org", SECRET)).status_code == 200
        _, logged = server.stop()
        assert '"status":200' in logged
        assert SECRET not in server.told + logged


def test_a_token_may_stand_in_a_file(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n")
    with serving(sqlite_url, SOJOURN_OWNER_TOKEN_FILE=str(path)) as server:
        assert create(server, SECRET).status_code == 200


def test_the_options_win_over_the_settings(sqlite_url: str) -> None:
    with serving(sqlite_url, "--port", "0", "--host", "127.0.0.2", SOJOURN_HOST="192.0.2.1") as server:
        assert urlsplit(server.address).hostname == "127.0.0.2"
        assert httpx.get(f"{server.address}/healthz").status_code == 200


def test_it_listens_on_version_6_of_the_protocol(sqlite_url: str) -> None:
    with serving(sqlite_url, "--port", "0", "--host", "::1") as server:
        assert re.fullmatch(r"http://\[::1\]:\d+", server.address)
        assert httpx.get(f"{server.address}/healthz").status_code == 200


def test_the_public_address_is_told(sqlite_url: str) -> None:
    with serving(sqlite_url, SOJOURN_PUBLIC_URL="https://sojourn.example.org/") as server:
        assert "https://sojourn.example.org/docs" in server.told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_answered_before_it_ends(number: signal.Signals, sqlite_url: str) -> None:
    body = b'{"userId": 75001234, "module": "CARE_DESK"}'
    with serving(sqlite_url) as server:
        place = urlsplit(server.address)
        head = (
            f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with (
            closing(socket.create_connection((place.hostname, place.port), timeout=30)) as busy,
            closing(socket.create_connection((place.hostname, place.port), timeout=30)) as idle,
        ):
            busy.sendall(head.encode() + body[:10])
            httpx.get(f"{server.address}/healthz")  # so that the half request has been read
            server.process.send_signal(number)
            assert idle.recv(1) == b"", "a connection without a request is closed at once"
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((place.hostname, place.port), timeout=30)
            busy.sendall(body[10:])
            answer = b"".join(iter(lambda: busy.recv(65_536), b""))
            assert answer.startswith(b"HTTP/1.1 200")
            assert b'"sessionId":1' in answer
        assert server.process.wait(timeout=60) == 0


def test_a_port_that_is_taken_is_told_before_anything_is_changed(sqlite_url: str, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, told = refused(sqlite_url, "--port", str(port))
    assert code == 71
    assert f"listens on port {port} of 127.0.0.1 already" in told
    assert list(tmp_path.iterdir()) == []


def test_an_address_of_another_machine_is_told(sqlite_url: str) -> None:
    code, told = refused(sqlite_url, "--host", "192.0.2.1")
    assert code == 71
    assert "192.0.2.1" in told


def test_a_database_that_cannot_be_reached_is_told() -> None:
    code, told = refused("postgresql://user:hidden@127.0.0.1:1/db", "--port", "0")
    assert code == 69
    assert "Connection refused" in told
    assert "hidden" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOJOURN_PORT", "many"),
        ("SOJOURN_LOG_LEVEL", "loud"),
        ("SOJOURN_DATABASE", "mysql://x"),
        ("SOJOURN_OWNER_EMAIL", "a b"),
        ("SOJOURN_OWNER_TOKEN", "   "),
        ("SOJOURN_MMDB_ASN", "/no/such/file.mmdb"),
        ("SOJOURN_WORKERS", "0"),
        ("SOJOURN_REDIS", "http://127.0.0.1"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(name: str, value: str, sqlite_url: str) -> None:
    settings = {"SOJOURN_PORT": "0", name: value}
    url = settings.pop("SOJOURN_DATABASE", sqlite_url)
    code, told = refused(url, **settings)
    assert code == 78
    assert told.startswith(f"sojourn: {name} ")

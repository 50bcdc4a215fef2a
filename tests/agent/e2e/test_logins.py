"""The collector and a real server: who was logged in comes out of the dialect that asks for it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.agent.logins.machine import minute, packed
from tests.servers import SOJOURN, Server, serving

CONFIG = """
[server]
url = "{url}"

[spool]
directory = "{root}/state"

[logins]
source = "wtmp"
wtmp = "{root}/wtmp"
"""
HISTORY = [
    "0 boot",
    "5 login tty1 ann",
    "20 logout tty1",
    "30 login tty2 bob",
    "2000 shutdown",
    "2100 boot",
    "2110 login tty1 ann",
    "2200 boot",
    "2210 login tty1 cem",
]


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with serving(database_url) as running:
        yield running


def collect(server: Server, root: Path, *events: str) -> None:
    """Append events to the record and tell the server."""
    with (root / "wtmp").open("ab") as file:
        file.write(packed(events))
    config = root / "agent.toml"
    config.write_text(CONFIG.format(url=server.address.rstrip("/"), root=root))
    command = [SOJOURN, "collect", "--config", str(config), "logins", "--once"]
    environment = os.environ | {"SOJOURN_TOKEN": server.token}
    told = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert "ERROR" not in told.stderr


def ask(server: Server, path: str) -> Any:
    answer = httpx.get(server.address.rstrip("/") + path, headers={"ApiKey": server.token}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def minutes(text: str | None) -> float | None:
    if text is None:
        return None
    return (datetime.fromisoformat(text) - datetime.fromtimestamp(minute(0) / 1e6, UTC)).total_seconds() / 60


def seen(server: Server) -> list[tuple[float | None, float | None]]:
    """Who was there from when to when (minutes), as `ekran` tells it."""
    sessions = ask(server, "/ekranapi/sessions")
    assert len({session["clientGuid"] for session in sessions}) == 1
    return [(minutes(session["loginDate"]), minutes(session["logoutDate"])) for session in sessions]


def test_a_workstation_s_history_comes_out_of_the_ekran_dialect(server: Server, tmp_path: Path) -> None:
    collect(server, tmp_path, *HISTORY)
    # The last is open, until the server takes it for idle: nothing tells that its process still runs.
    assert seen(server)[:3] == [(5, 20), (30, 2000), (2110, 2200)]
    assert len(seen(server)) == 4
    collect(server, tmp_path, "2300 logout tty1")
    assert seen(server) == [(5, 20), (30, 2000), (2110, 2200), (2210, 2300)]
    sessions = ask(server, "/api/v1/sessions?order=oldest")["items"]
    assert [session["login"] for session in sessions] == ["ann", "bob", "ann", "cem"]
    assert [remark["reason"] for remark in sessions[2]["remarks"]] == ["crash"]
    assert sessions[0]["remarks"] == []


def test_collected_again_without_its_memory_nothing_is_stored_twice(server: Server, tmp_path: Path) -> None:
    collect(server, tmp_path, *HISTORY)
    for events in ([], ["2300 logout tty1"], []):
        for file in (tmp_path / "state").iterdir():
            with suppress(FileNotFoundError):
                file.unlink()
        collect(server, tmp_path, *events)
    assert seen(server) == [(5, 20), (30, 2000), (2110, 2200), (2210, 2300)]

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sojourn.agent.logins.commands import NOT_TOLD, collect
from sojourn.agent.machine import DEVICE, id_for, machine_id
from tests.agent.logins.machine import packed
from tests.agent.logins.test_collect import told
from tests.agent.native import TOKEN, Answer, NativeServer
from tests.agent.waiting import until

CONFIG = """
name = "reception"

[server]
url = "{url}"
token_file = "{root}/token"

[spool]
directory = "{root}/state"

[logins]
source = "wtmp"
wtmp = "{root}/wtmp"
wtmpdb = "{root}/wtmp.db"
poll = 1
"""


@pytest.fixture
def config(tmp_path: Path, server: NativeServer) -> Path:
    (tmp_path / "token").write_text(TOKEN + "\n")
    path = tmp_path / "agent.toml"
    path.write_text(CONFIG.format(url=server.url, root=tmp_path))
    return path


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(collect, ["--config", str(config), "logins", *arguments])


def test_once_tells_what_is_known_and_ends(server: NativeServer, config: Path, tmp_path: Path) -> None:
    (tmp_path / "wtmp").write_bytes(packed(["1 login tty1 ann", "9 logout tty1", "20 login tty1 bob"]))
    for _ in range(2):
        assert run(config, "--once").exit_code == 0
    assert told(server) == [("ann", 1, 9), ("bob", 20, None)]
    (ann, _) = server.sessions.values()
    assert ann["device"] == {"guid": id_for(DEVICE, machine_id()), "name": "reception"}
    assert machine_id() not in json.dumps(list(server.sessions.values()))


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(
    server: NativeServer, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "wtmp").write_bytes(packed(["1 login tty1 ann", "9 logout tty1"]))
    dry = run(config, "--dry-run")
    assert dry.exit_code == 0
    assert server.seen == []
    first, line = dry.stdout.splitlines()
    assert first == "POST /api/v1/import"
    run(config, "--once")
    (sent,) = server.seen
    assert sent.document == [json.loads(line)]
    assert run(config, "--dry-run").stdout.splitlines() == ["POST /api/v1/import"]


def test_a_server_that_cannot_be_told_is_an_exit_code(server: NativeServer, config: Path, tmp_path: Path) -> None:
    (tmp_path / "wtmp").write_bytes(packed(["1 login tty1 ann"]))
    server.fail = lambda _seen: Answer(status=503)
    failed = run(config, "--once")
    assert failed.exit_code == NOT_TOLD
    assert "Not told: 503" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_another_server_is_told_everything_again(server: NativeServer, config: Path, tmp_path: Path) -> None:
    (tmp_path / "wtmp").write_bytes(packed(["1 login tty1 ann"]))
    run(config, "--once")
    config.write_text(config.read_text().replace("token_file", "organisation = 2\ntoken_file"))
    run(config, "--once")
    assert len([seen for seen in server.seen if seen.path == "/api/v1/import"]) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["--source", "wtmpdb"], "there is no wtmpdb at"), (["--source", "passwd"], "passwd"), ([], "server.url")],
)
def test_what_cannot_be_done_says_why(config: Path, arguments: list[str], reason: str) -> None:
    if not arguments:
        config.write_text("name = 'x'")
    refused = run(config, *arguments)
    assert refused.exit_code in (1, 2)
    assert reason in refused.stderr


def test_auto_asks_wtmpdb_where_there_is_one(server: NativeServer, config: Path, tmp_path: Path) -> None:
    from tests.agent.logins.test_wtmpdb import USER, write

    (tmp_path / "wtmp").write_bytes(packed(["1 login tty1 old"]))
    write(tmp_path / "wtmp.db", [(USER, "ann", "tty1", 1, 9)])
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={tmp_path}/none"
    try:
        assert run(config, "--once", "--source", "auto").exit_code == 0
    finally:
        del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    assert told(server) == [("ann", 1, 9)]


def test_it_follows_until_it_is_told_to_end(server: NativeServer, config: Path, tmp_path: Path) -> None:
    record = tmp_path / "wtmp"
    record.write_bytes(packed(["1 login tty1 ann", "9 logout tty1"]))
    program = "from sojourn.agent.logins.commands import collect; collect()"
    command = [sys.executable, "-c", program, "--config", str(config), "logins"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: told(server) == [("ann", 1, 9)])
        with record.open("ab") as file:
            file.write(packed(["20 login tty1 bob"]))
        until(lambda: told(server) == [("ann", 1, 9), ("bob", 20, None)])
        server.fail = lambda _seen: Answer(status=503)
        with record.open("ab") as file:
            file.write(packed(["30 logout tty1"]))
        until(lambda: server.seen[-1].path.endswith("/end"))
        server.fail = lambda _seen: None
        until(lambda: told(server) == [("ann", 1, 9), ("bob", 20, 30)])
        with record.open("ab") as file:
            file.write(packed(["40 login tty1 cem"]))
        until(lambda: told(server)[-1] == ("cem", 40, None))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        log = process.stderr.read()
    assert "not told, tried again later: 503" in log
    assert "telling again" in log
    assert "Traceback" not in log

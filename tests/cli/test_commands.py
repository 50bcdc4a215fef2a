"""`sojourn` itself: help, version, and how failures are told."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sojourn.cli import main
from sojourn.cli.commands import COMMANDS
from tests.cli.conftest import Run

SOJOURN = str(Path(sys.executable).parent / "sojourn")


def commands(command: click.Command = main, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that can be typed, with its words."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from commands(inner, *words, name)


def test_the_version_is_that_of_the_package() -> None:
    told = subprocess.run([SOJOURN, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"sojourn {version('sojourn')}\n"


def test_help_names_every_command() -> None:
    told = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {name} " in told for name in COMMANDS)
    assert "..." not in told.partition("Commands:")[2], "a command's first sentence is too long to be shown"


@pytest.mark.parametrize("words", [" ".join(words) for words, _ in commands()])
def test_the_help_of_each_command_is_enough_to_use_it(words: str) -> None:
    told = CliRunner().invoke(main, [*words.split(), "--help"]).output
    assert "Example" in told
    assert f"sojourn {words}" in told.partition("Example")[2]
    (command,) = [command for typed, command in commands() if typed == tuple(words.split())]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.opts[-1] in told


def test_a_command_that_is_not_there_is_told() -> None:
    result = CliRunner().invoke(main, ["sevre"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_a_wrong_setting_is_told_with_its_name(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_PORT", "many")
    assert run_on_sqlite("org", "list", code=78).stderr == "sojourn: SOJOURN_PORT must be a number\n"


def test_a_wrong_address_of_the_database_is_told(run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE", "mysql://user:hidden@host/db")
    told = run_on_sqlite("migrate", code=78).stderr
    assert told.startswith("sojourn: SOJOURN_DATABASE must begin with")
    assert "hidden" not in told


def test_a_database_that_cannot_be_reached_is_told_with_the_reason(
    run_on_sqlite: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE", "postgresql://user:hidden@127.0.0.1:1/db")
    told = run_on_sqlite("org", "list", code=69).stderr
    assert told.startswith("sojourn: The database cannot be reached: ")
    assert "Connection refused" in told
    assert "hidden" not in told
    assert told.count("\n") == 1


def test_a_database_that_is_not_there_is_told_and_not_made(run_on_sqlite: Run, tmp_path: Path) -> None:
    assert "There is no database yet" in run_on_sqlite("user", "list", code=1).stderr
    assert not (tmp_path / "sojourn.db").exists()


def test_a_database_without_tables_is_told(run: Run, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sojourn.db").touch()
    told = run("user", "list", code=1).stderr
    assert "lacks steps of migration: 0001 begin" in told
    assert "sojourn migrate" in told


def test_migrate_says_what_it_did(run: Run) -> None:
    assert "missing: 0001 begin" in run("migrate", "--check", code=1).stdout
    assert "taken: 0001 begin" in run("migrate").stdout
    assert run("migrate").stdout == "The database is up to date.\n"
    assert run("migrate", "--check").stdout == "The database is up to date.\n"


def test_lists_are_told_to_scripts_as_json(run_on_sqlite: Run) -> None:
    run_on_sqlite("migrate")
    assert json.loads(run_on_sqlite("org", "list", "--json").stdout) == []
    assert run_on_sqlite("org", "list").stdout == ""
    assert "no organisation yet" in run_on_sqlite("org", "list").stderr


def test_the_agent_tells_what_it_lacks_where_only_the_server_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> None:
        raise ModuleNotFoundError(name="psutil")

    monkeypatch.setattr("sojourn.cli.commands.import_module", absent)
    for words in (["agent"], ["agent", "visit", "--help"], ["collect", "logins", "--once"]):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 1
        assert "pip install 'sojourn[agent]'" in result.stderr
    assert "Not installed" in CliRunner().invoke(main, ["--help"]).output


def test_a_module_of_our_own_that_is_missing_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "broken", "sojourn.no_such_module:command")
    assert isinstance(CliRunner().invoke(main, ["broken"]).exception, ModuleNotFoundError)


def test_the_database_of_those_who_set_none_is_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    made = tmp_path / "data" / "sojourn" / "sojourn.db"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700

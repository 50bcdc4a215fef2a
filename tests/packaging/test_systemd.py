"""The units are such as systemd takes, and harden as well as they say."""

import configparser
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from sojourn.agent.commands import agent
from sojourn.agent.logins.commands import collect

UNITS = sorted((Path(__file__).parents[2] / "packaging" / "systemd").glob("*.service"))
MOST_EXPOSED = {"sojourn": 15, "sojourn-agent": 28, "sojourn-collector": 18}
"""Ten times the exposure that `systemd-analyze security` may find: the browser's sandbox costs the agent the most."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze (systemd) is not installed"
)


def analysed(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", *arguments], check=False, capture_output=True, text=True)


def command_of(unit: Path) -> list[str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return parser["Service"]["ExecStart"].split()


def test_there_is_a_unit_for_each_service() -> None:
    assert {unit.stem for unit in UNITS} == MOST_EXPOSED.keys()


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/sojourn/bin/sojourn", shutil.which("true") or "/usr/bin/true"))
    found = analysed("verify", "--man=no", copy)
    ours = [line for line in found.stderr.splitlines() if unit.name in line]
    assert ours == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_hardened(unit: Path) -> None:
    if "--offline" not in analysed("--help").stdout:
        pytest.skip("this systemd-analyze judges no files")
    judged = analysed("security", "--offline=true", f"--threshold={MOST_EXPOSED[unit.stem]}", unit)
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_only_the_agent_has_a_privilege_and_none_can_gain_more(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert "NoNewPrivileges=yes" in lines
    assert "DynamicUser=yes" in lines
    capabilities = [line for line in lines if line.startswith(("AmbientCapabilities=", "CapabilityBoundingSet="))]
    own = "CAP_NET_RAW" if unit.stem == "sojourn-agent" else ""
    assert sorted(capabilities) == [f"AmbientCapabilities={own}", f"CapabilityBoundingSet={own}"]


@pytest.mark.parametrize(
    ("name", "group", "path"), [("sojourn-agent", agent, ["run"]), ("sojourn-collector", collect, ["logins"])]
)
def test_it_starts_a_command_that_there_is(name: str, group: click.Group, path: Sequence[str]) -> None:
    (unit,) = [unit for unit in UNITS if unit.stem == name]
    program, first, *options, last = command_of(unit)
    assert program == "/opt/sojourn/bin/sojourn"
    assert first == group.name
    assert options == ["--config", "/etc/sojourn/agent.toml"]
    assert [last] == path
    assert last in group.commands

import ipaddress
import shutil
import subprocess
from pathlib import Path

import pytest

from sojourn.agent.machine import AGENT, DEVICE, NoMachineId, description, id_for, machine_id

MACHINE = "3d1219c7c4c5404aaa1f6d2a48adfda4"


def test_an_id_is_the_machine_s_for_one_purpose() -> None:
    assert id_for(DEVICE, MACHINE) == id_for(DEVICE, MACHINE)
    assert id_for(DEVICE, MACHINE) != id_for(AGENT, MACHINE)
    assert id_for(DEVICE, MACHINE) != id_for(DEVICE, MACHINE[::-1])
    assert MACHINE[:8] not in id_for(DEVICE, MACHINE)


def test_it_is_the_one_that_systemd_makes() -> None:
    systemd = shutil.which("systemd-id128")
    if systemd is None:
        pytest.skip("systemd-id128 is not installed")
    try:
        own = machine_id()
    except NoMachineId:
        pytest.skip("this machine has no id")
    question = [systemd, "machine-id", "--uuid", "--app-specific", str(DEVICE)]
    told = subprocess.run(question, check=False, capture_output=True, text=True)
    if told.returncode:
        pytest.skip(f"systemd-id128 does not tell: {told.stderr}")
    assert id_for(DEVICE, own) == told.stdout.strip()


@pytest.mark.parametrize("text", ["", "uninitialized\n", "3d12"])
def test_a_machine_without_an_id_is_told_how_to_get_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "machine-id"
    path.write_text(text)
    with pytest.raises(NoMachineId, match="systemd-machine-id-setup"):
        machine_id(path)
    with pytest.raises(NoMachineId):
        machine_id(tmp_path / "none")


def test_a_machine_id_is_read(tmp_path: Path) -> None:
    path = tmp_path / "machine-id"
    path.write_text(MACHINE + "\n")
    assert machine_id(path) == MACHINE


def test_a_machine_describes_itself() -> None:
    told = description("reception")
    assert told["agentName"] == "reception"
    assert told["platform"] == "Linux"
    assert told["totalMemory"] > 1 << 20
    assert all(told.values())


def test_its_addresses_are_such_as_others_reach_it_by() -> None:
    for address in description().get("addresses", []):
        assert not ipaddress.ip_address(address).is_loopback
        assert not ipaddress.ip_address(address).is_link_local

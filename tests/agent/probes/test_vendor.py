import asyncio
import shutil
from pathlib import Path

import pytest

from sojourn.agent.probes.vendor import read_vendor, vendor_of


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("ID_OUI_FROM_DATABASE=Cisco Systems, Inc\n", "Cisco Systems, Inc"),
        ("ID_A=1\nID_OUI_FROM_DATABASE=A=B\n", "A=B"),
        ("ID_OUI_FROM_DATABASE=\n", None),
        ("", None),
    ],
)
def test_it_reads_the_maker(properties: str, expected: str | None) -> None:
    assert read_vendor(properties) == expected


@pytest.mark.parametrize("address", ["4e:ba:ba:f4:fa:fa", "", "no address", "4c:ba"])
def test_an_address_that_no_maker_was_given_has_none(address: str) -> None:
    assert asyncio.run(vendor_of(address)) is None


DATABASES = [Path("/etc/udev/hwdb.bin"), Path("/usr/lib/udev/hwdb.bin")]


@pytest.mark.skipif(
    shutil.which("systemd-hwdb") is None or not any(path.exists() for path in DATABASES),
    reason="the machine has no hardware database",
)
def test_the_machines_database_knows_a_maker() -> None:
    assert "Cisco" in (asyncio.run(vendor_of("00:00:0c:12:34:56")) or "")

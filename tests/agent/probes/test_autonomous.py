from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.agent.probes.autonomous import AsDatabase, AsRecord
from tests.agent.probes import mmdb


@pytest.fixture
def database(tmp_path: Path) -> Iterator[AsDatabase]:
    mmdb.write(tmp_path / "asn.mmdb", {"89.210.0.0/18": 34779, "13.32.20.0/22": 16509, "2a00:1450::/29": 15169})
    opened = AsDatabase(tmp_path / "asn.mmdb")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("address", "record"),
    [
        ("89.210.0.1", AsRecord(asn=34779, prefix="89.210.0.0/18")),
        ("89.210.63.255", AsRecord(asn=34779, prefix="89.210.0.0/18")),
        ("13.32.22.232", AsRecord(asn=16509, prefix="13.32.20.0/22")),
        ("2a00:1450:4001:80b::200e", AsRecord(asn=15169, prefix="2a00:1450::/29")),
    ],
)
def test_it_tells_who_announces_an_address(database: AsDatabase, address: str, record: AsRecord) -> None:
    assert database(address) == record


@pytest.mark.parametrize("address", ["89.210.64.1", "8.8.8.8", "10.0.0.1", "2001:4860::1"])
def test_an_address_without_a_record_has_neither_number_nor_prefix(database: AsDatabase, address: str) -> None:
    assert database(address) is None

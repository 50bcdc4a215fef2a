"""The atlas: the owner's files and the list of public suffixes; never a network."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sojourn.atlas import Files
from sojourn.config import Settings
from sojourn.core.errors import Invalid
from sojourn.core.origin import Area, Network
from sojourn.core.report import Coordinates
from tests import mmdb

LJUBLJANA: dict[str, Any] = {
    "city": {"names": {"en": "Ljubljana", "de": "Laibach"}},
    "subdivisions": [{"names": {"en": "Ljubljana"}}],
    "country": {"names": {"en": "Slovenia"}},
    "location": {"latitude": 46.0552778, "longitude": 14.5144444},
}


@pytest.fixture
def atlas(tmp_path: Path) -> Iterator[Files]:
    mmdb.write(
        tmp_path / "asn.mmdb",
        {
            "84.255.192.0/18": {
                "autonomous_system_number": 34779,
                "autonomous_system_organization": "T-2 Access Network",
            },
            "2001:4860::/32": {"autonomous_system_number": 15169},
            "9.9.9.0/24": {"isp": "nobody's"},
        },
    )
    mmdb.write(
        tmp_path / "city.mmdb",
        {
            "84.255.241.0/24": LJUBLJANA,
            "2001:4860::/32": {"country": {"names": {"en": "United States"}}},
            "9.9.9.0/24": {"location": {"latitude": 1.5, "longitude": 2.5}},
        },
    )
    settings = Settings(mmdb_asn=str(tmp_path / "asn.mmdb"), mmdb_city=str(tmp_path / "city.mmdb"))
    files = Files(settings)
    yield files
    files.close()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("84.255.241.1", Network(asn=34779, prefix="84.255.192.0/18", org_name="T-2 Access Network")),
        ("84.255.250.46", Network(asn=34779, prefix="84.255.192.0/18", org_name="T-2 Access Network")),
        ("2001:4860:4860::8888", Network(asn=15169, prefix="2001:4860::/32")),
        ("52.95.218.66", None),
        ("9.9.9.9", None),
    ],
)
def test_it_tells_who_announces_an_address(atlas: Files, address: str, network: Network | None) -> None:
    assert atlas.network(address) == network


@pytest.mark.parametrize(
    ("address", "area"),
    [
        (
            "84.255.241.1",
            Area(
                coordinates=Coordinates(latitude=46.0552778, longitude=14.5144444, location="Ljubljana, Slovenia"),
                addresses="84.255.241.0-84.255.241.255",
            ),
        ),
        ("9.9.9.9", Area(coordinates=Coordinates(latitude=1.5, longitude=2.5), addresses="9.9.9.0-9.9.9.255")),
        (
            "2001:4860:4860::8888",
            Area(coordinates=None, addresses="2001:4860::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff"),
        ),
        ("52.95.218.66", None),
    ],
)
def test_it_tells_where_an_address_is(atlas: Files, address: str, area: Area | None) -> None:
    assert atlas.area(address) == area


def test_without_files_it_knows_of_no_address() -> None:
    atlas = Files(Settings())
    assert atlas.network("84.255.241.1") is None
    assert atlas.area("84.255.241.1") is None
    atlas.close()


def test_a_file_of_ipv4_knows_of_no_ipv6(tmp_path: Path) -> None:
    mmdb.write(tmp_path / "four.mmdb", {"9.9.9.0/24": {"autonomous_system_number": 19281}}, version=4)
    atlas = Files(Settings(mmdb_asn=str(tmp_path / "four.mmdb")))
    assert atlas.network("9.9.9.9") == Network(asn=19281, prefix="9.9.9.0/24")
    assert atlas.network("2001:4860:4860::8888") is None
    atlas.close()


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.thousandeyes.com", "thousandeyes.com"),
        ("THOUSANDEYES.com.", "thousandeyes.com"),
        ("shop.example.co.uk", "example.co.uk"),
        ("somebody.github.io", "github.io"),
        ("www.müller.de", "müller.de"),
        ("wiki.corp.internal", "wiki.corp.internal"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:4860:4860::8888", "2001:4860:4860::8888"),
    ],
)
def test_it_tells_the_registrable_domain_or_the_host_itself(host: str, domain: str) -> None:
    assert Files(Settings()).domain(host) == domain


def test_it_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert Files(Settings()).domain("never.asked.before.example.org") == "example.org"


@pytest.mark.parametrize("name", ["mmdb_asn", "mmdb_city"])
@pytest.mark.parametrize("text", [None, "no database"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / "some.mmdb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Invalid) as refused:
        Files(replace(Settings(), **{name: str(path)}))  # type: ignore[arg-type]
    assert refused.value.field == f"SOJOURN_{name.upper()}"

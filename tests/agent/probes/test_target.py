import asyncio
import socket
import time

import pytest

from sojourn.agent.probes.family import V4, V6
from sojourn.agent.probes.target import Target, UnknownHost, find_target


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", V4), ("::1", V6)])
def test_an_address_is_its_own_target(host: str, family: object) -> None:
    target = asyncio.run(find_target(host, 443))
    assert target == Target(address=host, port=443)
    assert target.family is family


def test_a_name_is_looked_up() -> None:
    assert asyncio.run(find_target("localhost", 80)).address in ("127.0.0.1", "::1")


def test_a_zone_becomes_a_number_for_sockets() -> None:
    address = Target(address="fe80::1%lo", port=0).at(33434)
    assert address[1] == 33434
    assert address[3] == socket.if_nametoindex("lo")


@pytest.mark.parametrize("host", ["a" * 64 + ".example", ".."])
def test_a_name_that_leads_nowhere_is_told(host: str) -> None:
    with pytest.raises(UnknownHost, match="^" + host[:5].replace(".", r"\.")):
        asyncio.run(find_target(host, 80))


def test_what_the_resolver_says_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnknownHost, match=r"^nosuch\.example: Name or service not known$"):
        asyncio.run(find_target("nosuch.example", 80))


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1))
    with pytest.raises(UnknownHost, match="did not answer"):
        asyncio.run(find_target("slow.example", 80, within=0.05))

"""What the agent's tests share: a server that speaks the native wire, and one that knows nothing of it."""

from collections.abc import Iterator

import pytest

from sojourn.agent.uplink import Server, Uplink
from tests.agent import native, site


@pytest.fixture
def server() -> Iterator[native.NativeServer]:
    """A server on loopback that keeps the promises of the native wire."""
    with native.serving() as running:
        yield running


@pytest.fixture
def uplink(server: native.NativeServer) -> Iterator[Uplink]:
    """A way to that server, with its token."""
    way = Uplink(Server(url=server.url, token=lambda: native.TOKEN))
    yield way
    way.close()


@pytest.fixture
def web_site() -> Iterator[site.Site]:
    """A small web site on loopback."""
    with site.serving() as running:
        yield running

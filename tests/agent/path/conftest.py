"""A path for the tests of a module, or a reason why there is none."""

from collections.abc import Iterator

import pytest

from tests.agent.path.network import WHIMS, Network, Router, network, obstacle


@pytest.fixture(scope="session", autouse=True)
def permission() -> None:
    """Skip what stands in this folder where no path can be built."""
    reason = obstacle()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def whimsical() -> Iterator[Network]:
    """A path with delay, labels told in both ways, and a silent hop."""
    with network(*WHIMS) as built:
        yield built


@pytest.fixture(scope="module")
def short() -> Iterator[Network]:
    """A path with one router, as good as without delay."""
    with network(Router()) as built:
        yield built

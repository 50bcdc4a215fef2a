"""What some machines allow and some do not."""

import pytest

from sojourn.agent.probes.echo import EchoSocket
from sojourn.agent.probes.target import Target


@pytest.fixture
def may_ping() -> None:
    """Skip where this process may not send ICMP echo requests."""
    try:
        with EchoSocket(Target(address="127.0.0.1", port=0)):
            return
    except PermissionError:
        pytest.skip("needs CAP_NET_RAW, or the group in net.ipv4.ping_group_range")

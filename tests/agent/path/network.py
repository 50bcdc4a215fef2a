"""A path to measure: this machine's end, a gateway, routers with their whims, and a target.

    near ──veth── gateway ──tun── routers in Python ──tun── far

`near`, `gateway` and `far` are namespaces with the kernel's own network stack: the gateway is a
true router, the target a true host. All addresses are of the ranges kept for documentation.

Why: docs/decisions/0075-a-path-to-measure.md
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from sojourn.agent.probes.target import Target
from tests.agent.path import router
from tests.agent.path.namespace import Namespace

GATEWAY = {4: "192.0.2.1", 6: "2001:db8:2::1"}
OWN = {4: "192.0.2.2", 6: "2001:db8:2::2"}
LINK_LOCAL = "fe80::1"
"""The gateway, as its router advertisements would name it."""

TARGET = {4: "203.0.113.9", 6: "2001:db8:9::9"}

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x1, 0x1000
_QUIET = {  # the kernel may tell of every packet
    "ipv4__icmp_ratelimit": "0",
    "ipv4__icmp_msgs_per_sec": "100000",
    "ipv4__icmp_msgs_burst": "100000",
    "ipv6__icmp__ratelimit": "0",
    "ipv6__conf__default__addr_gen_mode": "1",  # no other link-local addresses than ours
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """One hop: `delay` ms of the line before it, one way; a label stack; `old`: it tells no length."""

    delay: float = 0.0
    silent: bool = False
    labels: tuple[tuple[int, int, int, int], ...] = ()
    old: bool = False


WHIMS = (
    Router(delay=10),
    Router(delay=10, labels=((301472, 0, 1, 1),)),
    Router(delay=10, silent=True),
    Router(delay=10, labels=((16004, 5, 0, 1), (24001, 0, 1, 255)), old=True),
)
"""Routers 20 ms apart, there and back; they are hops 2 to 5, behind the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A path: its near end, its gateway, its far end and the ports of it."""

    near: Namespace
    gateway: Namespace
    far: Namespace
    open_port: int
    closed_port: int

    def target(self, version: int, *, refusing: bool = False) -> Target:
        """The far end, at a port where someone listens, or at one where nobody does."""
        return Target(address=TARGET[version], port=self.closed_port if refusing else self.open_port)

    @staticmethod
    def nowhere(version: int) -> Target:
        """The far end as seen from a machine that has no way to it."""
        return Target(address=TARGET[version], port=443)

    def lead_by_link_local_gateway(self) -> None:
        """Have the near end know its IPv6 gateway only as the neighbour it is."""
        with self.near.entered():
            _ip(f"-6 route replace default via {LINK_LOCAL} dev line")

    def silence_gateway(self) -> None:
        """Let the first router say nothing any more."""
        with self.gateway.entered():
            _ip("route del default dev wire")
            _ip("route add blackhole default")


def hop_address(number: int, version: int) -> str:
    """What router `number` (from 1) is called; the gateway before it is hop 1."""
    return f"198.51.100.{number}" if version == 4 else f"2001:db8:51::{number}"


def obstacle() -> str | None:
    """Why no path can be built here; `None` if it can."""
    for program in ("ip", "ping", "traceroute"):
        if shutil.which(program) is None:
            return f"the program {program} is not installed"
    try:
        namespace = Namespace()
    except OSError as error:
        return f"network namespaces are not permitted ({error}); `unshare -Urn` before the command may help"
    try:
        os.close(_tun(namespace, "trial"))
    except OSError as error:
        return f"TUN devices in namespaces are not permitted ({error})"
    finally:
        namespace.close()
    return None


@contextmanager
def network(*routers: Router, blocked: tuple[str, ...] = (), fence: int | None = None) -> Iterator[Network]:
    """Build a path of these routers.

    `blocked` (`icmp`, `udp`, `tcp`) does not come through to the target; at router number `fence`
    everything that would go on is turned back as prohibited.
    """
    with ExitStack() as stack:
        near, gateway, far = (Namespace() for _ in range(3))
        for namespace in (near, gateway, far):
            stack.callback(namespace.close)
        here = _tun(gateway, "wire")
        stack.callback(os.close, here)
        there = _tun(far, "wire")
        stack.callback(os.close, there)
        _lay_lines(near, gateway, far)
        stack.enter_context(_running(routers, blocked, fence, here, there))
        with far.entered():
            server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
            stack.callback(server.close)
            closed = socket.socket(socket.AF_INET6)  # bound and not listening: refuses
            stack.callback(closed.close)
            closed.bind(("::", 0))
        yield Network(
            near=near,
            gateway=gateway,
            far=far,
            open_port=server.getsockname()[1],
            closed_port=closed.getsockname()[1],
        )


def _lay_lines(near: Namespace, gateway: Namespace, far: Namespace) -> None:
    """Give the ends their addresses and ways; IPv6 without the wait for a second claimant."""
    for namespace in (near, gateway, far):
        namespace.configure(**_QUIET)
    gateway.configure(ipv4__ip_forward="1", ipv6__conf__all__forwarding="1")
    with gateway.entered():
        _ip("link set lo up")
        _ip(f"link add cable type veth peer name line netns {near.path}")
        _addresses("cable", GATEWAY)
        _ip(f"addr add {LINK_LOCAL}/64 dev cable nodad")
        _ip("link set wire up")
        for version in (4, 6):
            _ip(f"-{version} route add default dev wire")
    with near.entered():
        _ip("link set lo up")
        _addresses("line", OWN)
        _ip("addr add fe80::2/64 dev line nodad")
        for version in (4, 6):
            _ip(f"-{version} route add default via {GATEWAY[version]}")
    with far.entered():
        _ip("link set lo up")
        _addresses("wire", TARGET)
        for version in (4, 6):
            _ip(f"-{version} route add default dev wire")


def _addresses(device: str, addresses: dict[int, str]) -> None:
    _ip(f"addr add {addresses[4]}/24 dev {device}")
    _ip(f"addr add {addresses[6]}/64 dev {device} nodad")
    _ip(f"link set {device} up")


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)


@contextmanager
def _running(
    routers: tuple[Router, ...], blocked: tuple[str, ...], fence: int | None, here: int, there: int
) -> Iterator[None]:
    hops = [
        {**asdict(each), "v4": hop_address(number, 4), "v6": hop_address(number, 6)}
        for number, each in enumerate(routers, start=1)
    ]
    path = {"hops": hops, "v4": TARGET[4], "v6": TARGET[6], "blocked": blocked, "fence": fence}
    program = [sys.executable, "-S", str(router.__file__), str(here), str(there), json.dumps(path)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(here, there)) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n", "the routers did not start"
            yield
            assert process.poll() is None, "the router gave up"
        finally:
            process.communicate()  # closes its standard input: it ends


def _tun(namespace: Namespace, name: str) -> int:
    with namespace.entered():
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
        except OSError:
            os.close(descriptor)
            raise
    return descriptor

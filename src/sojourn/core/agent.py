"""Agents: the machines that visits are measured on, as they describe themselves and as the server sees them.

An agent is a device, and its id is the device's GUID. It is known from its first sign of life on, be it that it
registers or that it delivers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sojourn.core.errors import Invalid
from sojourn.core.model import Instant, name_of
from sojourn.core.report import Browser
from sojourn.core.visit import Source

MOST_AGENTS = 1_000
"""The longest page of agents (our decision)."""

MOST_ADDRESSES = 100
MOST_CLIENTS = 100
MOST_BROWSERS = 20
"""How much an agent tells of itself (our decision)."""

LARGEST_MEMORY = 2**53
"""Bytes: what every JSON reader can tell exactly."""

_NAMES = ("agent_name", "computer_name", "platform", "os_version", "kernel_version", "manufacturer", "model", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who uses the machine, and the browsers that are watched for them."""

    user_name: str
    browsers: tuple[Browser, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDraft:
    """What an agent tells of itself and its machine; `total_memory` is in bytes, `addresses` are its own."""

    agent_id: str
    agent_name: str | None = None
    computer_name: str | None = None
    platform: str | None = None
    os_version: str | None = None
    kernel_version: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    total_memory: int | None = None
    version: str | None = None
    addresses: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()

    @property
    def name(self) -> str | None:
        """What people call it."""
        return self.agent_name or self.computer_name

    def checked(self) -> "AgentDraft":
        """The same with its texts trimmed; a blank one is absent. Raises: Invalid, naming the field."""
        if self.total_memory is not None and not 0 <= self.total_memory <= LARGEST_MEMORY:
            raise Invalid("total_memory", f"must be a number from 0 to {LARGEST_MEMORY}")
        _few("addresses", self.addresses, MOST_ADDRESSES)
        _few("clients", self.clients, MOST_CLIENTS)
        names: dict[str, Any] = {name: optional_name(name, getattr(self, name)) for name in _NAMES}
        return replace(
            self,
            agent_id=name_of("agent_id", self.agent_id),
            addresses=tuple([name_of(f"addresses[{i}]", address) for i, address in enumerate(self.addresses)]),
            clients=tuple([_checked_client(f"clients[{i}]", client) for i, client in enumerate(self.clients)]),
            **names,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent: `about` is what it told last, `source` where it last came from; `id` is its device's number."""

    organisation: int
    id: int
    about: AgentDraft
    source: Source
    created_at: Instant
    last_seen: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPage:
    """Some agents in the order in which they were first seen; after which number the next page begins, if any."""

    agents: tuple[Agent, ...]
    next: int | None


def optional_name(field: str, value: str | None) -> str | None:
    """A name that may be absent; blank is absent."""
    return None if value is None or not value.strip() else name_of(field, value)


def _checked_client(field: str, client: Client) -> Client:
    _few(f"{field}.browsers", client.browsers, MOST_BROWSERS)
    browsers = [
        Browser(
            name=name_of(f"{field}.browsers[{i}].name", browser.name),
            version=optional_name(f"{field}.browsers[{i}].version", browser.version),
        )
        for i, browser in enumerate(client.browsers)
    ]
    return Client(user_name=name_of(f"{field}.user_name", client.user_name), browsers=tuple(browsers))


def _few(field: str, values: Sequence[object], most: int) -> None:
    if len(values) > most:
        raise Invalid(field, f"must not hold more than {most} items")

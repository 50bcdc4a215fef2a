"""Which visits an address asks for: the filters of the native dialect under their own names, and a range of dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sojourn.console import zoned
from sojourn.core.errors import Invalid
from sojourn.core.model import NAME_LENGTH, Instant
from sojourn.core.query import Order
from sojourn.core.visit import Facet

LABELS: Mapping[Facet, str] = {
    Facet.VISITED_SITE: "Site",
    Facet.AGENT_ID: "Agent",
    Facet.DOMAIN: "Domain",
    Facet.CONNECTION: "Connected by",
    Facet.SSID: "Wi-Fi network",
    Facet.BSSID: "Access point",
    Facet.LOCATION: "Place",
    Facet.PLATFORM: "Platform",
    Facet.GATEWAY: "Gateway",
    Facet.NETWORK_ID: "Local network and gateway",
    Facet.DESTINATION_IP: "Address of the site",
    Facet.PROXY_TARGET: "Proxy",
    Facet.VPN_TARGET: "VPN",
    Facet.TRIGGER: "Made by",
}

FIRST = (Facet.VISITED_SITE, Facet.AGENT_ID)
"""What most people look for; the others are folded away."""

CHOICES: Mapping[Facet, list[tuple[str, str]]] = {
    Facet.CONNECTION: [("", "any"), *[(kind, kind) for kind in ("Ethernet", "Wireless", "Loopback")]],
    Facet.TRIGGER: [("", "any"), ("auto", "a schedule"), ("user", "a person")],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What an address asks for: values as they stand in it, or, by field, what is wrong with them."""

    values: Mapping[str, str]
    zone: ZoneInfo
    order: Order = Order.NEWEST
    first: Instant | None = None
    last: Instant | None = None
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def folded(self) -> list[Facet]:
        """The filters beside the first."""
        return [facet for facet in LABELS if facet not in FIRST]

    @property
    def unfolded(self) -> bool:
        """Whether any of those is asked for."""
        return any(facet in self.filters for facet in self.folded)

    @property
    def question(self) -> tuple[object, ...]:
        """What the places of its list belong to."""
        told = {facet.value: list(values) for facet, values in self.filters.items()}
        return ("console visits", self.first, self.last, told, self.order)

    def day(self, shift: int, today: date) -> str:
        """The day before or after the one that is asked for; nothing where that is in the future."""
        told = self.values.get("from", "")
        day = date.fromisoformat(told) if zoned.is_date(told) and "from" not in self.wrong else today
        other = day + timedelta(days=shift)
        return other.isoformat() if other <= today else ""


def sought(given: Mapping[str, str], zone: ZoneInfo) -> Sought:
    """Read an address."""
    names = ("from", "to", *[facet.value for facet in Facet])
    values = {name: text for name in names if (text := given.get(name, "").strip())}
    wrong: dict[str, str] = {}
    first, last = (_time(name, values, zone, wrong) for name in ("from", "to"))
    if first is not None and last is not None and last < first:
        wrong["to"] = "Must not be before the start."
    for facet in Facet:
        if len(values.get(facet.value, "")) > NAME_LENGTH:
            wrong[facet.value] = f"Must not be longer than {NAME_LENGTH} characters."
    return Sought(
        values=values,
        zone=zone,
        order=Order.OLDEST if given.get("order") == Order.OLDEST.value else Order.NEWEST,
        first=first,
        last=last,
        filters={facet: (values[facet.value],) for facet in Facet if facet.value in values},
        wrong=wrong,
    )


def _time(name: str, values: Mapping[str, str], zone: ZoneInfo, wrong: dict[str, str]) -> Instant | None:
    if name not in values:
        return None
    try:
        return zoned.moment_of(name, values[name], zone, last=name == "to")
    except Invalid as error:
        wrong[name] = f"{error.reason[0].upper()}{error.reason[1:]}."
        return None

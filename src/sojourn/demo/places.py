"""Where the company's agents stand, and the ways from there: addresses and systems are of the ranges for examples."""

from collections.abc import Sequence
from dataclasses import dataclass

from sojourn.core.measurement import WirelessProfile
from sojourn.core.report import Coordinates
from sojourn.core.visit import Source


@dataclass(frozen=True, slots=True)
class Router:
    """A router on a way: what it is called, how much longer than the one before it takes, and what it tells.

    `answers` is whether it answers probes at all.
    """

    name: str
    address: str
    milliseconds: float
    asn: int | None = None
    prefix: str | None = None
    label: str | None = None
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A network that agents are in. `gateway` is how many milliseconds its gateway is away."""

    name: str
    own: str
    gateway: str
    milliseconds: float
    source: Source
    routers: Sequence[Router]
    dns: Sequence[str]
    radio: WirelessProfile | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A site that people visit, and the end of the way there."""

    host: str
    address: str
    routers: Sequence[Router]
    pages: Sequence[tuple[str, str]]
    requests: int
    others: Sequence[str]
    blocks_ping: bool = False


_OFFICE = Source(
    address="203.0.113.40",
    org_name="Example Business Fibre",
    coordinates=Coordinates(latitude=52.52, longitude=13.405, location="Berlin, Germany"),
)
_HOME = Source(
    address="198.51.100.77",
    org_name="Example Cable",
    coordinates=Coordinates(latitude=51.34, longitude=12.37, location="Leipzig, Germany"),
)
_ROAD = Source(
    address="192.0.2.18",
    org_name="Example Mobile",
    coordinates=Coordinates(latitude=48.14, longitude=11.58, location="Munich, Germany"),
)

_FIBRE = (
    Router("edge.office.example", "203.0.113.1", 0.6, 64500, "203.0.113.0/24"),
    Router("ae4.core1.ber.fibre.example", "203.0.113.129", 1.2, 64500, "203.0.113.0/24", "L=301472,E=0,S=1,T=1"),
    Router("ae7.core2.fra.fibre.example", "203.0.113.137", 8.4, 64500, "203.0.113.0/24", "L=301480,E=0,S=1,T=2"),
    Router("", "203.0.113.141", 0.4, answers=False),
)
_CABLE = (
    Router("cmts-17.lej.cable.example", "198.51.100.1", 9.0, 64501, "198.51.100.0/25"),
    Router("", "198.51.100.9", 0.8, answers=False),
    Router("", "198.51.100.13", 0.5, answers=False),
    Router("fra-bb2.cable.example", "198.51.100.21", 7.5, 64501, "198.51.100.0/25"),
)
_MOBILE = (
    Router("", "100.64.0.1", 24.0, answers=False),
    Router("gw.mobile.example", "192.0.2.33", 6.0, 64502, "192.0.2.0/25"),
    Router("ix-muc.mobile.example", "192.0.2.65", 3.0, 64502, "192.0.2.0/25"),
)

PLACES = (
    Place("Office, by wire", "10.20.3.14", "10.20.0.1", 0.7, _OFFICE, _FIBRE, ("10.20.0.53", "10.20.0.54")),
    Place(
        "Office, by Wi-Fi",
        "10.20.8.31",
        "10.20.8.1",
        3.1,
        _OFFICE,
        _FIBRE,
        ("10.20.0.53", "10.20.0.54"),
        WirelessProfile(
            ssid="Meadow-Staff",
            bssid="02:00:5e:10:00:11",
            channel=44,
            phy_mode="802.11ax",
            rssi=-54,
            noise=-94,
            quality=88,
            tx_rate=866.7,
            vendor="Example Radio",
        ),
    ),
    Place(
        "Home, behind two walls",
        "192.168.178.23",
        "192.168.178.1",
        4.2,
        _HOME,
        _CABLE,
        ("192.168.178.1",),
        WirelessProfile(
            ssid="Fritz und Familie",
            bssid="02:00:5e:10:00:2f",
            channel=6,
            phy_mode="802.11n",
            rssi=-66,
            noise=-91,
            quality=58,
            tx_rate=72.2,
            vendor="Example Home",
        ),
    ),
    Place("On the road", "172.20.10.3", "172.20.10.1", 6.0, _ROAD, _MOBILE, ("172.20.10.1",)),
)

_CLOUD = (
    Router("fra1-edge3.cloud.example", "192.0.2.129", 1.1, 64510, "192.0.2.128/26"),
    Router("", "192.0.2.133", 0.3, answers=False),
)
_FAR = (
    Router("lon-ix.transit.example", "198.51.100.129", 12.0, 64505, "198.51.100.128/26"),
    Router("nyc-bb1.transit.example", "198.51.100.137", 74.0, 64505, "198.51.100.128/26", "L=24012,E=0,S=1,T=1"),
    Router("nyc-bb4.transit.example", "198.51.100.141", 1.0, 64505, "198.51.100.128/26", "L=24019,E=0,S=1,T=1"),
    Router("dc7.parcels.example", "198.51.100.145", 2.0, 64506, "198.51.100.128/26"),
)
_OWN = (Router("fw1.meadow.example", "203.0.113.194", 0.9, 64500, "203.0.113.0/24"),)

SITES = (
    Site(
        "care.meadow.example",
        "192.0.2.140",
        _CLOUD,
        (("Customer search", "/customers"), ("Customer", "/customers/98662653"), ("Orders", "/orders")),
        180,
        ("static.meadow.example", "fonts.example", "metrics.example"),
    ),
    Site(
        "www.parcels.example",
        "198.51.100.150",
        _FAR,
        (("Track a parcel", "/track"), ("Where is my parcel?", "/track/status")),
        240,
        ("cdn.parcels.example", "ads.example", "tags.example", "fonts.example", "video.example"),
        blocks_ping=True,
    ),
    Site(
        "billing.meadow.example",
        "203.0.113.200",
        _OWN,
        (("Invoices", "/invoices"), ("Invoice", "/invoices/R-104233")),
        110,
        ("static.meadow.example",),
    ),
)

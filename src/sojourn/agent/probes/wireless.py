"""The radio link of a wireless interface, as the `iw` program tells it.

Written from the form of iw 5 and 6, without a radio at hand: what it does not find it leaves out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sojourn.agent.probes.program import ask
from sojourn.agent.probes.vendor import vendor_of
from sojourn.core.measurement import WirelessProfile

_BSSID = re.compile(r"^Connected to ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b", re.MULTILINE | re.IGNORECASE)
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_IN_USE = re.compile(r"\[in use\](.*?)(?:^Survey data|\Z)", re.MULTILINE | re.DOTALL)
_NOISE = re.compile(r"noise:\s*(-?\d+) dBm")
_GENERATIONS = {"EHT-": "802.11be", "HE-": "802.11ax", "VHT-": "802.11ac", "MCS": "802.11n"}
_DSSS_RATES = frozenset({1.0, 2.0, 5.5, 11.0})


async def wireless_profile(interface: str) -> WirelessProfile | None:
    """The link of an interface; `None` if it is not associated, or `iw` is not there."""
    link = await ask("iw", "dev", interface, "link")
    profile = read_link(link.out) if link else None
    if profile is None:
        return None
    survey = await ask("iw", "dev", interface, "survey", "dump")
    return replace(
        profile,
        noise=read_noise(survey.out) if survey else None,
        vendor=await vendor_of(profile.bssid) if profile.bssid else None,
    )


def read_link(text: str) -> WirelessProfile | None:
    """What `iw dev IF link` prints; `None` if it says that there is no link."""
    bssid = _BSSID.search(text)
    if bssid is None:
        return None
    fields = {
        key.strip(): value.strip()
        for key, separator, value in (line.partition(":") for line in text.splitlines()[1:])
        if separator
    }
    frequency, rssi = _number(fields.get("freq")), _number(fields.get("signal"))
    bitrate = fields.get("tx bitrate", "")
    rate = _number(bitrate)
    return WirelessProfile(
        ssid=_unescaped(fields["SSID"]) if fields.get("SSID") else None,
        bssid=bssid[1].lower(),
        channel=None if frequency is None else channel_of(round(frequency)),
        phy_mode=_phy_mode(bitrate, frequency, rate),
        rssi=None if rssi is None else round(rssi),
        quality=None if rssi is None else quality_of(round(rssi)),
        tx_rate=rate,
    )


def read_noise(text: str) -> int | None:
    """The noise on the channel in use, in dBm, from what `iw dev IF survey dump` prints."""
    used = _IN_USE.search(text)
    noise = _NOISE.search(used[1]) if used else None
    return int(noise[1]) if noise else None


def channel_of(frequency: int) -> int | None:
    """The channel with this centre frequency in MHz (IEEE 802.11, annex E)."""
    if frequency == 2484:
        return 14
    if 2412 <= frequency <= 2472:
        return (frequency - 2407) // 5
    if 5955 <= frequency <= 7115:
        return (frequency - 5950) // 5
    if 5160 <= frequency <= 5885:
        return (frequency - 5000) // 5
    return None


def quality_of(rssi: int) -> int:
    """Per cent: 0 at -100 dBm and below, 100 at -50 dBm and above, as operating systems tell it."""
    return max(0, min(100, 2 * (rssi + 100)))


def _phy_mode(bitrate: str, frequency: float | None, rate: float | None) -> str | None:
    """The generation, by the modulation of the last packet sent."""
    for sign, mode in _GENERATIONS.items():
        if sign in bitrate:
            return mode
    if frequency is None or rate is None:
        return None
    if frequency > 5000:
        return "802.11a"
    return "802.11b" if rate in _DSSS_RATES else "802.11g"


def _number(text: str | None) -> float | None:
    found = re.match(r"-?\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else None


def _unescaped(ssid: str) -> str:
    r"""The name of a network, of which `iw` writes bytes that are not printable as `\xNN`."""
    raw = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), ssid.encode())
    return raw.decode(errors="replace")

"""What `iw` prints, after the form of versions 5 and 6: written by hand, there was no radio to record."""

import asyncio
from pathlib import Path

import pytest

from sojourn.agent.probes.wireless import channel_of, quality_of, read_link, read_noise, wireless_profile
from sojourn.core.measurement import WirelessProfile

SEED = """Connected to 4c:ba:ba:f4:fa:fa (on wlan0)
	SSID: Internet for the masses
	freq: 2412
	RX: 2950184 bytes (20150 packets)
	TX: 298442 bytes (2126 packets)
	signal: -38 dBm
	rx bitrate: 117.0 MBit/s MCS 14
	tx bitrate: 130.0 MBit/s MCS 15

	bss flags:	short-preamble short-slot-time
	dtim period:	1
	beacon int:	100
"""
SURVEY = """Survey data from wlan0
	frequency:			2407 MHz
	noise:				-91 dBm
Survey data from wlan0
	frequency:			2412 MHz [in use]
	noise:				-95 dBm
	channel active time:		811909 ms
	channel busy time:		63395 ms
Survey data from wlan0
	frequency:			2417 MHz
	noise:				-92 dBm
"""


def link(**changes: str) -> str:
    """The link of the seed, with other lines."""
    lines = SEED.splitlines()
    for key, value in changes.items():
        name = key.replace("_", " ")
        lines = [f"\t{name}: {value}" if line.startswith(f"\t{name}:") else line for line in lines]
    return "\n".join(lines) + "\n"


def test_it_reads_the_published_example() -> None:
    assert read_link(SEED) == WirelessProfile(
        ssid="Internet for the masses",
        bssid="4c:ba:ba:f4:fa:fa",
        channel=1,
        phy_mode="802.11n",
        rssi=-38,
        quality=100,
        tx_rate=130.0,
    )
    assert read_noise(SURVEY) == -95


@pytest.mark.parametrize("text", ["Not connected.\n", "", "command failed: No such device (-19)\n"])
def test_no_link_has_no_profile(text: str) -> None:
    assert read_link(text) is None


@pytest.mark.parametrize(
    ("bitrate", "frequency", "mode", "rate"),
    [
        ("1201.0 MBit/s 80MHz EHT-MCS 11 EHT-NSS 2 EHT-GI 0", "5955.0", "802.11be", 1201.0),
        ("1200.9 MBit/s 80MHz HE-MCS 11 HE-NSS 2 HE-GI 0 HE-DCM 0", "5180.0", "802.11ax", 1200.9),
        ("866.7 MBit/s VHT-MCS 9 80MHz short GI VHT-NSS 2", "5180", "802.11ac", 866.7),
        ("300.0 MBit/s MCS 15 40MHz short GI", "5180", "802.11n", 300.0),
        ("54.0 MBit/s", "5180", "802.11a", 54.0),
        ("54.0 MBit/s", "2437", "802.11g", 54.0),
        ("5.5 MBit/s", "2437", "802.11b", 5.5),
        ("(unknown)", "2437", None, None),
    ],
)
def test_the_last_packets_modulation_tells_the_generation(
    bitrate: str, frequency: str, mode: str | None, rate: float | None
) -> None:
    told = read_link(link(tx_bitrate=bitrate, freq=frequency))
    assert told is not None
    assert (told.phy_mode, told.tx_rate) == (mode, rate)


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        (r"Caf\xc3\xa9", "Café"),
        (r"\x20two: a\x5cb\x20", " two: a\\b "),
        (r"\x00\x00", "\0\0"),
        (r"\xff", "\ufffd"),
        ("", None),
    ],
)
def test_a_networks_name_is_read_as_it_was_given(printed: str, name: str | None) -> None:
    told = read_link(link(SSID=printed))
    assert told is not None
    assert told.ssid == name


def test_what_is_not_told_is_left_out() -> None:
    told = read_link("Connected to 4C:BA:BA:F4:FA:FA (on wlan0)\n\tSSID: a\n")
    assert told == WirelessProfile(ssid="a", bssid="4c:ba:ba:f4:fa:fa")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Survey data from wlan0\n\tfrequency:\t2412 MHz\n\tnoise:\t-95 dBm\n",
        SURVEY.replace("\tnoise:\t\t\t\t-95 dBm\n", ""),
    ],
)
def test_only_the_channel_in_use_tells_the_noise(text: str) -> None:
    assert read_noise(text) is None


@pytest.mark.parametrize(
    ("frequency", "channel"),
    [
        *((2412, 1), (2437, 6), (2472, 13), (2484, 14), (5180, 36), (5500, 100), (5825, 165), (5885, 177)),
        *((5955, 1), (6415, 93), (7115, 233), (900, None), (4900, None), (60480, None)),
    ],
)
def test_a_frequency_is_a_channel(frequency: int, channel: int | None) -> None:
    assert channel_of(frequency) == channel


@pytest.mark.parametrize(("rssi", "quality"), [(-38, 100), (-50, 100), (-75, 50), (-100, 0), (-110, 0)])
def test_quality_is_per_cent(rssi: int, quality: int) -> None:
    assert quality_of(rssi) == quality


@pytest.fixture
def radio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose `iw` and `systemd-hwdb` are ours; the folder that they stand in."""
    (tmp_path / "link").write_text(SEED)
    (tmp_path / "survey").write_text(SURVEY)
    programs = {
        "iw": f'[ "$1 $2" = "dev wlan0" ] && exec cat {tmp_path}/$3',
        "systemd-hwdb": '[ "$*" = "query OUI:4CBABAF4FAFA" ] && echo "ID_OUI_FROM_DATABASE=Cisco"',
    }
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def test_link_survey_and_maker_make_one_profile(radio: Path) -> None:
    assert asyncio.run(wireless_profile("wlan0")) == WirelessProfile(
        ssid="Internet for the masses",
        bssid="4c:ba:ba:f4:fa:fa",
        channel=1,
        noise=-95,
        phy_mode="802.11n",
        quality=100,
        rssi=-38,
        tx_rate=130.0,
        vendor="Cisco",
    )


def test_an_interface_that_is_not_associated_has_no_profile(radio: Path) -> None:
    (radio / "link").write_text("Not connected.\n")
    assert asyncio.run(wireless_profile("wlan0")) is None


def test_a_machine_without_iw_has_no_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asyncio.run(wireless_profile("wlan0")) is None

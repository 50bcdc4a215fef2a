import asyncio
from pathlib import Path

import pytest

from sojourn.agent.probes.proxies import bare, profile_of, proxy_profile
from sojourn.core.measurement import Proxy, ProxyProfile

DIRECT = Proxy(proxy="<direct>")


@pytest.mark.parametrize(
    ("proxies", "pac", "expected"),
    [
        ({}, None, ProxyProfile(method="System", proxies=(DIRECT,))),
        (
            {"no": "*.local, 169.254/16"},
            None,
            ProxyProfile(method="System", proxies=(Proxy(proxy="<direct>", bypass="*.local;169.254/16"),)),
        ),
        (
            {"http": "http://proxy.example:3128", "https": "http://proxy.example:3128", "all": "socks5://192.0.2.1"},
            None,
            ProxyProfile(
                method="System", proxies=(Proxy(proxy="http://proxy.example:3128"), Proxy(proxy="socks5://192.0.2.1"))
            ),
        ),
        (
            {"http": "http://ann:secret@proxy.example:3128/", "no": "localhost,,"},
            None,
            ProxyProfile(method="System", proxies=(Proxy(proxy="http://proxy.example:3128/", bypass="localhost"),)),
        ),
        (
            {},
            "http://wpad.example/proxy.pac?key=secret",
            ProxyProfile(method="PAC", proxies=(DIRECT,), pac_url="http://wpad.example/proxy.pac"),
        ),
        (
            {"auto": "http://ann:secret@wpad.example/a.pac", "http": "http://192.0.2.1:8080"},
            "http://desktop.example/b.pac",
            ProxyProfile(
                method="PAC", proxies=(Proxy(proxy="http://192.0.2.1:8080"),), pac_url="http://wpad.example/a.pac"
            ),
        ),
    ],
)
def test_it_tells_the_proxies_without_their_secrets(
    proxies: dict[str, str], pac: str | None, expected: ProxyProfile
) -> None:
    assert profile_of(proxies, pac) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a:b@c:1/d?e#f", "http://c:1/d"),
        ("http://a:p@ss@c:1", "http://c:1"),
        ("a:b@c:1", "c:1"),
        ("proxy:3128", "proxy:3128"),
        ("http://[2001:db8::1]:80", "http://[2001:db8::1]:80"),
        ("file:///etc/proxy.pac", "file:///etc/proxy.pac"),
    ],
)
def test_an_address_is_told_without_user_password_and_query(url: str, expected: str) -> None:
    assert bare(url) == expected


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without proxies in the environment, and with another `gsettings`."""
    for name in ("http", "https", "all", "no", "auto", "ftp"):
        for spelt in (f"{name}_proxy", f"{name}_proxy".upper()):
            monkeypatch.delenv(spelt, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path / "gsettings"


def answer(program: Path, mode: str, url: str) -> None:
    program.write_text(f"""#!/bin/sh\ncase "$3" in mode) echo "{mode}";; autoconfig-url) echo "{url}";; esac\n""")
    program.chmod(0o755)


def test_a_desktop_that_uses_a_pac_is_told(desktop: Path) -> None:
    answer(desktop, "'auto'", "'http://wpad.example/proxy.pac'")
    told = asyncio.run(proxy_profile())
    assert told == ProxyProfile(method="PAC", proxies=(DIRECT,), pac_url="http://wpad.example/proxy.pac")


@pytest.mark.parametrize(("mode", "url"), [("'none'", "'http://wpad.example/'"), ("'auto'", "''"), ("", "")])
def test_a_desktop_that_uses_none_has_none(desktop: Path, mode: str, url: str) -> None:
    answer(desktop, mode, url)
    assert asyncio.run(proxy_profile()) == ProxyProfile(method="System", proxies=(DIRECT,))


def test_proxies_of_the_environment_are_told(desktop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(desktop, "'none'", "''")
    monkeypatch.setenv("https_proxy", "http://ann:secret@192.0.2.1:8080")
    monkeypatch.setenv("no_proxy", "localhost")
    told = asyncio.run(proxy_profile())
    assert told == ProxyProfile(method="System", proxies=(Proxy(proxy="http://192.0.2.1:8080", bypass="localhost"),))

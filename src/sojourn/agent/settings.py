"""The agent's settings: one TOML file, checked whole before anything is done by it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs

from sojourn.agent.browser.process import BrowserSettings
from sojourn.agent.clock import SECOND
from sojourn.agent.privacy import Privacy
from sojourn.agent.uplink import Server
from sojourn.agent.weblog import Site

SYSTEM_FILE = Path("/etc/sojourn/agent.toml")
CREDENTIAL = "token"
"""The name of the token among the credentials that systemd hands to a service."""

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)?")
_SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZE = re.compile(r"(\d+)\s*(B|KiB|MiB|GiB)?")
_BYTES = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

Duration = Annotated[str | int, "seconds, or a text such as 30s, 5m, 2h, 14d"]
Size = Annotated[str | int, "bytes, or a text such as 512 KiB, 64 MiB"]


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it."""


class ServerSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to deliver."""

    url: str | None = None
    token: str | None = None
    token_file: str | None = None
    organisation: int | None = None
    ca_file: str | None = None


class PrivacySection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may leave this machine."""

    domains: tuple[str, ...] = ()
    keep_query: bool = False
    send_har: bool = True


class SpoolSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of what cannot be delivered."""

    directory: str | None = None
    max_bytes: Size = "64 MiB"
    max_age: Duration = "14d"


class BrowserSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Chromium, and how."""

    executable: str | None = None
    sandbox: bool = True
    flags: tuple[str, ...] = ()
    page_timeout: Duration = "30s"


class SiteSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site to visit again and again; `pages` are paths below `url`."""

    url: str
    pages: tuple[str, ...] = ()
    interval: Duration = "5m"


class LoginsSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How logins are collected."""

    source: str = "auto"
    wtmp: str = "/var/log/wtmp"
    wtmpdb: str | None = None
    poll: Duration = "15s"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sites": "site"}):
    """All of the file. `id` and `name` are this machine's, where its own will not do."""

    id: str | None = None
    name: str | None = None
    as_database: str | None = None
    server: ServerSection = ServerSection()
    privacy: PrivacySection = PrivacySection()
    spool: SpoolSection = SpoolSection()
    browser: BrowserSection = BrowserSection()
    logins: LoginsSection = LoginsSection()
    sites: tuple[SiteSection, ...] = ()

    def owner_privacy(self) -> Privacy:
        """Tell what may be told."""
        return Privacy(domains=self.privacy.domains, keep_query=self.privacy.keep_query)

    def browser_settings(self) -> BrowserSettings:
        """Tell how to run the browser."""
        section = self.browser
        return BrowserSettings(
            executable=section.executable,
            sandbox=section.sandbox,
            flags=section.flags,
            page_seconds=float(seconds("browser.page_timeout", section.page_timeout)),
        )

    def state_directory(self) -> Path:
        """Tell where spool and ledger are: as configured, else systemd's place, else the user's."""
        configured = self.spool.directory or os.environ.get("STATE_DIRECTORY")
        return Path(configured) if configured else platformdirs.user_state_path("sojourn")

    def max_bytes(self) -> int:
        """Tell how large the spool may become."""
        return size("spool.max_bytes", self.spool.max_bytes)

    def max_age(self) -> int:
        """Tell how old (microseconds) what is in the spool may become."""
        return seconds("spool.max_age", self.spool.max_age) * SECOND

    def uplink_server(self) -> Server | None:
        """Tell where to deliver, or None if nowhere is configured."""
        section = self.server
        url = section.url or os.environ.get("SOJOURN_SERVER_URL")
        if url is None:
            return None
        if Site.of(url) is None:
            raise SettingsError(f"server.url: {url} is no http(s) address")
        return Server(
            url=url,
            token=lambda: token(section, os.environ),
            organisation=section.organisation,
            ca_file=section.ca_file,
        )


def load(path: Path | None = None) -> Settings:
    """Read the file that is named, or the first that exists. Raises: SettingsError."""
    if path is None:
        named = os.environ.get("SOJOURN_AGENT_CONFIG")
        places = (platformdirs.user_config_path("sojourn") / "agent.toml", SYSTEM_FILE)
        path = Path(named) if named else next((p for p in places if p.exists()), None)
    if path is None:
        return Settings()
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=Settings)
        _check(settings)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError, SettingsError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return settings


def token(section: ServerSection, environment: Mapping[str, str]) -> str:
    """Find the token: environment, credential of the service, or configuration. Raises: OSError."""
    if own := environment.get("SOJOURN_TOKEN"):
        return own
    if section.token is not None:
        return section.token
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    credential = Path(credentials) / CREDENTIAL if credentials else None
    named = environment.get("SOJOURN_TOKEN_FILE") or section.token_file
    if named is None and credential is not None and credential.exists():
        named = str(credential)
    if named is None:
        raise FileNotFoundError("no token: set server.token_file or SOJOURN_TOKEN_FILE")
    return Path(named).read_text(encoding="utf-8").strip()


def seconds(name: str, text: Duration) -> int:
    """Read a duration. Raises: SettingsError, which tells `name`."""
    found = _DURATION.fullmatch(str(text).strip())
    if found is None or int(found[1]) == 0:
        raise SettingsError(f"{name}: {text!r} is no duration such as 30s, 5m, 2h, 14d")
    return int(found[1]) * _SECONDS[found[2]]


def size(name: str, text: Size) -> int:
    """Read a size. Raises: SettingsError, which tells `name`."""
    found = _SIZE.fullmatch(str(text).strip())
    if found is None or int(found[1]) == 0:
        raise SettingsError(f"{name}: {text!r} is no size such as 512 KiB, 64 MiB")
    return int(found[1]) * _BYTES[found[2]]


def _check(settings: Settings) -> None:
    settings.max_bytes()
    settings.max_age()
    settings.browser_settings()
    seconds("logins.poll", settings.logins.poll)
    settings.uplink_server()
    privacy = settings.owner_privacy()
    for number, section in enumerate(settings.sites):
        seconds(f"site[{number}].interval", section.interval)
        site = Site.of(section.url)
        if site is None:
            raise SettingsError(f"site[{number}].url: {section.url!r} is no http(s) address")
        if not privacy.allows(site.host):
            raise SettingsError(
                f"site[{number}].url: {site.host} is not among privacy.domains, so nothing of it may be told"
            )

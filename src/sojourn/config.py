"""Settings: one frozen object, read once at the start from the environment, then from a file.

Each setting has a name, a default and a help text; docs/reference/settings.md is made of them. A secret may also come
from a file of its own, named by `…_FILE`. Settings are passed to who needs them, never imported.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from platformdirs import user_data_path

from sojourn.core.errors import Invalid
from sojourn.loopback import is_private

PREFIX = "SOJOURN_"
CONFIG = f"{PREFIX}CONFIG"

LOG_LEVELS = ("debug", "info", "warning", "error")
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a setting besides its default: `shown` is the default in words, where there is one.

    A number lies from `least` to `most`; a text is one of `choices` where there are any. A `secret` is told to nobody.
    """

    help: str
    shown: str = ""
    secret: bool = False
    least: int = 1
    most: int = LARGEST
    choices: Sequence[str] = ()


def _setting(default: Any, help_: str, **about: Any) -> Any:
    known = About(help=help_, **about)
    return field(default=default, repr=not known.secret, metadata={"about": known})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. The variable of `owner_email` is `SOJOURN_OWNER_EMAIL`."""

    database: str = _setting(
        "",
        "Where the data are: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user@host/name`.",
        shown="the file `sojourn/sojourn.db` in the user's data folder",
        secret=True,  # it may hold a password
    )
    host: str = _setting("127.0.0.1", "The address to listen on. `0.0.0.0` is every network: put TLS before it.")
    port: int = _setting(8080, "The port to listen on; 0 takes a free one.", least=0, most=65_535)
    public_url: str = _setting(
        "",
        "How people reach the server, for links: `https://sojourn.example.org`.",
        shown="the address that each request was sent to",
    )
    owner_email: str = _setting("owner@localhost", "The first start makes this owner.")
    owner_token: str = _setting(
        "",
        "The first start gives the owner this token. Later starts do not look at it.",
        shown="one is made, and printed once",
        secret=True,
    )
    openid_issuer: str = _setting(
        "",
        "The OpenID Connect provider by which people may sign in to the console: its issuer, such as"
        " `https://login.example.org/realms/staff`.",
        shown="none: people sign in with a password or a token",
    )
    openid_client_id: str = _setting(
        "", "As which client the provider knows this server; mandatory with an issuer.", shown="none"
    )
    openid_client_secret: str = _setting(
        "",
        "The secret by which the provider knows that client.",
        shown="none: the client is a public one, and PKCE alone proves that it asks",
        secret=True,
    )
    openid_name: str = _setting(
        "", "What the button says after “Sign in with”: what people call the provider.", shown="the issuer's host"
    )
    log_level: str = _setting("info", "How much is logged.", choices=LOG_LEVELS)
    workers: int = _setting(
        1,
        "How many processes serve. More than one pays on PostgreSQL, up to one for each core; SQLite has one writer at"
        " a time.",
        most=256,
    )
    redis: str = _setting(
        "",
        "A Redis in which several processes, on one machine or many, count together how often one may ask:"
        " `redis://:password@host:6379/0`, `rediss://…` with TLS, `unix:///path`.",
        shown="none: each process counts by itself",
        secret=True,  # it may hold a password
    )
    queue: int = _setting(
        10_000,
        "How many rows may wait to be written before requests are told to come back later; several workers share it"
        " in equal parts.",
    )
    queue_seconds: int = _setting(
        3,
        "How many seconds what waits to be written may take; where more waits, requests are told to come back later."
        " How quick writing is the server measures.",
        most=3_600,
    )
    trusted_proxies: str = _setting(
        "",
        "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses or networks, with commas"
        " between them, such as `127.0.0.1, 10.0.0.0/8`.",
        shown="none: who connects is who calls",
    )
    mmdb_asn: str = _setting(
        "",
        "A file in the MaxMind DB format that tells who announces an address, such as GeoLite2-ASN.",
        shown="none: neither autonomous systems nor organisations are told",
    )
    mmdb_city: str = _setting(
        "",
        "A file in the MaxMind DB format that tells where an address is, such as GeoLite2-City.",
        shown="none: no coordinates are told",
    )
    readers: int = _setting(4, "How many requests read at the same time, in each worker.", most=256)

    @property
    def database_url(self) -> str:
        """Where the data are, the default included."""
        return self.database or f"sqlite:///{quote(str(default_file()))}"

    @property
    def proxies(self) -> list[str]:
        """The proxies that are trusted, one by one."""
        return [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]


def default_file() -> Path:
    """The database of those who set none."""
    return user_data_path("sojourn") / "sojourn.db"


def variable_of(name: str) -> str:
    """The variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def about_settings() -> dict[str, tuple[Any, About]]:
    """Each setting by name, with its default and what is known of it."""
    return {setting.name: (setting.default, setting.metadata["about"]) for setting in fields(Settings)}


def variables() -> set[str]:
    """Every variable that is looked at."""
    found = {CONFIG}
    for name, (_, about) in about_settings().items():
        found |= {variable_of(name), f"{variable_of(name)}_FILE"} if about.secret else {variable_of(name)}
    return found


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment and of the TOML file that `SOJOURN_CONFIG` names; the environment wins.

    A variable that is empty is as good as none. Raises: Invalid, naming the variable.
    """
    given = {name: value for name, value in (os.environ if environment is None else environment).items() if value}
    known = about_settings()
    values = _file(Path(given[CONFIG]), set(known)) if CONFIG in given else {}
    for name, (_, about) in known.items():
        variable = variable_of(name)
        from_file = f"{variable}_FILE" if about.secret else None
        if variable in given and from_file in given:
            raise Invalid(variable, f"and {from_file} are both set: unset one of them")
        if variable in given:
            values[name] = given[variable]
        elif from_file is not None and from_file in given:
            values[name] = _secret(from_file, Path(given[from_file]))
    checked = {name: _checked(name, *known[name], value) for name, value in values.items()}
    if checked.get("openid_issuer") and not checked.get("openid_client_id"):
        raise Invalid(variable_of("openid_client_id"), f"is mandatory with {variable_of('openid_issuer')}")
    return Settings(**checked)


def _file(path: Path, known: set[str]) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(CONFIG, f"cannot be read: {error}") from error
    for name in values:
        if name not in known:
            raise Invalid(CONFIG, f"has a setting that is not known: {name}")
    return values


def _secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(variable, f"cannot be read: {error}") from error


def _checked(name: str, default: Any, about: About, value: Any) -> Any:
    variable = variable_of(name)
    if isinstance(default, int):
        return _number(variable, about, value)
    if not isinstance(value, str):
        raise Invalid(variable, "must be a text")
    if about.choices and value.lower() not in about.choices:
        raise Invalid(variable, f"must be one of {', '.join(about.choices)}")
    if name == "public_url":
        return _url(variable, value)
    if name == "redis":
        return _redis(variable, value)
    if name == "openid_issuer":
        return _issuer(variable, value)
    if name == "trusted_proxies":
        return _networks(variable, value)
    return value.lower() if about.choices else value


def _number(variable: str, about: About, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal():
        raise Invalid(variable, "must be a number")
    if not about.least <= int(text) <= about.most:
        raise Invalid(variable, f"must be a number from {about.least} to {about.most}")
    return int(text)


def _networks(variable: str, value: str) -> str:
    for part in value.split(","):
        try:
            ip_network(part.strip())
        except ValueError as error:
            raise Invalid(variable, f"must be addresses or networks with commas between them: {error}") from error
    return value


def _redis(variable: str, value: str) -> str:
    """What is wrong is not repeated: it may hold a password."""
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("redis", "rediss", "unix")
        whole = known and bool(parts.path if parts.scheme == "unix" else parts.hostname)
        _ = parts.port
    except ValueError:
        whole = False
    if not whole:
        raise Invalid(variable, "must be an address such as redis://:password@host:6379/0")
    return value


def _issuer(variable: str, value: str) -> str:
    """A slash at the end stays: it is part of the issuer's name."""
    if not is_private(value) or not set("?#").isdisjoint(value):
        raise Invalid(variable, "must be an address such as https://login.example.org, with TLS unless on this machine")
    return value


def _url(variable: str, value: str) -> str:
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
        _ = parts.port
    except ValueError:
        whole = False
    if not whole:
        raise Invalid(variable, "must be an address such as https://sojourn.example.org")
    return value.rstrip("/")

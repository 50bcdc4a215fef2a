"""Settings: one frozen object, read once at the start from the environment, then from a file.

Each setting has a name, a default and a help text; docs/reference/settings.md is held against them. A secret may also
come from a file of its own, named by `…_FILE`. Settings are passed to who needs them, never imported.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from sojourn.core.errors import Invalid

PREFIX = "SOJOURN_"


def _setting(default: Any, help_: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. The variable of `owner_email` is `SOJOURN_OWNER_EMAIL`."""

    database: str = _setting(
        "", "where the data are: sqlite:///path or postgresql://…; a file in the user's data folder if not set"
    )
    host: str = _setting("127.0.0.1", "the address to listen on")
    port: int = _setting(8080, "the port to listen on")
    public_url: str = _setting("", "how people reach the server, for links: https://sojourn.example.org")
    owner_email: str = _setting("owner@localhost", "the first start makes this owner")
    owner_token: str = _setting("", "the first start gives the owner this token instead of making one", secret=True)
    log_level: str = _setting("info", "debug, info, warning or error")
    queue: int = _setting(10_000, "how many rows may wait to be written before requests are told to come back later")
    readers: int = _setting(4, "how many requests read at the same time")

    @property
    def database_url(self) -> str:
        """Where the data are, the default included."""
        return self.database or f"sqlite:///{user_data_path('sojourn', ensure_exists=True) / 'sojourn.db'}"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment and of the TOML file that `SOJOURN_CONFIG` names; the environment wins.

    Raises: Invalid, naming the setting.
    """
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    known = {setting.name: setting for setting in fields(Settings)}
    if path := given.get(f"{PREFIX}CONFIG"):
        values = _file(Path(path), set(known))
    for name, setting in known.items():
        variable = f"{PREFIX}{name.upper()}"
        if variable in given:
            values[name] = given[variable]
        elif setting.metadata["secret"] and f"{variable}_FILE" in given:
            values[name] = _secret(f"{variable}_FILE", Path(given[f"{variable}_FILE"]))
    return Settings(**{name: _cast(name, known[name].type, value) for name, value in values.items()})


def _file(path: Path, known: set[str]) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{PREFIX}CONFIG", f"cannot be read: {error}") from error
    for name in values:
        if name not in known:
            raise Invalid(f"{PREFIX}CONFIG", f"has a setting that is not known: {name}")
    return values


def _secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(variable, f"cannot be read: {error}") from error


def _cast(name: str, kind: Any, value: Any) -> Any:
    variable = f"{PREFIX}{name.upper()}"
    if kind is not int:
        return str(value)
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Invalid(variable, "must be a number") from error
    if number < (0 if name == "port" else 1) or (name == "port" and number > 65_535):
        raise Invalid(variable, "is out of range")
    return number

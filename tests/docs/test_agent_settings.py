"""The how-to names every setting of the agent, and no other."""

import re
from pathlib import Path

import msgspec

from sojourn.agent.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "install-agent.md"


def settings_of(kind: type, prefix: str = "") -> set[str]:
    names = set()
    for field in msgspec.structs.fields(kind):
        inner = field.type
        item = getattr(inner, "__args__", (None,))[0]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            names |= settings_of(inner, f"{field.encode_name}.")
        elif isinstance(item, type) and issubclass(item, msgspec.Struct):
            names |= settings_of(item, f"{field.encode_name}.")
        else:
            names.add(prefix + field.encode_name)
    return names


def test_every_setting_of_the_agent_is_told_and_no_other() -> None:
    table = PAGE.read_text().partition("## All settings")[2]
    told = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    assert told == settings_of(Settings)

"""Options and kinds of values that several commands take."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_DURATION = re.compile(r"(\d{1,9})([smhdw])")


class Length(int):
    """Seconds, as people write them: `30m`."""

    def __str__(self) -> str:
        unit = next((unit for unit in "wdhm" if self and self % _SECONDS[unit] == 0), "s")
        return f"{self // _SECONDS[unit]}{unit}"


class Duration(click.ParamType[int]):
    """A length of time such as `90s`, `30m`, `12h`, `30d` or `8w`: seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _DURATION.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"{value!r} is no length of time. Write one as 90s, 30m, 12h, 30d or 8w.", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]


def organisation_option(command: F) -> F:
    """Which organisation is meant: `which`."""
    text = "Which organisation.  [default: the first]"
    return click.option("--org", "which", metavar="NUMBER|NAME", help=text)(command)


def json_option(command: F) -> F:
    """Whether to print JSON: `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)

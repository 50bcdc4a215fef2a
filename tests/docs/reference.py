"""The reference pages, made from the code: `make docs` writes them, and a test holds them against it."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from sojourn.cli import main
from sojourn.config import CONFIG, about_settings, variable_of

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

_SETTINGS = f"""\
# Settings

<!-- Made from the code by `make docs`: change src/sojourn/config.py, not this. -->

Each setting is a variable of the environment. `{CONFIG}` may name a TOML file, in which `SOJOURN_LOG_LEVEL` is
`log_level`; the environment wins. A secret may also stand in a file of its own, which `…_FILE` names:
`SOJOURN_OWNER_TOKEN_FILE=/run/secrets/token`. A variable that is empty is as good as none.

A setting that cannot be is refused by its name when a command starts, with exit code 78; `sojourn doctor` finds one
that is misspelled.
"""

_COMMANDS = """\
# Commands

<!-- Made from the code by `make docs`: change src/sojourn/cli, not this. -->

`sojourn` works on the database that the [settings](settings.md) name, whether a server serves it or not. With `--json`,
lists and what is made are told as JSON. What is to be read goes to standard output; what is said about it, and a
progress bar where there is a terminal, to standard error.

| exit code | |
|---|---|
| 0 | done |
| 1 | refused; or there is something to mend (`doctor`, `migrate --check`, refused lines of `import`) |
| 2 | the command was not written rightly |
| 69 | the database cannot be reached |
| 71 | the address cannot be listened on |
| 75 | what was measured could not be delivered, and is kept (`agent`, `collect`) |
| 78 | a setting is wrong |
"""


def settings_page() -> str:
    """docs/reference/settings.md."""
    return f"{_SETTINGS}\n{''.join(_settings())}"


def _settings() -> Iterator[str]:
    for name, (default, about) in about_settings().items():
        told = about.shown or f"`{default}`"
        yield f"## `{variable_of(name)}`\n\n{about.help}\n\n"
        if about.choices:
            yield f"One of {', '.join(f'`{choice}`' for choice in about.choices)}. "
        elif isinstance(default, int):
            yield f"A number from {about.least:,} to {about.most:,}. "
        yield f"Default: {told}."
        yield f" A secret: also `{variable_of(name)}_FILE`.\n\n" if about.secret else "\n\n"
    yield f"## `{CONFIG}`\n\nA TOML file with settings. Default: none.\n"


def commands(command: click.Command = main, words: str = "sojourn") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, with its words."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from commands(inner, f"{words} {name}")


def commands_page() -> str:
    """docs/reference/commands.md."""
    return f"{_COMMANDS}\n" + "\n".join(_command(words, command) for words, command in commands())


def _command(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## `{words}`", f"```\n{words} {usage}\n```", inspect.cleandoc(command.help or "")]
    options = [_option(option) for option in command.params if isinstance(option, click.Option)]
    if options:
        parts.append("| option | |\n|---|---|\n" + "\n".join(options))
    lines = "\n".join(examples(command))
    parts.append(f"```sh\n{lines}\n```")
    return "\n\n".join(parts) + "\n"


def _option(option: click.Option) -> str:
    metavar = "" if option.is_flag else f" {option.metavar or _values(option)}"
    default = f" [default: {option.default}]" if option.show_default else ""
    told = f"{option.opts[-1]}{metavar}".replace("|", "\\|")
    return f"| `{told}` | {option.help}{default} |"


def _values(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(option.type.choices)
    return option.type.name.upper()


def examples(command: click.Command) -> list[str]:
    """The examples in a command's help."""
    text = inspect.cleandoc((command.epilog or "").replace("\b", ""))
    return [line.strip() for line in re.sub(r"^Examples?:", "", text.strip()).splitlines() if line.strip()]


def pages() -> dict[Path, str]:
    """What each page is to be."""
    return {FOLDER / "settings.md": settings_page(), FOLDER / "commands.md": commands_page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")

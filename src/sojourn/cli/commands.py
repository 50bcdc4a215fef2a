"""`sojourn` itself. A command's module is imported when the command is asked for, so that each starts quickly."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from sojourn.cli.failure import Failure, told

COMMANDS: Mapping[str, str] = {
    "serve": "sojourn.cli.serving:serve",
    "migrate": "sojourn.cli.migrating:migrate",
    "doctor": "sojourn.cli.examining:doctor",
    "demo": "sojourn.cli.demonstrating:demo",
    "org": "sojourn.cli.organisations:org",
    "user": "sojourn.cli.users:user",
    "token": "sojourn.cli.tokens:token",
    "access": "sojourn.cli.groups:access",
    "hold": "sojourn.cli.holding:hold",
    "erase": "sojourn.cli.erasing:erase",
    "sweep": "sojourn.cli.sweeping:sweep",
    "scrub": "sojourn.cli.sweeping:scrub",
    "import": "sojourn.cli.importing:import_",
    "export": "sojourn.cli.exporting:export",
    "backup": "sojourn.cli.backups:backup",
    "restore": "sojourn.cli.backups:restore",
    "agent": "sojourn.agent.commands:agent",
    "collect": "sojourn.agent.logins.commands:collect",
}


class Commands(click.Group):
    """The commands of the table above; what refuses one of them is told without a traceback."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name].partition(":")
        try:
            found = getattr(import_module(module), command)
        except ModuleNotFoundError as error:
            return _absent(name, error)
        assert isinstance(found, click.Command)
        return found

    def invoke(self, context: click.Context) -> Any:
        with told():
            return super().invoke(context)


def _absent(name: str, error: ModuleNotFoundError) -> click.Command:
    """What stands in for a command of the agent where only the server's packages are installed."""
    if error.name is None or error.name.startswith("sojourn"):
        raise error

    def refuse() -> None:
        raise Failure(f"{name} needs more packages (here {error.name} is missing): pip install 'sojourn[agent]'")

    anything = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    return click.Command(
        name, callback=refuse, short_help="Not installed: pip install 'sojourn[agent]'", context_settings=anything
    )


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment (SOJOURN_…) or from the file that SOJOURN_CONFIG names.",
)
@click.version_option(version("sojourn"), prog_name="sojourn", message="%(prog)s %(version)s")
def main() -> None:
    """Sojourn: a self-hosted record of user sessions. Who was where, when, what they did, and why.

    Begin with `sojourn serve`. Each command tells more with --help.
    """

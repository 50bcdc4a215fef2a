"""`sojourn org`."""

import click

from sojourn.cli.database import chosen, opened
from sojourn.cli.options import Duration, Length, json_option
from sojourn.cli.showing import Row, show, show_one
from sojourn.core.access import Organisation
from sojourn.core.registry import OWNERS


@click.group()
def org() -> None:
    """Organisations: each has people and sessions of its own."""


@org.command(name="list", epilog="Example: sojourn org list")
@json_option
def list_(as_json: bool) -> None:
    """Show all organisations with their settings."""
    with opened() as core:
        rows = [_row(one) for one in core.registry.organisations()]
    show(rows, as_json=as_json, empty="There is no organisation yet. The first start makes one: sojourn serve")


@org.command(epilog='Example: sojourn org add "Care desk" --owner nina@example.org')
@click.argument("name")
@click.option("--owner", metavar="EMAIL", help="Make this user its owner.")
@json_option
def add(name: str, owner: str | None, as_json: bool) -> None:
    """Make an organisation, with access groups for owners, recorders and readers."""
    with opened() as core:
        made = core.registry.add_organisation(name)
        if owner is not None:
            core.registry.add_member(made.id, owner, OWNERS)
    if as_json:
        show_one(_row(made))
    else:
        click.echo(f"Organisation {made.id} is {made.name}.")


@org.command(
    name="set",
    epilog="""\b
Examples:
  sojourn org set 1 --name "Care desk" --time-zone Europe/Berlin
  sojourn org set "Care desk" --idle-limit 45m --rate-limit 600
""",
)
@click.argument("which", metavar="NUMBER|NAME")
@click.option("--name", help="Its name.")
@click.option(
    "--idle-limit", type=Duration(), help="A session that nothing happens in for so long is closed; 0s: none."
)
@click.option("--rate-limit", type=int, metavar="N", help="How many requests each of its tokens may make in a minute.")
@click.option("--time-zone", metavar="ZONE", help="Its time zone, such as Europe/Berlin.")
@json_option
def set_(
    which: str,
    name: str | None,
    idle_limit: int | None,
    rate_limit: int | None,
    time_zone: str | None,
    as_json: bool,
) -> None:
    """Change what is given; the rest stays."""
    with opened() as core:
        changed = core.registry.change_organisation(
            chosen(core, which).id,
            name=name,
            idle_limit=idle_limit,
            rate_limit=rate_limit,
            time_zone=time_zone,
        )
    if as_json:
        show_one(_row(changed))
    else:
        show([_row(changed)], as_json=False, empty="")


def _row(one: Organisation) -> Row:
    return {
        "id": one.id,
        "name": one.name,
        "idle_limit": Length(one.idle_limit),
        "rate_limit": one.rate_limit,
        "time_zone": one.time_zone,
        "device_guid": one.device_guid,
        "created_at": one.created_at,
    }

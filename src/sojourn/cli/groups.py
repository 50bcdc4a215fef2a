"""`sojourn access`."""

from typing import Any

import click

from sojourn.cli.database import chosen, opened
from sojourn.cli.options import json_option, organisation_option
from sojourn.cli.showing import show
from sojourn.core.access import Level, Resource


class ResourceName(click.ParamType[Resource]):
    """A resource by its name, however it is spelled: `"Activity Sessions"` or `activity-sessions`."""

    name = "resource"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Resource:
        wanted = str(value).replace("-", " ").replace("_", " ").casefold()
        found = [resource for resource in Resource if resource.casefold() == wanted]
        if not found:
            self.fail(f"{value!r} is no resource. There are: {', '.join(Resource)}.", param, ctx)
        return found[0]


@click.group()
def access() -> None:
    """Access groups: what members may read and write."""


@access.command(name="list", epilog="Example: sojourn access list --org 2")
@organisation_option
@json_option
def list_(which: str | None, as_json: bool) -> None:
    """Show the access groups, with how far each opens each resource."""
    with opened() as core:
        groups = core.registry.groups(chosen(core, which).id)
    heads = {resource: resource.lower().replace(" ", "_") for resource in Resource}
    rows = [
        {"name": group.name, **{heads[r]: group.levels.get(r, Level.NONE).label for r in Resource}} for group in groups
    ]
    show(rows, as_json=as_json, empty="There is no access group. Make one: sojourn access set GROUP RESOURCE LEVEL")


@access.command(
    name="set",
    epilog="""\b
Examples:
  sojourn access set Auditors activity-sessions read
  sojourn access set Recorders "Login Sessions" none
""",
)
@click.argument("group")
@click.argument("resource", type=ResourceName())
@click.argument("level", type=click.Choice([level.label for level in Level], case_sensitive=False))
@organisation_option
def set_(group: str, resource: Resource, level: str, which: str | None) -> None:
    """Open a resource to a group as far as LEVEL; a group that is not there yet is made.

    RESOURCE is Activity Sessions, Login Sessions, Endpoint Sessions or Administration. Write includes Read. It counts
    from the next request on.
    """
    with opened() as core:
        number = chosen(core, which).id
        core.registry.set_group(number, group, {resource: Level[level.upper()]})
    click.echo(f"{group} of organisation {number} has {level} access to {resource}.")


@access.command(epilog="Example: sojourn access drop Auditors")
@click.argument("group")
@organisation_option
def drop(group: str, which: str | None) -> None:
    """Drop a group that nobody is in."""
    with opened() as core:
        number = chosen(core, which).id
        core.registry.drop_group(number, group)
    click.echo(f"Organisation {number} has no group {group} any more.")

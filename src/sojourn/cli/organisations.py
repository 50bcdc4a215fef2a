"""`sojourn org`."""

from typing import Any

import click

from sojourn.cli.database import chosen, opened
from sojourn.cli.options import Duration, Length, json_option
from sojourn.cli.showing import Row, show, show_one
from sojourn.core.access import Organisation
from sojourn.core.registry import OWNERS
from sojourn.core.retention import Retention, Sort

FOREVER = "forever"


@click.group()
def org() -> None:
    """Organisations: each has people and sessions of its own."""


@org.command(name="list", epilog="Example: sojourn org list")
@json_option
def list_(as_json: bool) -> None:
    """Show all organisations with their settings."""
    with opened() as core:
        rows = [_row(one, core.custodian.retention(one.id)) for one in core.registry.organisations()]
    show(rows, as_json=as_json, empty="There is no organisation yet. The first start makes one: sojourn serve")


@org.command(name="show", epilog='Example: sojourn org show "Care desk"')
@click.argument("which", metavar="NUMBER|NAME")
@json_option
def show_(which: str, as_json: bool) -> None:
    """Show one organisation with its settings."""
    with opened() as core:
        one = chosen(core, which)
        row = _row(one, core.custodian.retention(one.id))
    if as_json:
        show_one(row)
    else:
        show([row], as_json=False, empty="")


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
        show_one(_row(made, Retention()))
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
        row = _row(changed, core.custodian.retention(changed.id))
    if as_json:
        show_one(row)
    else:
        show([row], as_json=False, empty="")


class Keeping(Duration):
    """A length of time such as `365d` or `52w`, or `forever`: seconds, 0 = for ever."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).strip().lower() == FOREVER:
            return 0
        return super().convert(value, param, ctx) or self.fail("Write forever to delete nothing by age.", param, ctx)


@org.command(
    name="set-retention",
    epilog="""\b
Examples:
  sojourn org set-retention 1 --work 1095d --login 365d --visit 90d
  sojourn org set-retention "Care desk" --work forever
""",
)
@click.argument("which", metavar="NUMBER|NAME")
@click.option("--work", type=Keeping(), help="How long sessions of people at work are kept.")
@click.option("--login", type=Keeping(), help="How long logins are kept that a collector delivered.")
@click.option("--visit", type=Keeping(), help="How long visits are kept that an agent measured.")
@json_option
def set_retention(which: str, work: int | None, login: int | None, visit: int | None, as_json: bool) -> None:
    """Set how long sessions are kept after their end; what is not given stays.

    From 1d on, or `forever`, which all are at first. The server deletes what has had its time, a little every few
    seconds; `sojourn sweep` does so at once. Running sessions, and what is on legal hold, are never deleted by age.
    """
    given = {Sort.WORK: work, Sort.LOGIN: login, Sort.VISIT: visit}
    with opened() as core:
        one = chosen(core, which)
        kept = {**core.custodian.retention(one.id).seconds, **{k: v for k, v in given.items() if v is not None}}
        changed = Retention(seconds={sort: seconds for sort, seconds in kept.items() if seconds})
        row = _row(one, core.custodian.set_retention(one.id, changed))
    if as_json:
        show_one(row)
    else:
        show([row], as_json=False, empty="")


def _row(one: Organisation, kept: Retention) -> Row:
    return {
        "id": one.id,
        "name": one.name,
        "idle_limit": Length(one.idle_limit),
        "rate_limit": one.rate_limit,
        "time_zone": one.time_zone,
        **{f"keeps_{sort}": _length(kept.seconds.get(sort)) for sort in Sort},
        "device_guid": one.device_guid,
        "created_at": one.created_at,
    }


def _length(seconds: int | None) -> Length | str:
    return FOREVER if seconds is None else Length(seconds)

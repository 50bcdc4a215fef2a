"""`sojourn hold`."""

import click

from sojourn.cli.asker import asker
from sojourn.cli.database import chosen, opened
from sojourn.cli.options import json_option, organisation_option
from sojourn.cli.showing import Row, show, show_one
from sojourn.core.hold import Hold, Holdable
from sojourn.core.model import PersonDraft
from sojourn.services import Services

_NOUN = click.Choice([noun.value for noun in Holdable])


@click.group()
def hold() -> None:
    """Legal hold: what nothing deletes.

    A session can be held, or a person with all sessions.
    """


@hold.command(name="list", epilog="Example: sojourn hold list --org 2")
@organisation_option
@json_option
def list_(which: str | None, as_json: bool) -> None:
    """Show what is held, by whom and why, oldest first."""
    with opened() as core:
        rows = [_row(one) for one in core.custodian.holds(chosen(core, which).id)]
    show(rows, as_json=as_json, empty="Nothing is on legal hold.")


@hold.command(
    epilog="""\b
Examples:
  sojourn hold add session 1234 --why "Case 12-345"
  sojourn hold add person anna --why "Case 12-345"
"""
)
@click.argument("noun", type=_NOUN)
@click.argument("which_one", metavar="NUMBER|LOGIN")
@click.option("--why", required=True, help="Why: it is shown with the hold.")
@organisation_option
@json_option
def add(noun: str, which_one: str, why: str, which: str | None, as_json: bool) -> None:
    """Hold a session, or a person's sessions, those to come too."""
    with opened() as core:
        organisation = chosen(core, which).id
        held, new = core.custodian.hold(
            organisation, Holdable(noun), _number(core, organisation, noun, which_one), why=why, by=asker()
        )
    if as_json:
        show_one(_row(held))
    else:
        click.echo(f"The {held.noun} {held.number} is on legal hold{'' if new else ' already'}.")


@hold.command(epilog="Example: sojourn hold drop session 1234")
@click.argument("noun", type=_NOUN)
@click.argument("which_one", metavar="NUMBER|LOGIN")
@organisation_option
def drop(noun: str, which_one: str, which: str | None) -> None:
    """Let it go. What has had its time is deleted soon after."""
    with opened() as core:
        organisation = chosen(core, which).id
        number = _number(core, organisation, noun, which_one)
        core.custodian.release(organisation, Holdable(noun), number)
    click.echo(f"The {noun} {number} is not on legal hold any more.")


def _number(core: Services, organisation: int, noun: str, text: str) -> int:
    """The number of what is meant. Raises: Unknown, Invalid, BadParameter."""
    if noun == Holdable.PERSON:
        return core.custodian.person(organisation, PersonDraft(login=text)).id
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise click.BadParameter(f"{text!r} is no session's number.")
    return int(text)


def _row(one: Hold) -> Row:
    return {"noun": one.noun.value, "number": one.number, "why": one.why, "held_by": one.held_by, "held_at": one.at}

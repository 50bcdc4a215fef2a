"""`sojourn user`."""

import sys

import click

from sojourn.cli.database import chosen, opened, settings
from sojourn.cli.options import json_option, organisation_option
from sojourn.cli.showing import Row, moment, show, show_one
from sojourn.core.access import Membership
from sojourn.core.model import PersonDraft


@click.group()
def user() -> None:
    """Users: the people and programs that may call.

    Each is a member of one organisation, or of several.
    """


@user.command(name="list", epilog="Example: sojourn user list --org 2")
@organisation_option
@json_option
def list_(which: str | None, as_json: bool) -> None:
    """Show the members of an organisation."""
    with opened() as core:
        rows = [_row(one) for one in core.registry.members(chosen(core, which).id)]
    show(rows, as_json=as_json, empty="It has no members. Add one: sojourn user add EMAIL GROUP")


@user.command(
    epilog="""\b
Examples:
  sojourn user add nina@example.org Owners
  sojourn user add crm Recorders --org "Care desk"
  sojourn user add bo@example.org Readers --own bo
"""
)
@click.argument("email")
@click.argument("group")
@click.option("--own", metavar="LOGIN|NUMBER", help="Let it see the sessions of this person alone.")
@organisation_option
@json_option
def add(email: str, group: str, own: str | None, which: str | None, as_json: bool) -> None:
    """Make a user a member of an organisation, or change its membership.

    GROUP is an access group: Owners, Recorders, Readers, or one of your own (`sojourn access list`). What the user
    proves its name with is a token: `sojourn token create`.
    """
    with opened() as core:
        person = None if own is None else PersonDraft(login=own)
        member = core.registry.add_member(chosen(core, which).id, email, group, person)
    if as_json:
        show_one(_row(member))
        return
    narrowed = f", for the sessions of person {member.person} alone" if member.person else ""
    click.echo(f"{member.principal.email} is in {member.group} of organisation {member.organisation}{narrowed}.")


@user.command(epilog="Example: sojourn user remove bo@example.org")
@click.argument("email")
@organisation_option
def remove(email: str, which: str | None) -> None:
    """End a membership. The user's tokens open nothing there any more, at once.

    The last member who may administer the organisation stays: make another one first.
    """
    with opened() as core:
        number = chosen(core, which).id
        core.registry.remove_member(number, email)
    click.echo(f"{email} is no member of organisation {number} any more.")


@user.command(epilog='Example: sojourn user default nina@example.org --org "Care desk"')
@click.argument("email")
@organisation_option
def default(email: str, which: str | None) -> None:
    """Set the organisation that a user works in when a request names none."""
    with opened() as core:
        number = chosen(core, which).id
        core.registry.make_default(number, email)
    click.echo(f"{email} works in organisation {number} where a request names none.")


@user.command(
    name="set-password",
    epilog="""\b
Examples:
  sojourn user set-password nina@example.org
  openssl rand -base64 18 | tee password.txt | sojourn user set-password nina@example.org
""",
)
@click.argument("email")
def set_password(email: str) -> None:
    """Set the password with which a user signs in to the console, in every organisation of theirs.

    It is asked for, or read from standard input where that is no terminal. Where the user was signed in with another
    one, that is over.
    """
    with opened() as core:
        core.signin.set_password(email, _password())
    click.echo(f"{email} signs in with it from now on.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@user.command(epilog="Example: sojourn user invite nina@example.org")
@click.argument("email")
@organisation_option
def invite(email: str, which: str | None) -> None:
    """Make a link by which a member chooses a password for the console, once, within three days.

    It opens that one organisation. A user who has a password already confirms the link with it.
    """
    given = settings()
    with opened() as core:
        link = core.signin.invite(chosen(core, which).id, email)
    base = given.public_url or f"http://{given.host}:{given.port}"
    click.echo(f"Whoever opens it first is {email}; it is good until {moment(link.expires_at)} UTC:\n", err=True)
    click.echo(f"{base}/invitation?link={link.secret}")


def _row(one: Membership) -> Row:
    return {
        "email": one.principal.email,
        "group": one.group,
        "own_person": one.person or None,
        "default": one.is_default,
        "id": one.principal.id,
        "organisation": one.organisation,
    }

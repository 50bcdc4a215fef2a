"""`sojourn token`."""

import click

from sojourn.cli.database import chosen, opened
from sojourn.cli.options import Duration, json_option, organisation_option
from sojourn.cli.showing import Row, moment, show, show_one
from sojourn.core.access import Token
from sojourn.core.model import Instant
from sojourn.core.registry import Issued


@click.group()
def token() -> None:
    """Tokens: what users prove their names with."""


@token.command(
    epilog="""\b
Examples:
  sojourn token create crm "the care desk" --life 30d
  TOKEN=$(sojourn token create nina@example.org laptop)
"""
)
@click.argument("email")
@click.argument("name")
@click.option("--life", type=Duration(), help="How long it lives, such as 12h or 30d.  [default: until it is revoked]")
@organisation_option
@json_option
def create(email: str, name: str, life: int | None, which: str | None, as_json: bool) -> None:
    """Make a token of a member. NAME tells you later what it is for.

    The secret goes to standard output, alone, and is not shown again; how it is used goes to standard error.
    """
    with opened() as core:
        issued = core.registry.add_token(chosen(core, which).id, email, name, life=life)
    if as_json:
        show_one({**_row(issued.token, core.clock()), "secret": issued.secret})
        return
    _tell(issued)
    click.echo(issued.secret)


def _tell(issued: Issued) -> None:
    made = issued.token
    until = f"until {moment(made.expires_at)} UTC" if made.expires_at else "until it is revoked"
    click.echo(
        f"""\
Token {made.id} of {made.principal.email} for organisation {made.organisation}, {until}. A request may bring it as

  Authorization: Bearer SECRET
  Authorization: Basic, user {made.principal.email}, password SECRET or its MD5
  ApiKey: SECRET
  an OAuth client: key {made.client_key}, secret SECRET, at POST /v3/oauth/token/generate

The secret, which is not shown again:
""",
        err=True,
    )


@token.command(name="list", epilog="Example: sojourn token list --json")
@organisation_option
@json_option
def list_(which: str | None, as_json: bool) -> None:
    """Show the tokens of an organisation's members, with last use and end, newest first."""
    with opened() as core:
        rows = [_row(one, core.clock()) for one in core.registry.tokens(chosen(core, which).id)]
    show(rows, as_json=as_json, empty="There is no token. Make one: sojourn token create EMAIL NAME")


@token.command(epilog="Example: sojourn token revoke 7")
@click.argument("number", type=int)
@organisation_option
def revoke(number: int, which: str | None) -> None:
    """End a token at once, and all that were bought with it."""
    with opened() as core:
        core.registry.revoke(chosen(core, which).id, number)
    click.echo(f"Token {number} is revoked.")


def _row(one: Token, now: Instant) -> Row:
    return {
        "id": one.id,
        "email": one.principal.email,
        "name": one.name,
        "holds": one.holds(now),
        "last_used_at": one.last_used_at,
        "expires_at": one.expires_at,
        "revoked_at": one.revoked_at,
        "created_at": one.created_at,
        "client_key": one.client_key,
    }

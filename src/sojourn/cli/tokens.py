"""`sojourn token`."""

import click

from sojourn.cli.database import chosen, opened
from sojourn.cli.options import Duration, json_option, organisation_option
from sojourn.cli.showing import Row, moment, show, show_one
from sojourn.core.access import EVERYWHERE, Token
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
@click.option("--everywhere", is_flag=True, help="Let it open every organisation that the user belongs to.")
@organisation_option
@json_option
def create(email: str, name: str, life: int | None, everywhere: bool, which: str | None, as_json: bool) -> None:
    """Make a token of a member. NAME tells you later what it is for.

    It opens one organisation, that of --org, unless it is made with --everywhere.

    The secret goes to standard output, alone, and is not shown again; how it is used goes to standard error.
    """
    with opened() as core:
        if everywhere and which is not None:
            raise click.UsageError("--everywhere and --org cannot be given together")
        if everywhere:
            issued = core.registry.add_own_token(email, name, life=life)
        else:
            issued = core.registry.add_token(chosen(core, which).id, email, name, life=life)
    if as_json:
        show_one({**_row(issued.token, core.clock()), "secret": issued.secret})
        return
    _tell(issued)
    click.echo(issued.secret)


def _tell(issued: Issued) -> None:
    made = issued.token
    where = f"organisation {made.organisation}" if made.organisation else "every organisation it belongs to"
    until = f"until {moment(made.expires_at)} UTC" if made.expires_at else "until it is revoked"
    click.echo(
        f"""\
Token {made.id} of {made.principal.email} for {where}, {until}. A request may bring it as

  Authorization: Bearer SECRET
  Authorization: Basic, user {made.principal.email}, password SECRET or its MD5
  ApiKey: SECRET
  an OAuth client: key {made.client_key}, secret SECRET, at POST /v3/oauth/token/generate

The secret, which is not shown again:
""",
        err=True,
    )


@token.command(name="list", epilog="Example: sojourn token list --json")
@click.option("--everywhere", is_flag=True, help="Show those that open every organisation of their user.")
@organisation_option
@json_option
def list_(everywhere: bool, which: str | None, as_json: bool) -> None:
    """Show the tokens of an organisation, with last use and end, newest first."""
    with opened() as core:
        number = EVERYWHERE if everywhere else chosen(core, which).id
        rows = [_row(one, core.clock()) for one in core.registry.tokens(number)]
    show(rows, as_json=as_json, empty="There is no token. Make one: sojourn token create EMAIL NAME")


@token.command(epilog="Example: sojourn token revoke 7")
@click.argument("number", type=int)
@click.option("--everywhere", is_flag=True, help="It is one that opens every organisation of its user.")
@organisation_option
def revoke(number: int, everywhere: bool, which: str | None) -> None:
    """End a token at once, and all that were bought with it."""
    with opened() as core:
        core.registry.revoke(EVERYWHERE if everywhere else chosen(core, which).id, number)
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

"""`sojourn erase`."""

import click

from sojourn.cli.asker import asker
from sojourn.cli.database import chosen, opened
from sojourn.cli.options import json_option, organisation_option
from sojourn.cli.showing import Row, show, show_one
from sojourn.core.erasure import EntityErased, Erasure, Subject
from sojourn.core.model import PersonDraft
from sojourn.services import Services

_OUTSIDE = "Backups, exports and logs are outside of this: see docs/how-to/operate.md."


@click.group()
def erase() -> None:
    """Erase a person, or what was done to an entity.

    A receipt is kept, without what was erased.
    """


@erase.command(epilog='Example: sojourn erase person anna --why "Asked for by letter"')
@click.argument("login", metavar="LOGIN|NUMBER")
@click.option("--why", required=True, help="Why: the receipt says so.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@organisation_option
@json_option
def person(login: str, why: str, yes: bool, which: str | None, as_json: bool) -> None:
    """Erase a person: all sessions with everything in them, the name, and memberships that saw those alone."""
    with opened() as core:
        organisation = chosen(core, which).id
        subject = core.custodian.person(organisation, PersonDraft(login=login))
        _sure(f"Erase {subject.login} (person {subject.id}) with all sessions, for ever?", yes)
        _do(core, organisation, subject, why, as_json)


@erase.command(epilog='Example: sojourn erase entity CUSTOMER 98662653 --why "Asked for by letter"')
@click.argument("entity_type", metavar="TYPE")
@click.argument("entity_id", metavar="ID")
@click.option("--why", required=True, help="Why: the receipt says so.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@organisation_option
@json_option
def entity(entity_type: str, entity_id: str, why: str, yes: bool, which: str | None, as_json: bool) -> None:
    """Erase everything that was done to an entity, notes included. The sessions stay, with less in them."""
    with opened() as core:
        organisation = chosen(core, which).id
        _sure(f"Erase everything that was done to {entity_type} {entity_id}, for ever?", yes)
        _do(core, organisation, EntityErased(type=entity_type, id=entity_id), why, as_json)


@erase.command(name="list", epilog="Example: sojourn erase list")
@organisation_option
@json_option
def list_(which: str | None, as_json: bool) -> None:
    """Show all erasures with their receipts, newest first."""
    with opened() as core:
        rows = [_row(job) for job in core.custodian.erasures(chosen(core, which).id)]
    show(rows, as_json=as_json, empty="Nothing was erased yet.")


@erase.command(name="show", epilog="Example: sojourn erase show 3")
@click.argument("number", type=int)
@organisation_option
def show_(number: int, which: str | None) -> None:
    """Show the receipt of one erasure, whole."""
    with opened() as core:
        show_one(_receipt(core.custodian.erasure(chosen(core, which).id, number)))


def _sure(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(f"{question}\n{_OUTSIDE}\nErase", abort=True)


def _do(core: Services, organisation: int, subject: Subject, why: str, as_json: bool) -> None:
    job = core.custodian.erase(organisation, subject, why=why, by=asker())
    done = core.custodian.finish(organisation, job.id)
    if as_json:
        show_one(_receipt(done))
        return
    show([_row(done)], as_json=False, empty="")
    _tell_left(done)


def _tell_left(job: Erasure) -> None:
    left = {
        "on legal hold": job.left.held,
        "in which a text still speaks of it": job.left.mentioned,
        "that are visits, which stay whole": job.left.visits,
    }
    for what, sessions in left.items():
        if sessions:
            click.echo(f"Left are sessions {what}: {', '.join(map(str, sessions))}{' and more' * job.left.more}.")
    if not job.scrubbed:
        click.echo(
            "The space of what was deleted could not be given back now: it may still be in the database's files."
        )
    click.echo(_OUTSIDE)


def _row(job: Erasure) -> Row:
    return {
        "id": job.id,
        "noun": job.noun,
        "state": job.state.value,
        "sessions": job.deleted.sessions,
        "activities": job.deleted.activities,
        "held": len(job.left.held),
        "why": job.why,
        "asked_by": job.asked_by,
        "requested_at": job.asked_at,
        "ended_at": job.ended_at,
    }


def _receipt(job: Erasure) -> Row:
    deleted, left = job.deleted, job.left
    return {
        **_row(job),
        "begun_at": job.begun_at,
        "subject_digest": job.subject_digest,
        "salt": job.salt,
        "sessions_digest": job.digest,
        "deleted": {name: getattr(deleted, name) for name in type(deleted).__slots__},
        "left": {name: getattr(left, name) for name in type(left).__slots__},
        "scrubbed": job.scrubbed,
    }

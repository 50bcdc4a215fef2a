"""Remove sessions with everything that they hold and everything that could find them.

A session of usual size goes whole, in one transaction. Of one that holds more than `WHOLE` the session itself goes, so
that it is gone for every reader and counted no more, and the rest remains on a work list, to be cleared in pieces.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from sojourn.core.erasure import Counts
from sojourn.core.hold import Holdable
from sojourn.core.model import ActivityDraft, Instant, Kind, RemarkDraft
from sojourn.core.terms import activity_terms, remark_terms
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("removal")
_SESSIONS = load("sessions")

WHOLE = 2_000
"""How many activities and remarks a session may hold that goes at once."""

Place = tuple[int, int]
"""A session: its organisation and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A session that nobody else can change until the transaction ends."""

    organisation: int
    id: int
    kind: Kind
    person: int
    device: int
    module: str | None
    started_at: Instant
    ended_at: Instant | None
    activities: int
    remarks: int
    last_seq: int
    held: bool = False

    @property
    def place(self) -> Place:
        """Where it is kept."""
        return (self.organisation, self.id)

    @property
    def is_large(self) -> bool:
        """Whether it is more than what goes at once. Visits are bounded, and go whole."""
        return self.kind is Kind.WORK and self.activities + self.remarks > WHOLE


def lock(transaction: Transaction, places: Sequence[Place]) -> dict[Place, Locked]:
    """Lock those sessions that are there, and tell which of them are on hold.

    Nobody can hold any of them, or its person, until the transaction ends: who holds takes the same lock.
    """
    rows = transaction.each(_SQL["lock_sessions"], sorted(set(places)))
    for organisation in sorted({row[0] for row in rows}):
        transaction.run(_SQL["lock_holds"], {"organisation": organisation})
    asked = {(row[0], Holdable.SESSION.value, row[1]) for row in rows}
    asked |= {(row[0], Holdable.PERSON.value, row[3]) for row in rows}
    held = set(transaction.each(_SQL["held"], sorted(asked)))
    return {row[:2]: _locked(row, held) for row in rows}


def _locked(row: Row, held: set[Row]) -> Locked:
    organisation, number, kind, person, device, module, started_at, ended_at, activities, remarks, last_seq = row
    return Locked(
        organisation=organisation,
        id=number,
        kind=Kind(kind),
        person=person,
        device=device,
        module=module,
        started_at=started_at,
        ended_at=ended_at,
        activities=activities,
        remarks=remarks,
        last_seq=last_seq,
        held=bool(held & {(organisation, "session", number), (organisation, "person", person)}),
    )


def remove(transaction: Transaction, tally: Tally, sessions: Sequence[Locked], erasure: int = 0) -> Counts:
    """Remove sessions that are locked and not held; how much is gone. `erasure` is the job that counts what remains."""
    if not sessions:
        return Counts()
    whole = [session for session in sessions if not session.is_large]
    large = [session for session in sessions if session.is_large]
    places = [session.place for session in whole]
    terms = _terms(transaction, whole)
    transaction.each(_SQL["delete_sessions"], [session.place for session in sessions])
    gone = drop_terms(transaction, tally, terms)
    for name in ("delete_activities", "delete_remarks"):
        transaction.each(_SQL[name], places)
    keys = transaction.each(_SQL["delete_keys"], places)
    visits = [session.place for session in whole if session.kind is Kind.VISIT]
    for name in ("delete_visits", "delete_reports", "delete_hars"):
        transaction.each(_SQL[name], visits)
    transaction.each(_SQL["leave_remains"], [(*session.place, session.started_at, erasure) for session in large])
    for one in large:
        tally.remove_terms_of(one.organisation, one.kind, one.started_at, one.id)
    for one in sessions:
        tally.add(
            one.organisation, one.kind, one.started_at, person=one.person, device=one.device, module=one.module, n=-1
        )
    return Counts(
        sessions=len(sessions),
        activities=sum(session.activities for session in whole),
        remarks=sum(session.remarks for session in whole),
        terms=gone,
        keys=len(keys),
    )


def _terms(transaction: Transaction, sessions: Sequence[Locked]) -> set[Row]:
    """What they can be found by."""
    places = [session.place for session in sessions]
    began = {session.place: session.started_at for session in sessions}
    found: set[Row] = set()
    for organisation, session, _, _, entity_type, entity_id, name, note in transaction.each(
        _SESSIONS["activities_of_many"], places
    ):
        draft = ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note)
        at = began[organisation, session]
        found |= {(organisation, term, at, session) for term in activity_terms([draft])}
    for organisation, session, _, reason, comment, _ in transaction.each(_SESSIONS["remarks_of_many"], places):
        at = began[organisation, session]
        terms = remark_terms([RemarkDraft(reason=reason, comment=comment)])
        found |= {(organisation, term, at, session) for term in terms}
    visits = [session.place for session in sessions if session.kind is Kind.VISIT]
    for organisation, session, told in transaction.each(_SQL["terms_of_visits"], visits):
        at = began[organisation, session]
        found |= {(organisation, term, at, session) for term in msgspec.json.decode(told, type=list[str])}
    return found


def clear(transaction: Transaction, organisation: int, session: int, started_at: Instant, limit: int) -> Counts | None:
    """Clear up to `limit` rows of what remains of a session, counted no more; None when somebody else did."""
    key = {"organisation": organisation, "session": session}
    if not transaction.run(_SQL["lock_remains"], key):
        return None
    rows = transaction.run(_SQL["first_activities"], {**key, "limit": limit})
    if rows:
        drafts = [ActivityDraft(entity_type=row[2], entity_id=row[3], name=row[4], note=row[5]) for row in rows]
        terms = _drop(transaction, organisation, session, started_at, activity_terms(drafts))
        transaction.run(_SQL["delete_activities_up_to"], {**key, "at": rows[-1][1], "seq": rows[-1][0]})
        return Counts(activities=len(rows), terms=terms)
    rows = transaction.run(_SQL["first_remarks"], {**key, "limit": limit})
    if rows:
        told = remark_terms([RemarkDraft(reason=reason, comment=comment) for _, reason, comment in rows])
        terms = _drop(transaction, organisation, session, started_at, told)
        transaction.run(_SQL["delete_remarks_up_to"], {**key, "seq": rows[-1][0]})
        return Counts(remarks=len(rows), terms=terms)
    rows = transaction.run(_SQL["some_keys"], {**key, "limit": limit})
    if rows:
        transaction.each(_SQL["delete_some_keys"], rows)
        return Counts(keys=len(rows))
    transaction.run(_SQL["forget_remains"], key)
    return Counts()


def drop_terms(transaction: Transaction, tally: Tally, entries: Iterable[Row]) -> int:
    """Nothing finds sessions by these any more, and they are counted no more; how many there were."""
    gone = transaction.each(_SQL["delete_terms"], sorted(entries))
    tally.add_terms(gone, -1)
    return len(gone)


def _drop(transaction: Transaction, organisation: int, session: int, started_at: Instant, terms: set[str]) -> int:
    rows = [(organisation, term, started_at, session) for term in sorted(terms)]
    return len(transaction.each(_SQL["delete_terms"], rows))

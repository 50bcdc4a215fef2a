"""Open sessions: bare ones, or whole ones that are handed in at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sojourn.core.errors import Exists, SojournError
from sojourn.core.intent import Open, Opened, Verdict
from sojourn.core.model import Device, Instant, Kind, Person, Remark, RemarkDraft, Session
from sojourn.core.span import span_class
from sojourn.core.terms import activity_terms, remark_terms
from sojourn.storage import numbers
from sojourn.storage.admission import refusals
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.people import find_devices, find_people
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """An intent, the session that it makes, the number of its device, and when each of its activities was."""

    intent: Open
    session: Session
    device: int
    times: Sequence[Instant]


def _opening(intent: Open, number: int, person: Person, device: tuple[int, Device] | None, now: Instant) -> _Opening:
    started_at = now if intent.started_at is None else intent.started_at
    usual = max(started_at, now if intent.ended_at is None else intent.ended_at)
    times = [usual if draft.at is None else draft.at for draft in intent.activities]
    session = Session(
        organisation=intent.scope.organisation,
        id=number,
        kind=Kind.WORK,
        person=person,
        device=device[1] if device else None,
        module=intent.module,
        started_at=started_at,
        ended_at=intent.ended_at,
        closing=None if intent.ended_at is None else intent.closing,
        updated_at=now,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        seen_at=max([started_at, *times]),
        activity_count=len(times),
        remarks=_remarks(intent.remarks, now),
    )
    return _Opening(intent=intent, session=session, device=device[0] if device else 0, times=times)


def _remarks(drafts: Sequence[RemarkDraft], now: Instant) -> tuple[Remark, ...]:
    """Oldest first."""
    told = [Remark(reason=d.reason, comment=d.comment, at=now if d.at is None else d.at) for d in drafts]
    return tuple(sorted(told, key=lambda remark: remark.at))


def open_sessions(transaction: Transaction, tally: Tally, intents: Sequence[Open], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    refused = refusals(transaction, intents)
    allowed = [index for index in range(len(intents)) if index not in refused]
    chosen = [intents[index] for index in allowed]
    people = find_people(transaction, [(i.scope.organisation, i.person) for i in chosen])
    devices = find_devices(transaction, [(i.scope.organisation, i.device) for i in chosen if i.device])
    openings = [
        _opening(
            intent,
            number,
            people[intent.scope.organisation, intent.person],
            devices[intent.scope.organisation, intent.device] if intent.device else None,
            now,
        )
        for intent, number in zip(chosen, _numbers(transaction, chosen), strict=True)
    ]
    verdicts: dict[int, Verdict] = {**refused}
    verdicts |= zip(allowed, _insert(transaction, tally, openings), strict=True)
    return [verdicts[index] for index in range(len(intents))]


def _numbers(transaction: Transaction, intents: Sequence[Open]) -> list[int]:
    """A number for each: the one that it keeps, or the organisation's next."""
    kept: dict[int, int] = {}
    for intent in intents:
        if intent.id is not None:
            organisation = intent.scope.organisation
            kept[organisation] = max(kept.get(organisation, 0), intent.id)
    for organisation, highest in sorted(kept.items()):
        numbers.pass_by(transaction, organisation, "session", highest)
    wanted = Counter(intent.scope.organisation for intent in intents if intent.id is None)
    fresh = {
        organisation: iter(numbers.take(transaction, organisation, "session", count))
        for organisation, count in sorted(wanted.items())
    }
    return [next(fresh[i.scope.organisation]) if i.id is None else i.id for i in intents]


def _insert(transaction: Transaction, tally: Tally, openings: Sequence[_Opening]) -> list[Verdict]:
    firsts: dict[tuple[int, int], _Opening] = {}
    for opening in openings:
        firsts.setdefault((opening.session.organisation, opening.session.id), opening)
    rows = transaction.each(_SQL["add_sessions"], [_session_row(opening) for opening in firsts.values()])
    added = [firsts[organisation, number] for organisation, number in rows]
    transaction.each(_SQL["add_activities"], [row for opening in added for row in _activity_rows(opening)])
    transaction.each(_SQL["add_remarks"], [row for opening in added for row in _remark_rows(opening.session)])
    _insert_terms(transaction, tally, added)
    for opening in added:
        session, person = opening.session, opening.session.person
        assert person is not None
        tally.add(
            session.organisation,
            session.kind,
            session.started_at,
            person=person.id,
            device=opening.device,
            module=session.module,
        )
    written = {id(opening) for opening in added}
    return [_verdict(opening.session, id(opening) in written) for opening in openings]


def _insert_terms(transaction: Transaction, tally: Tally, openings: Sequence[_Opening]) -> None:
    """A number that was given out was never anybody else's; one that is kept may have been, before it was deleted."""
    new = _term_rows([opening for opening in openings if opening.intent.id is None])
    transaction.each(_SQL["add_terms_of_new"], new)
    tally.add_terms(new)
    kept = _term_rows([opening for opening in openings if opening.intent.id is not None])
    tally.add_terms(transaction.each(_SQL["add_terms"], kept))


def _verdict(session: Session, written: bool) -> Opened | SojournError:
    return Opened(session=session) if written else Exists("session", session.id)


def _session_row(opening: _Opening) -> Row:
    session = opening.session
    assert session.person is not None
    return (
        session.organisation,
        session.id,
        session.kind.value,
        session.person.id,
        opening.device,
        session.module,
        session.started_at,
        session.ended_at,
        session.closing.value if session.closing else None,
        session.updated_at,
        session.first_at,
        session.last_at,
        session.seen_at,
        session.activity_count,
        len(session.remarks),
        None if session.ended_at is None else span_class(session.started_at, session.ended_at),
    )


def _activity_rows(opening: _Opening) -> list[Row]:
    organisation, session = opening.session.organisation, opening.session.id
    drafts = zip(opening.times, opening.intent.activities, strict=True)
    return [
        (organisation, session, at, seq, a.entity_type, a.entity_id, a.name, a.note)
        for seq, (at, a) in enumerate(drafts, 1)
    ]


def _remark_rows(session: Session) -> list[Row]:
    return [
        (session.organisation, session.id, seq, remark.at, remark.reason, remark.comment)
        for seq, remark in enumerate(session.remarks, 1)
    ]


def _term_rows(openings: Sequence[_Opening]) -> list[Row]:
    """What they can be found by, in the order of the index, so that its pages are met one after the other.

    By term, of which many sessions have the same, and not all at once: that takes a fifth of the time.
    """
    found: dict[int, dict[str, list[Row]]] = {}
    for opening in sorted(openings, key=_place):
        organisation, started_at, session = _place(opening)
        standing = found.setdefault(organisation, {})
        for term in activity_terms(opening.intent.activities) | remark_terms(opening.intent.remarks):
            row = (organisation, term, started_at, session)
            if term in standing:
                standing[term].append(row)
            else:
                standing[term] = [row]
    return [row for organisation in sorted(found) for _, rows in sorted(found[organisation].items()) for row in rows]


def _place(opening: _Opening) -> tuple[int, Instant, int]:
    return (opening.session.organisation, opening.session.started_at, opening.session.id)

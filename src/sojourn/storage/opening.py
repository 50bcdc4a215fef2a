"""Open sessions: bare ones, or whole ones that are handed in at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sojourn.core.errors import Exists, SojournError
from sojourn.core.intent import Open, Opened, Verdict
from sojourn.core.model import DAY, Device, Instant, Kind, Person, Remark, RemarkDraft, Session
from sojourn.core.span import span_class
from sojourn.core.terms import activity_terms, remark_terms
from sojourn.storage import numbers
from sojourn.storage.admission import refusals
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.people import find_devices, find_people
from sojourn.storage.sql import load

_SQL = load("sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """An intent with everything found that it speaks of."""

    intent: Open
    id: int
    person: Person
    device: tuple[int, Device] | None
    now: Instant

    @property
    def organisation(self) -> int:
        return self.intent.scope.organisation

    @property
    def started_at(self) -> Instant:
        return self.now if self.intent.started_at is None else self.intent.started_at

    @property
    def times(self) -> list[Instant]:
        """When each activity was, in the order handed in."""
        usual = max(self.started_at, self.now if self.intent.ended_at is None else self.intent.ended_at)
        return [usual if draft.at is None else draft.at for draft in self.intent.activities]


def open_sessions(transaction: Transaction, intents: Sequence[Open], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    refused = refusals(transaction, intents)
    allowed = [index for index in range(len(intents)) if index not in refused]
    chosen = [intents[index] for index in allowed]
    people = find_people(transaction, [(i.scope.organisation, i.person) for i in chosen])
    devices = find_devices(transaction, [(i.scope.organisation, i.device) for i in chosen if i.device])
    openings = [
        _Opening(
            intent=intent,
            id=number,
            person=people[intent.scope.organisation, intent.person],
            device=devices[intent.scope.organisation, intent.device] if intent.device else None,
            now=now,
        )
        for intent, number in zip(chosen, _numbers(transaction, chosen), strict=True)
    ]
    verdicts: dict[int, Verdict] = {**refused}
    verdicts |= zip(allowed, _insert(transaction, openings), strict=True)
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


def _insert(transaction: Transaction, openings: Sequence[_Opening]) -> list[Verdict]:
    firsts: dict[tuple[int, int], _Opening] = {}
    for opening in openings:
        firsts.setdefault((opening.organisation, opening.id), opening)
    rows = transaction.each(_SQL["add_sessions"], [_session_row(opening) for opening in firsts.values()])
    added = [firsts[organisation, number] for organisation, number in rows]
    transaction.each(_SQL["add_activities"], [row for opening in added for row in _activity_rows(opening)])
    transaction.each(_SQL["add_remarks"], [row for opening in added for row in _remark_rows(opening)])
    transaction.each(_SQL["add_terms"], sorted(row for opening in added for row in _term_rows(opening)))
    transaction.each(_SQL["add_to_tally"], _tally_rows(added))
    written = {id(opening) for opening in added}
    return [_verdict(opening, id(opening) in written) for opening in openings]


def _verdict(opening: _Opening, written: bool) -> Opened | SojournError:
    return Opened(session=_session(opening)) if written else Exists("session", opening.id)


def _session(opening: _Opening) -> Session:
    intent, times = opening.intent, opening.times
    return Session(
        organisation=opening.organisation,
        id=opening.id,
        kind=Kind.WORK,
        person=opening.person,
        device=opening.device[1] if opening.device else None,
        module=intent.module,
        started_at=opening.started_at,
        ended_at=intent.ended_at,
        closing=None if intent.ended_at is None else intent.closing,
        updated_at=opening.now,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        seen_at=max([opening.started_at, *times]),
        activity_count=len(times),
        remarks=tuple([Remark(reason=r.reason, comment=r.comment, at=at) for at, r in _remarks(opening)]),
    )


def _session_row(opening: _Opening) -> Row:
    session = _session(opening)
    return (
        session.organisation,
        session.id,
        session.kind.value,
        opening.person.id,
        opening.device[0] if opening.device else 0,
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


def _activity_rows(opening: _Opening) -> Iterable[Row]:
    drafts = zip(opening.times, opening.intent.activities, strict=True)
    for seq, (at, a) in enumerate(drafts, 1):
        yield (opening.organisation, opening.id, at, seq, a.entity_type, a.entity_id, a.name, a.note)


def _remark_rows(opening: _Opening) -> Iterable[Row]:
    for seq, (at, remark) in enumerate(_remarks(opening), 1):
        yield (opening.organisation, opening.id, seq, at, remark.reason, remark.comment)


def _remarks(opening: _Opening) -> list[tuple[Instant, RemarkDraft]]:
    """When each remark was given, oldest first."""
    told = [(opening.now if draft.at is None else draft.at, draft) for draft in opening.intent.remarks]
    return sorted(told, key=lambda pair: pair[0])


def _term_rows(opening: _Opening) -> Iterable[Row]:
    for term in activity_terms(opening.intent.activities) | remark_terms(opening.intent.remarks):
        yield (opening.organisation, term, opening.started_at, opening.id)


def _tally_rows(openings: Sequence[_Opening]) -> list[Row]:
    counts: Counter[tuple[int, str, int]] = Counter()
    for opening in openings:
        day = opening.started_at // DAY
        counts[opening.organisation, "", day] += 1
        counts[opening.organisation, f"p{opening.person.id}", day] += 1
    return [(*place, n) for place, n in sorted(counts.items())]

"""Record activities in sessions that run: many sessions in one statement, the odd ones by themselves."""

from collections.abc import Sequence

from sojourn.core.errors import Ended, Invalid, Unknown
from sojourn.core.intent import Record, Recorded, Verdict
from sojourn.core.model import Activity, Closing, Instant
from sojourn.core.terms import activity_terms
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load
from sojourn.storage.tally import Tally

_SQL = load("sessions")


def record_activities(transaction: Transaction, tally: Tally, intents: Sequence[Record], now: Instant) -> list[Verdict]:
    """Write them; a verdict for each, in order."""
    recording = _Recording(transaction, now)
    verdicts: dict[int, Verdict] = {}
    waiting = list(enumerate(intents))
    while waiting:
        groups, waiting = _by_session(waiting)
        verdicts |= recording.run(groups)
    recording.insert(tally)
    return [verdicts[index] for index in range(len(intents))]


def _by_session(
    waiting: list[tuple[int, Record]],
) -> tuple[list[dict[int, Record]], list[tuple[int, Record]]]:
    """What can be written at once, grouped by session, and what must wait: the same session seen by another scope."""
    groups: dict[tuple[int, int], dict[int, Record]] = {}
    others = []
    for index, intent in waiting:
        group = groups.setdefault((intent.scope.organisation, intent.session_id), {})
        if group and next(iter(group.values())).scope != intent.scope:
            others.append((index, intent))
        else:
            group[index] = intent
    return list(groups.values()), others


class _Recording:
    """The rows that a transaction gathers while it locks one session after the other."""

    def __init__(self, transaction: Transaction, now: Instant) -> None:
        self._transaction = transaction
        self._now = now
        self._activities: list[Row] = []
        self._terms: set[Row] = set()

    def insert(self, tally: Tally) -> None:
        self._transaction.each(_SQL["add_activities"], self._activities)
        tally.add_terms(self._transaction.each(_SQL["add_terms"], sorted(self._terms)))

    def run(self, groups: Sequence[dict[int, Record]]) -> dict[int, Verdict]:
        """Lock all sessions in one statement; those that it does not lock are looked at one by one."""
        rows = [self._touch_row(list(group.values()), self._now) for group in groups]
        rows.sort()  # so that two processes never wait for each other crosswise
        locked = {(o, s): (last, start) for o, s, last, start in self._transaction.each(_SQL["touch"], rows)}
        verdicts: dict[int, Verdict] = {}
        for group in groups:
            first = next(iter(group.values()))
            lock = locked.get((first.scope.organisation, first.session_id))
            if lock is None:
                verdicts |= {index: self._record_odd(intent) for index, intent in group.items()}
                continue
            last, started_at = lock
            seq = last - sum(len(intent.activities) for intent in group.values())
            for index, intent in group.items():
                verdicts[index] = self._recorded(intent, seq, started_at, self._now)
                seq += len(intent.activities)
        return verdicts

    def _touch_row(self, intents: Sequence[Record], at: Instant, late_until: Instant | None = None) -> Row:
        times = [at if a.at is None else a.at for intent in intents for a in intent.activities]
        first, last = (min(times), max(times)) if times else (at, at)
        scope = intents[0].scope
        return (
            scope.organisation,
            intents[0].session_id,
            scope.person,
            len(times),
            first,
            last,
            late_until,
            self._now,
        )

    def _record_odd(self, intent: Record) -> Verdict:
        """One that could not be locked: ended, unknown, early, or late but welcome."""
        scope, number = intent.scope, intent.session_id
        key = {"organisation": scope.organisation, "id": number}
        held = self._transaction.run(_SQL["hold"], {**key, "person": scope.person})
        if not held:
            return Unknown("session", number)
        started_at, ended_at, closing, _ = held[0]
        at = max(self._now, started_at)
        times = [at if a.at is None else a.at for a in intent.activities] or [at]
        for i, time in enumerate(times):
            if time < started_at:
                return Invalid(f"activities[{i}].at", "must not be before the start of the session")
        late_until = None
        if ended_at is not None:
            if intent.late and max(times) <= ended_at:
                late_until = ended_at
            elif intent.late and closing == Closing.IDLE:
                self._transaction.run(_SQL["reopen"], key)
            else:
                return Ended(number)
        ((_, _, last, _),) = self._transaction.each(_SQL["touch"], [self._touch_row([intent], at, late_until)])
        return self._recorded(intent, last - len(intent.activities), started_at, at)

    def _recorded(self, intent: Record, before: int, started_at: Instant, at: Instant) -> Recorded:
        organisation, session = intent.scope.organisation, intent.session_id
        told = tuple([
            Activity(
                seq=seq,
                at=at if a.at is None else a.at,
                entity_type=a.entity_type,
                entity_id=a.entity_id,
                name=a.name,
                note=a.note,
            )
            for seq, a in enumerate(intent.activities, before + 1)
        ])  # fmt: skip
        self._activities += [
            (organisation, session, a.at, a.seq, a.entity_type, a.entity_id, a.name, a.note) for a in told
        ]
        for term in activity_terms(told):
            self._terms.add((organisation, term, started_at, session))
        return Recorded(activities=told, updated_at=self._now)

"""The only way in: checks what is handed in, stamps it with the time, and has it written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from sojourn.core.delivery import AHEAD, checked_visit
from sojourn.core.errors import Invalid, SojournError
from sojourn.core.intent import (
    Annotate,
    Annotated,
    Delete,
    Deleted,
    Deliver,
    Delivered,
    End,
    Finished,
    Intent,
    Open,
    Opened,
    Record,
    Recorded,
    Register,
    Registered,
    Told,
    Unregister,
    Unregistered,
    Verdict,
)
from sojourn.core.model import (
    BATCH_LENGTH,
    INT32,
    WHOLE_LENGTH,
    ActivityDraft,
    Instant,
    RemarkDraft,
    checked_activities,
    checked_remarks,
    instant_of,
    name_of,
)
from sojourn.core.ports import SessionStore

Clock = Callable[[], Instant]
_Told = TypeVar("_Told", bound=Told)


class Recorder:
    """Writes sessions, and has the clock."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def write(self, intents: Sequence[Intent]) -> list[Verdict]:
        """Write all that can be written, in one transaction.

        Returns: for each intent, in order, what it is told, or the error that refused it. What is told is on disk.
        Raises: Unavailable, and then nothing is written, or perhaps all where the connection was lost at the very end:
        the same once more under the same key settles it.
        """
        now = self._clock()
        verdicts: dict[int, Verdict] = {}
        good: list[tuple[int, Intent]] = []
        for index, intent in enumerate(intents):
            try:
                good.append((index, checked(intent, now)))
            except SojournError as error:
                verdicts[index] = error
        written = self._store.write([intent for _, intent in good], now) if good else []
        verdicts |= zip([index for index, _ in good], written, strict=True)
        return [verdicts[index] for index in range(len(intents))]

    def open(self, intent: Open) -> Opened:
        """Open one session. Raises: Invalid, Exists, Forbidden, KeyReused."""
        return cast(Opened, self._one(intent))

    def record(self, intent: Record) -> Recorded:
        """Record activities in one session. Raises: Invalid, Unknown, Ended, KeyReused."""
        return cast(Recorded, self._one(intent))

    def annotate(self, intent: Annotate) -> Annotated:
        """Add remarks to one session. Raises: Invalid, Unknown, KeyReused."""
        return cast(Annotated, self._one(intent))

    def end(self, intent: End) -> Finished:
        """End one session. Raises: Invalid, Unknown, Ended, KeyReused."""
        return cast(Finished, self._one(intent))

    def delete(self, intent: Delete) -> Deleted:
        """Delete one session. Raises: Unknown, KeyReused."""
        return cast(Deleted, self._one(intent))

    def deliver(self, intent: Deliver) -> Delivered:
        """Deliver one visit. Raises: Invalid, KeyReused."""
        return cast(Delivered, self._one(intent))

    def register(self, intent: Register) -> Registered:
        """Register one agent. Raises: Invalid, Forbidden."""
        return cast(Registered, self._one(intent))

    def unregister(self, intent: Unregister) -> Unregistered:
        """Forget one agent. Raises: Unknown, Forbidden."""
        return cast(Unregistered, self._one(intent))

    def close_idle(self, limit: int = 500) -> int:
        """Close sessions that have been idle for too long, at most `limit` of each organisation; how many."""
        return self._store.close_idle(self._clock(), limit)

    def forget_keys(self, limit: int = 500) -> int:
        """Forget at most `limit` idempotency keys that have had their day; how many."""
        return self._store.forget_keys(self._clock(), limit)

    def note_busy(self) -> int:
        """See to it that what was met in very many sessions is counted by and by; how many terms more."""
        return self._store.note_busy()

    def count_busy(self, pieces: int = 20) -> int:
        """Count what is to be counted, so that its totals cost little, at most so many short pieces; how many."""
        counted = 0
        while counted < pieces and self._store.count_busy():
            counted += 1
        return counted

    def seek_busy(self) -> int:
        """See to it that all that stands in very many sessions is counted by and by; how many terms more."""
        return self._store.seek_busy()

    def _one(self, intent: Intent) -> Told:
        (verdict,) = self.write([intent])
        if isinstance(verdict, SojournError):
            raise verdict
        return verdict


def checked(intent: Intent, now: Instant) -> Intent:
    """The intent with its texts trimmed. Raises: Invalid, naming the field in core words."""
    match intent:
        case Open():
            return _checked_open(intent, now)
        case Record():
            activities = checked_activities(intent.activities, least=0)
            _not_ahead(activities, now)
            return replace(intent, activities=activities)
        case Annotate():
            return replace(intent, remarks=_checked_remarks(intent.remarks, now, least=1))
        case End():
            if intent.at is not None:
                _past("at", intent.at, now)
            return replace(intent, remarks=_checked_remarks(intent.remarks, now))
        case Delete():
            return intent
        case Deliver():
            intent.scope.require_everybody()
            return replace(intent, visit=checked_visit(intent.visit, now))
        case Register():
            intent.scope.require_everybody()
            return replace(intent, agent=intent.agent.checked())
        case Unregister():  # pragma: no branch - there is no other
            intent.scope.require_everybody()
            return intent


def _checked_open(intent: Open, now: Instant) -> Open:
    activities = checked_activities(intent.activities, least=0, most=WHOLE_LENGTH)
    _not_ahead(activities, now)
    started_at = now if intent.started_at is None else _past("started_at", intent.started_at, now)
    ended_at = None if intent.ended_at is None else _past("ended_at", intent.ended_at, now)
    if ended_at is not None and ended_at < started_at:
        raise Invalid("ended_at", "must not be before the start of the session")
    _within(activities, started_at, ended_at)
    if intent.id is not None and not 1 <= intent.id <= INT32:
        raise Invalid("id", f"must be a number from 1 to {INT32}")
    return replace(
        intent,
        person=intent.person.checked(),
        device=None if intent.device is None else intent.device.checked(),
        module=None if intent.module is None else name_of("module", intent.module),
        activities=activities,
        remarks=_checked_remarks(intent.remarks, now, most=WHOLE_LENGTH),
    )


def _checked_remarks(
    drafts: Sequence[RemarkDraft], now: Instant, least: int = 0, most: int = BATCH_LENGTH
) -> tuple[RemarkDraft, ...]:
    for i, draft in enumerate(drafts):
        if draft.at is not None:
            _past(f"remarks[{i}].at", draft.at, now)
    return checked_remarks(drafts, least, most)


def _within(activities: Sequence[ActivityDraft], started_at: Instant, ended_at: Instant | None) -> None:
    for i, activity in enumerate(activities):
        if activity.at is not None and activity.at < started_at:
            raise Invalid(f"activities[{i}].at", "must not be before the start of the session")
        if activity.at is not None and ended_at is not None and activity.at > ended_at:
            raise Invalid(f"activities[{i}].at", "must not be after the end of the session")


def _not_ahead(activities: Sequence[ActivityDraft], now: Instant) -> None:
    for i, activity in enumerate(activities):
        if activity.at is not None and activity.at > now + AHEAD:
            _past(f"activities[{i}].at", activity.at, now)


def _past(field: str, at: Instant, now: Instant) -> Instant:
    if instant_of(field, at) > now + AHEAD:
        raise Invalid(field, "must not be in the future")
    return at

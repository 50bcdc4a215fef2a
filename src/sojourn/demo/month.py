"""A month of a small company, drawn by lot: the same for the same seed and the same moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sojourn.core.access import Scope
from sojourn.core.intent import Open
from sojourn.core.model import DAY, MINUTE, SECOND, ActivityDraft, Instant, PersonDraft, RemarkDraft
from sojourn.demo.audits import audits
from sojourn.demo.company import Customer, Worker, customers, device, staff
from sojourn.demo.scenarios import CURIOUS, Scenario, Step, entity_of, pick

CUSTOMERS = 600
SESSIONS_AN_HOUR = 2.2
ABSENT = 0.05
"""How likely somebody is ill or on leave on a day."""

UNTOLD = 0.08
"""How likely a session ends without a reason."""

FORGOTTEN = 0.015
"""How likely a session is left open, for the server to close it."""

RUNNING = 3
"""At least so many sessions run at the end."""

AUDITS = (1, 8, 15, 22)
"""How many days ago customers were audited."""

RECENT = 3 * 60 * MINUTE
"""No session of a person at work takes longer."""


@dataclass(slots=True)
class _Lot:
    """Draws sessions: who, with whom, and what they do."""

    draw: Random
    scope: Scope
    customers: Sequence[Customer]

    def session(self, worker: Worker, began: Instant, scenario: Scenario, customer: Customer) -> Open:
        """A whole session, from its first activity to its reason."""
        length = max(30 * SECOND, int(self.draw.lognormvariate(0, 0.5) * scenario.minutes * MINUTE))
        steps = [step for step in scenario.steps if self.draw.random() < step.odds]
        moments = sorted(began + int(self.draw.random() * length) for _ in steps)
        told = self.draw.random() >= UNTOLD and scenario is not CURIOUS
        left_open = self.draw.random() < FORGOTTEN
        return Open(
            scope=self.scope,
            person=PersonDraft(login=worker.login),
            device=worker.device,
            module=worker.module,
            started_at=began,
            ended_at=None if left_open else began + length,
            activities=self._activities(steps, moments, customer),
            remarks=(self._remark(scenario, began + length),) if told and not left_open else (),
        )

    def _activities(
        self, steps: Sequence[Step], moments: Sequence[Instant], customer: Customer
    ) -> tuple[ActivityDraft, ...]:
        order, invoice = self.draw.choice(customer.orders), self.draw.choice(customer.invoices)
        return tuple([
            ActivityDraft(
                entity_type=step.entity_type,
                entity_id=entity_of(self.draw, step, customer, order, invoice),
                name=step.name,
                note=step.note.format(name=customer.name, order=order, invoice=invoice) if step.note else None,
                at=at,
            )
            for step, at in zip(steps, moments, strict=True)
        ])  # fmt: skip

    def _remark(self, scenario: Scenario, at: Instant) -> RemarkDraft:
        comment = self.draw.choice(scenario.comments) if scenario.comments and self.draw.random() < 0.5 else None
        return RemarkDraft(reason=scenario.reason, comment=comment or None, at=at)

    def customer(self) -> Customer:
        """Somebody: a few call often, most of them seldom."""
        return self.customers[int(self.draw.random() ** 1.5 * len(self.customers))]

    def working_day(self, worker: Worker, begins: Instant, ends: Instant) -> Iterator[Open]:
        """One session after the other, with a break in the middle."""
        at = begins + int(self.draw.uniform(-10, 20) * MINUTE)
        rest = begins + (ends - begins) // 2 + int(self.draw.uniform(-30, 30) * MINUTE)
        while at < ends:
            if at > rest:
                at, rest = at + 40 * MINUTE, ends
            session = self.session(worker, at, pick(self.draw, worker.module), self.customer())
            yield session
            at = last_sign(session) + int(self.draw.expovariate(SESSIONS_AN_HOUR / 60) * MINUTE)


def last_sign(session: Open) -> Instant:
    """When something happened in a session for the last time."""
    times = [activity.at for activity in session.activities] + [session.started_at, session.ended_at]
    return max(at for at in times if at is not None)


def month(seed: int, now: Instant, zone: str, scope: Scope, days: int = 30) -> list[Open]:
    """Every session of the last days in the order of their starts; those that reach past `now` run."""
    draw = Random(seed)  # noqa: S311  # a play of chance, not a secret
    lot = _Lot(draw, scope, customers(draw, CUSTOMERS))
    workers = staff(draw)
    today = datetime.fromtimestamp(now // SECOND, ZoneInfo(zone)).date()
    sessions = [_long(lot, now)]
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        for worker in workers:
            if day.weekday() in worker.days and draw.random() >= ABSENT:
                sessions += lot.working_day(worker, *_hours(worker, day, zone))
    sessions += _looks(lot, workers, now)
    auditor = next(worker for worker in workers if worker.module == "QUALITY")
    mornings = [_hours(auditor, today - timedelta(days=back), zone)[0] for back in AUDITS if back <= days]
    sessions += audits(Random(seed), scope, lot.customers, auditor, mornings)  # noqa: S311
    past = [_cut(session, now) for session in sessions if _start(session) <= now]
    return sorted([*past, *_now(lot, workers, past, now)], key=_start)


def _start(session: Open) -> Instant:
    assert session.started_at is not None
    return session.started_at


def _hours(worker: Worker, day: date, zone: str) -> tuple[Instant, Instant]:
    """When somebody's working day begins and ends."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    begins, ends = (int((midnight + timedelta(hours=hour)).timestamp()) for hour in (worker.begins, worker.ends))
    return begins * SECOND, ends * SECOND


def _long(lot: _Lot, now: Instant) -> Open:
    """A service that was at work for nine days without a break."""
    began, ended = now - 19 * DAY, now - 10 * DAY
    return Open(
        scope=lot.scope,
        person=PersonDraft(login="svc-ledger"),
        device=device(lot.draw, "BATCH-01"),
        module="RECONCILIATION",
        started_at=began,
        ended_at=ended,
        activities=tuple(
            ActivityDraft(entity_type="LEDGER", entity_id=str(2_000 + i), name="LedgerReconciled", at=at)
            for i, at in enumerate(range(began + MINUTE, ended, DAY // 8))
        ),
        remarks=(RemarkDraft(reason="Year-end reconciliation", comment="Ran over the second weekend as planned"),),
    )


def _looks(lot: _Lot, workers: Sequence[Worker], now: Instant) -> Iterator[Open]:
    """Looks at the customer that everybody has heard of: one of many has no reason to."""
    night = [worker for worker in workers if worker.ends > 24]
    for worker in [*workers[:12], *night * 3]:
        at = now - int(lot.draw.uniform(1, 29) * DAY)
        yield lot.session(worker, at, CURIOUS, lot.customers[0])


def _cut(session: Open, now: Instant) -> Open:
    """As it stands now: what has not happened yet is left out."""
    if last_sign(session) <= now:
        return session
    done = tuple([activity for activity in session.activities if activity.at is not None and activity.at <= now])
    return replace(session, ended_at=None, remarks=(), activities=done)


def _now(lot: _Lot, workers: Sequence[Worker], past: Sequence[Open], now: Instant) -> Iterator[Open]:
    """A few more that run, where too few do."""
    running = sum(session.ended_at is None and _start(session) > now - RECENT for session in past)
    for worker in workers[: max(0, RUNNING - running)]:
        began = now - int(lot.draw.uniform(2, 9) * MINUTE)
        session = lot.session(worker, began, pick(lot.draw, worker.module), lot.customer())
        moments = sorted(began + int(lot.draw.random() * (now - began)) for _ in session.activities)
        activities = [replace(activity, at=at) for activity, at in zip(session.activities, moments, strict=True)]
        yield replace(session, ended_at=None, remarks=(), activities=tuple(activities))

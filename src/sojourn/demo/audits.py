"""Days on which somebody looked at hundreds of customers in one session: bursts of work, and pauses between."""

from collections.abc import Iterator, Sequence
from random import Random

from sojourn.core.access import Scope
from sojourn.core.intent import Open
from sojourn.core.model import MINUTE, SECOND, ActivityDraft, Instant, PersonDraft, RemarkDraft
from sojourn.demo.company import Customer, Worker

_HOUR = 60 * MINUTE

# From which minute of the working day to which, and how many customers a minute are looked at.
_BURSTS = ((6, 68, 1.1), (92, 171, 1.6), (218, 305, 0.9), (327, 371, 2.2), (402, 441, 0.7))


def audits(
    draw: Random, scope: Scope, customers: Sequence[Customer], worker: Worker, mornings: Sequence[Instant]
) -> Iterator[Open]:
    """A session of a whole day for each of those mornings, on which the worker's day begins."""
    for morning in mornings:
        activities = tuple(_looks(draw, customers, morning))
        noon = morning + 4 * _HOUR
        yield Open(
            scope=scope,
            person=PersonDraft(login=worker.login),
            device=worker.device,
            module=worker.module,
            started_at=morning,
            ended_at=morning + 7 * _HOUR + 24 * MINUTE,
            activities=activities,
            remarks=(
                RemarkDraft(reason="Audit of addresses", comment="Every third customer of the north", at=morning),
                RemarkDraft(reason="Audit of addresses", comment="Half are done; a break for the team", at=noon),
                RemarkDraft(reason="Report handed in", at=morning + 7 * _HOUR + 22 * MINUTE),
            ),
        )


def _looks(draw: Random, customers: Sequence[Customer], morning: Instant) -> Iterator[ActivityDraft]:
    for begin, end, pace in _BURSTS:
        at = morning + begin * MINUTE
        while at < morning + end * MINUTE:
            customer = draw.choice(customers)
            yield ActivityDraft(entity_type="CUSTOMER", entity_id=customer.id, name="CustomerViewed", at=at)
            if draw.random() < 0.12:
                at += int(draw.uniform(5, 40) * SECOND)
                note = f"{customer.name} moved; the letter came back"
                yield ActivityDraft(
                    entity_type="CUSTOMER", entity_id=customer.id, name="AddressDoubted", note=note, at=at
                )
            at += int(draw.expovariate(pace) * MINUTE) + SECOND

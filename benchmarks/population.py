"""A believable care desk: who works, on whose data, and what they write down. The same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from sojourn.core.access import Scope
from sojourn.core.intent import Open
from sojourn.core.model import MINUTE, ActivityDraft, Instant, PersonDraft
from sojourn.core.recorder import Recorder

ORGANISATION = 1
FIRST_PERSON = 75_001_000
MODULES = ("CARE_DESK", "MEMBER_CARE", "LOYALTY", "STORE_CARE")
OPENED_AT_ONCE = 250

# What was done, to what sort of thing, and what people note about it; three in ten note nothing.
_DOINGS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("CustomerSearched", "CUSTOMER", ("Looked up by phone {digits}", "Caller gave card {digits}, name matches")),
    ("CustomerProfileViewed", "CUSTOMER", ("Asked which address we have", "Checked consent before calling back")),
    ("MobileNumberChanged", "CUSTOMER", ("New number ends in {digits}, proved by {proof}", "Typed wrong at the till")),
    ("EmailChanged", "CUSTOMER", ("Old address bounced on {day}", "Customer moved to another provider")),
    ("TransactionViewed", "TRANSACTION", ("Complains about bill {digits}", "Refund of {amount} promised on {day}")),
    ("TransactionReturned", "TRANSACTION", ("Two items came back, {amount} to the card", "Wrong size, store {digits}")),
    ("CouponIssued", "COUPON", ("Goodwill after late delivery", "Code did not work at the till, gave {amount} again")),
    ("CouponReactivated", "COUPON", ("Expired on {day} while she was ill",)),
    (
        "PointsAdjusted",
        "POINTS",
        ("Bill {digits} was not credited, {amount} by hand", "Merged from the second account"),
    ),
    ("TierUpgraded", "MEMBERSHIP", ("Approved by {proof}, valid until {day}",)),
    ("TicketOpened", "TICKET", ("Callback wanted on {day} after six", "Handed to the store with number {digits}")),
    ("TicketClosed", "TICKET", ("Solved, customer is content", "No answer since {day}, closed with a letter")),
)
_PROOFS = ("passport", "birthday and postcode", "signature", "the team lead", "an email from the known address")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "the 3rd of March", "the 21st of June", "Easter")


@dataclass(slots=True, kw_only=True)
class Population:
    """People with sessions that run, and customers whom they serve. Numbers of sessions are 1 to `sessions`."""

    sessions: int = 2_000
    people: int = 100
    customers: int = 50_000
    activities: int = 5
    seed: int = 2026
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def activity(self, at: Instant | None = None) -> ActivityDraft:
        """Something that somebody did."""
        draw = self._random
        name, entity_type, notes = draw.choice(_DOINGS)
        note = None
        if draw.random() >= 0.3:
            note = draw.choice(notes).format(
                digits=draw.randrange(1000, 10_000),
                proof=draw.choice(_PROOFS),
                day=draw.choice(_DAYS),
                amount=f"{draw.randrange(5, 200)} euros",
            )
        entity_id = str(90_000_000 + draw.randrange(self.customers))
        return ActivityDraft(entity_type=entity_type, entity_id=entity_id, name=name, note=note, at=at)

    def session(self) -> int:
        """The number of one of the sessions."""
        return self._random.randint(1, self.sessions)

    def person(self) -> int:
        """The number of one of the people."""
        return FIRST_PERSON + self._random.randrange(self.people)

    def below(self, bound: int) -> int:
        """Some number from 0 to `bound` - 1."""
        return self._random.randrange(bound)

    def settle(self, recorder: Recorder, now: Instant) -> None:
        """Open all sessions, each with its activities, over the eight hours before `now`."""
        for first in range(0, self.sessions, OPENED_AT_ONCE):
            numbers = range(first, min(first + OPENED_AT_ONCE, self.sessions))
            verdicts = recorder.write([self._opening(number, now) for number in numbers])
            refused = [verdict for verdict in verdicts if isinstance(verdict, Exception)]
            if refused:
                raise refused[0]

    def _opening(self, number: int, now: Instant) -> Open:
        started_at = now - (self.sessions - number) * (480 * MINUTE // self.sessions)
        times = [started_at + (now - started_at) * i // self.activities for i in range(self.activities)]
        return Open(
            scope=Scope(ORGANISATION),
            person=PersonDraft(id=FIRST_PERSON + number % self.people),
            module=MODULES[number % len(MODULES)],
            started_at=started_at,
            activities=tuple([self.activity(at) for at in times]),
        )

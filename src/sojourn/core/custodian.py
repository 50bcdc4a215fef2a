"""Keeps what must be kept, and deletes what must not: retention, legal hold, erasure.

What deletes goes by pieces, and rests between them for as long as each took, so that others write too. How many rows a
piece has follows from how long the last one took: `TARGET` seconds are aimed at, of the tenth of a second that no lock
may be held for longer.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sojourn.core.custody import CustodyStore, Mark
from sojourn.core.erasure import Counts, EntityErased, Erasure, PersonErased, State, Subject
from sojourn.core.hold import Hold, Holdable, reason_of
from sojourn.core.model import SECOND, Instant, PersonDraft, name_of
from sojourn.core.retention import Retention, Sort

TARGET = 0.015
"""How many seconds a transaction that deletes should take."""

FEWEST = 100
MOST = 2_000
FIRST = 200
"""How many rows it deletes: at least, at most, and before anything is known of the machine."""

SESSION_WEIGHT = 10
"""A session by itself costs about as much as so many activities."""

PAGE = 500


@dataclass(slots=True, kw_only=True)
class Swept:
    """What one sweep deleted, in how many transactions, and how long the longest of them took, in seconds."""

    deleted: Counts = field(default_factory=Counts)
    pieces: int = 0
    longest: float = 0.0
    whole: bool = False


class Pace:
    """How many rows the next transaction deletes."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self.rows = FIRST
        self.took = 0.0

    def measure(self, piece: Callable[[int], Counts | None]) -> Counts | None:
        """Do a piece, and learn from how long it took."""
        began = self._timer()
        done = piece(self.rows)
        self.took = self._timer() - began
        factor = TARGET / max(self.took, 0.000_1)
        self.rows = min(MOST, max(FEWEST, int(self.rows * min(1.5, max(0.25, factor)))))
        return done


class Custodian:
    """Retention, legal hold and erasure. `timer` and `rest` are of the machine, in seconds."""

    def __init__(
        self,
        store: CustodyStore,
        clock: Callable[[], Instant],
        timer: Callable[[], float] = time.perf_counter,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timer = timer
        self._rest = rest

    def retention(self, organisation: int) -> Retention:
        """How long an organisation keeps what. Raises: Unknown."""
        return self._store.retention(organisation)

    def set_retention(self, organisation: int, retention: Retention) -> Retention:
        """From the next sweep on. Raises: Unknown."""
        self._store.set_retention(organisation, retention)
        return retention

    def holds(self, organisation: int) -> list[Hold]:
        """All of an organisation, oldest first."""
        return self._store.holds(organisation)

    def hold(self, organisation: int, noun: Holdable, number: int, *, why: str, by: str) -> tuple[Hold, bool]:
        """Hold a session or a person; what is held already stays as it is. And whether it is new.

        Raises: Invalid, Unknown.
        """
        hold = Hold(
            organisation=organisation,
            noun=noun,
            number=number,
            why=reason_of("why", why),
            held_by=by,
            at=self._clock(),
        )
        return self._store.hold(hold)

    def release(self, organisation: int, noun: Holdable, number: int) -> None:
        """Let it go: what has had its time goes with the next sweep. Raises: Unknown."""
        self._store.release(organisation, noun, number)

    def person(self, organisation: int, draft: PersonDraft) -> PersonErased:
        """Somebody who is known, by number or login. Raises: Invalid, Unknown."""
        number, login = self._store.person(organisation, draft.checked())
        return PersonErased(id=number, login=login)

    def erase(self, organisation: int, subject: Subject, *, why: str, by: str) -> Erasure:
        """Ask for an erasure: it is done by and by. Raises: Invalid, Unknown."""
        if isinstance(subject, EntityErased):
            subject = EntityErased(
                type=name_of("entity.type", subject.type),
                id=name_of("entity.id", subject.id),
            )
        return self._store.ask(
            organisation,
            subject,
            salt=secrets.token_hex(16),
            why=reason_of("why", why),
            asked_by=by,
            asked_at=self._clock(),
        )

    def erasures(self, organisation: int) -> list[Erasure]:
        """All of an organisation, newest first."""
        return self._store.erasures(organisation)

    def erasure(self, organisation: int, number: int) -> Erasure:
        """One of them. Raises: Unknown."""
        return self._store.erasure(organisation, number)

    def finish(self, organisation: int, number: int) -> Erasure:
        """Do what is to be erased until this one is done; its receipt. Raises: Unknown."""
        pace = Pace(self._timer)
        while (job := self._store.erasure(organisation, number)).state is not State.DONE:
            pace.measure(lambda rows: self._store.erase(self._clock(), rows))
            self._rest(pace.took)
        return job

    def scrub(self) -> bool:
        """Write the database's files anew, so that no byte of what was erased is left; the receipts say so then.

        It keeps others from writing as long as it takes. Returns: whether it could be done.
        """
        return self._store.scrub()

    def sweep(self, seconds: float = 5.0) -> Swept:
        """Delete what is to be deleted, for about so many seconds; what is left then is left to the next sweep."""
        swept, pace, end = Swept(), Pace(self._timer), self._timer() + seconds
        for deleted in self._pieces(pace):
            swept.deleted += deleted
            swept.pieces += 1
            swept.longest = max(swept.longest, pace.took)
            if self._timer() >= end:
                return swept
            self._rest(pace.took)
        swept.whole = True
        return swept

    def _pieces(self, pace: Pace) -> Iterator[Counts]:
        """Each transaction that deletes something, when it has."""
        yield from self._clearing(pace)
        while (done := pace.measure(lambda rows: self._store.erase(self._clock(), rows))) is not None:
            yield done
        for organisation in self._store.organisations():
            for sort, seconds in self._store.retention(organisation).seconds.items():
                yield from self._aged(pace, organisation, sort, self._clock() - seconds * SECOND)

    def _clearing(self, pace: Pace) -> Iterator[Counts]:
        while (done := pace.measure(self._store.clear)) is not None:
            yield done

    def _aged(self, pace: Pace, organisation: int, sort: Sort, before: Instant) -> Iterator[Counts]:
        mark: Mark | None = Mark()
        while mark is not None:
            old = self._store.old(organisation, sort, before, mark, PAGE)
            waiting, mark = list(old.sessions), old.next
            while waiting:

                def remove(rows: int, waiting: list[tuple[int, int]] = waiting) -> Counts:
                    return self._store.remove_old(organisation, _some(waiting, rows), before)

                done = pace.measure(remove)
                assert done is not None
                yield done
            yield from self._clearing(pace)


def _some(waiting: list[tuple[int, int]], rows: int) -> list[int]:
    """The first of them that hold about so many rows together, taken away: at least one."""
    taken: list[int] = []
    weight = 0
    while waiting and (not taken or weight + waiting[0][1] + SESSION_WEIGHT <= rows):
        number, holds = waiting.pop(0)
        taken.append(number)
        weight += holds + SESSION_WEIGHT
    return taken

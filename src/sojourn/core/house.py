"""What has to be done now and then, by one of all the processes that serve the same data.

The lease in the database says which. It is kept while its holder lives, let go when it ends well, and passes on a while
after it was killed. Each chore is right even if two did it at once (its statements are guarded): the lease saves the
work of doing it twice, and forgives machines whose clocks differ.
"""

import secrets
from collections.abc import Callable, Sequence

from sojourn.core.model import SECOND, Instant
from sojourn.core.upkeep import UpkeepStore

DUTY = "house"
LEASE = 45 * SECOND
"""How long after its last sign of life a process still has the duty, in microseconds."""


class House:
    """Keeps house in turn with the other processes. Each chore is a bounded piece of work: the next round goes on."""

    def __init__(
        self, store: UpkeepStore, clock: Callable[[], Instant], chores: Sequence[Callable[[], object]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._chores = chores
        self._holder = secrets.token_hex(8)
        self._until: Instant | None = None

    def keep(self) -> bool:
        """Do every chore once; False where they are another's. Raises: what a chore raises; Unavailable."""
        for chore in self._chores:
            if not self.holds():
                return False
            chore()
        return True

    def holds(self) -> bool:
        """Whether the duty is this process's, for half of a lease at least: asked before each piece of work."""
        now = self._clock()
        if self._until is None or self._until - now < LEASE // 2:
            held = self._store.hold(DUTY, self._holder, now, now + LEASE)
            self._until = now + LEASE if held else None
        return self._until is not None

    def leave(self) -> None:
        """Leave the duty to others. Raises: Unavailable."""
        if self._until is not None:
            self._store.release(DUTY, self._holder)
            self._until = None

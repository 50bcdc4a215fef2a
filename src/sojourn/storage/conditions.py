"""What a statement asks for: conditions that are put together, and between which starts a page lies."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from sojourn.core.model import EARLIEST, LATEST, Instant
from sojourn.core.query import Order, Place, SessionFilter


@dataclass(slots=True)
class Where:
    """Conditions, and what they take."""

    parameters: dict[str, Any]
    conditions: list[str] = field(default_factory=list)

    def add(self, condition: str, **parameters: Any) -> None:
        """One more, with what it takes."""
        self.conditions.append(condition)
        self.parameters.update(parameters)

    def text(self) -> str:
        """All of them, which must hold."""
        return " AND ".join(self.conditions)


class Starts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Between which starts a page lies, and after which place."""

    first: Instant
    last: Instant
    order: Order
    after: Place | None

    @classmethod
    def of(cls, f: SessionFilter, order: Order, after: Place | None) -> "Starts":
        """What is asked for."""
        first = EARLIEST if f.started_from is None else f.started_from
        last = min(LATEST if end is None else end for end in (f.started_to, f.alive_to))
        return cls(first=first, last=last, order=order, after=after)

    def within(self, first: Instant, last: Instant) -> "Starts":
        """Those of them between two starts."""
        return Starts(first=max(self.first, first), last=min(self.last, last), order=self.order, after=self.after)

    def add_to(self, where: Where, at: str, number: str, name: str = "began") -> None:
        """Say it with one bound on either side.

        Of two SQLite may seek the farther one, and PostgreSQL, which takes each for a condition of its own, expects far
        too few rows.
        """
        first, last = self.first, self.last
        if self.after is not None and self.order is Order.OLDEST and self.after.at >= first:
            first = EARLIEST
            where.add(f"({at}, {number}) > (:after_at, :after_id)")
        if self.after is not None and self.order is Order.NEWEST and self.after.at <= last:
            last = LATEST
            where.add(f"({at}, {number}) < (:after_at, :after_id)")
        if self.after is not None:
            where.parameters.update(after_at=self.after.at, after_id=self.after.id)
        if first > EARLIEST:
            where.add(f"{at} >= :{name}_first", **{f"{name}_first": first})
        if last < LATEST:
            where.add(f"{at} <= :{name}_last", **{f"{name}_last": last})

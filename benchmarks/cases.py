"""What is measured, and the goals. A new case is an entry here, and a function in `traffic` that makes its requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import traffic
from benchmarks.population import Population
from benchmarks.traffic import Call

# What a figure is held against: the ratio's denominator.
UNSTORED = "ceiling"
BARE = "barer ceiling"
SAME_ROWS = "engine, same rows"
ACTIVITIES = "engine, activities only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that is done over and over.

    `connections` are those it is done at; `activities` how many a call writes, 0 where it reads. `goals` are the least
    ratios, by what they are held against and the engine, and hold at `connections_of_goal`.
    """

    name: str
    what: str
    connections: Sequence[int]
    calls: Callable[[Population], list[Call]]
    activities: int = 0
    goals: Mapping[tuple[str, str], float] = field(default_factory=dict)
    connections_of_goal: int

    def goal(self, against: str, engine: str, connections: int) -> float | None:
        """The least ratio; None where there is no goal."""
        return self.goals.get((against, engine)) if connections == self.connections_of_goal else None


CASES: Sequence[Case] = (
    Case(
        name="record-one",
        what="record one activity",
        connections=(1, 8, 64),
        calls=lambda population: traffic.recordings(population, 20_000, 1),
        activities=1,
        goals={(UNSTORED, "sqlite"): 0.5, (UNSTORED, "postgresql"): 0.4},
        connections_of_goal=64,
    ),
    Case(
        name="record-100",
        what="record 100 activities",
        connections=(8,),
        calls=lambda population: traffic.recordings(population, 1_000, 100),
        activities=100,
        goals={(SAME_ROWS, "sqlite"): 0.6, (SAME_ROWS, "postgresql"): 0.6},
        connections_of_goal=8,
    ),
    Case(
        name="list-page",
        what="list 10 sessions of 5 activities",
        connections=(8,),
        calls=lambda population: traffic.pages(population, 5_000),
        goals={(UNSTORED, "sqlite"): 0.35, (UNSTORED, "postgresql"): 0.35},
        connections_of_goal=8,
    ),
)

"""What was measured: every run of every round, the medians, and the ratios between them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.generator import Load


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One contestant in one round of `calls`. `p50` to `p99` are in milliseconds.

    `processor` is what a call took of the processor in the measured process, in microseconds; `share` how much of a
    core that process had, and `generator` how much the load generator had of its own. `calls_a_transaction` is what
    the server's metrics tell of its group commit, or what the bare driver was told.
    """

    calls: int
    rate: float
    processor: float
    share: float
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    generator: float | None = None
    calls_a_transaction: float | None = None
    rows_a_second: float | None = None

    @classmethod
    def of(cls, load: Load, processor: float, calls_a_transaction: float | None) -> "Run":
        """What the generator saw, while the server used so many seconds of the processor."""
        return cls(
            calls=load.requests,
            rate=load.rate,
            processor=processor / load.requests * 1e6,
            share=processor / load.microseconds * 1e6,
            p50=load.p50 / 1000,
            p95=load.p95 / 1000,
            p99=load.p99 / 1000,
            generator=load.busy / load.microseconds,
            calls_a_transaction=calls_a_transaction,
        )


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """The measured rate by another's: the median of the rounds, the least and the most.

    `processor` is the other's processor time a call by the measured one's: the ratio of the rates when both have a core
    to themselves and never wait. Other work on the machine hardly moves it.
    """

    against: str
    median: float
    least: float
    most: float
    processor: float
    goal: float | None

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as the goal; None where there is none."""
        return None if self.goal is None else self.median >= self.goal


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One case on one engine at so many connections."""

    case: str
    what: str
    engine: str
    connections: int
    runs: list[Run]
    others: dict[str, list[Run]]
    ratios: list[Ratio]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one call of `make bench` found."""

    began: str
    commit: str
    machine: dict[str, str | int]
    cores: str
    seconds: float
    rounds: int
    results: list[Result]


def middle(runs: Sequence[Run], name: str) -> float | None:
    """The median of one figure; None where no run has it."""
    found = [value for run in runs if (value := getattr(run, name)) is not None]
    return median(found) if found else None


def ratio(runs: Sequence[Run], others: Sequence[Run], against: str, goal: float | None) -> Ratio:
    """Round by round, so that what slows the machine down for a while slows both."""
    by_round = [run.rate / other.rate for run, other in zip(runs, others, strict=True)]
    return Ratio(
        against=against,
        median=median(by_round),
        least=min(by_round),
        most=max(by_round),
        processor=median(other.processor / run.processor for run, other in zip(runs, others, strict=True)),
        goal=goal,
    )


def keep(report: Report, path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


def dated(folder: Path) -> Path:
    """The usual name of a file of figures."""
    return folder / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"

"""`make bench-scale`: what questions cost, by how much is stored, from ten thousand sessions to ten million.

Each size is a year of the same company (`benchmarks.company`), loaded by what `sojourn import` does.
A real server runs on each; the sizes take turns, so that a noisy machine is noisy for all of them.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from benchmarks import figures, machine, plot, questions, scaling
from benchmarks.asking import WARM_UP, Caller, in_turns
from benchmarks.company import WATCHED, Company
from benchmarks.databases import ENGINES
from benchmarks.hosting import SOJOURN, Host, host
from benchmarks.living import beginnings, details, recordings, streams
from benchmarks.plans import plans
from benchmarks.questions import OF_A_DAY, QUESTIONS, Asked, Question
from benchmarks.scaling import Figure, Measured, Scale
from benchmarks.stores import TOKEN, Loaded, Say, Stores

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
DOCUMENT = machine.ROOT / "docs" / "performance.md"
PLOT = "scale.svg"
RESULTS = machine.ROOT / "benchmarks" / "results"


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How long to measure: each question in so many rounds, or for so many seconds if that is over sooner."""

    rounds: int
    seconds: float
    without: Sequence[str] = ()


class Measurement:
    """One engine: a server on each size, and on each day of a size that stands alone."""

    def __init__(self, stores: Stores, engine: str, sizes: Sequence[int], effort: Effort, stack: ExitStack) -> None:
        self._stores, self._engine, self._sizes, self._effort = stores, engine, sizes, effort
        self._stack = stack
        self._without = frozenset(effort.without)
        self._logs = Path(stack.enter_context(TemporaryDirectory(prefix="sojourn-bench-")))
        self.loaded: dict[int, Loaded] = {}
        self.urls: dict[int, str] = {}
        self._days: dict[int, str] = {}
        for size in sizes:
            self.urls[size], self.loaded[size] = stores.store(engine, size)
            self._days[size], _ = stores.store(engine, size, WATCHED)

    def run(self) -> tuple[list[Measured], list[Figure]]:
        """All questions, then what changes a store, then what takes a server of its own."""
        found = self._questions()
        more = [figure for size in self._sizes for figure in disk(self.loaded[size])]
        for size in self._sizes:
            self._stores.say(f"{self._engine}, {size:,}: streams, memory, starts")
            more += streams(self._engine, size, self.urls[size], self._log(), self._effort.seconds)
            more += beginnings(self._engine, size, self.urls[size], self._log())
        return found, more

    def _questions(self) -> list[Measured]:
        found = []
        with ExitStack() as servers:
            hosts = {size: servers.enter_context(self._host(url)) for size, url in self.urls.items()}
            for question in [one for one in QUESTIONS if one.name not in self._without]:
                found += self._asked(question, hosts)
            found += self._recorded(hosts)
            found += self._detailed(hosts)
            days = {-size: servers.enter_context(self._host(url)) for size, url in self._days.items()}
            found += self._asked(OF_A_DAY, {**hosts, **days})
        return found

    def _asked(self, question: Question, hosts: dict[int, Host]) -> list[Measured]:
        """A question to each server in turns. A store of a day goes by the negative size."""
        self._stores.say(f"{self._engine}: {question.what}")
        with ExitStack() as callers:
            asked = {size: question.asks(self.company(abs(size))) for size in hosts}
            works = {
                size: partial(_ask, callers.enter_context(Caller(served)), asked[size])
                for size, served in hosts.items()
            }
            different = max(WARM_UP, *[len(some) for some in asked.values()])
            taken = in_turns(works, self._effort.rounds, self._effort.seconds, different)
        return [
            Measured(
                question=question.name if size > 0 else questions.DAY_ALONE,
                engine=self._engine,
                sessions=abs(size),
                times=times,
            )
            for size, times in taken.items()
        ]

    def _recorded(self, hosts: dict[int, Host]) -> list[Measured]:
        found = []
        for activities, question in questions.RECORDINGS.items():
            self._stores.say(f"{self._engine}: {question.what}")
            taken = recordings(hosts, activities, self._effort.rounds, self._effort.seconds)
            found += [
                Measured(question=question.name, engine=self._engine, sessions=size, times=times)
                for size, times in taken.items()
            ]
        return found

    def _detailed(self, hosts: dict[int, Host]) -> list[Measured]:
        self._stores.say(f"{self._engine}: endpoint sessions")
        taken = details(self.urls, hosts, self._effort.rounds, self._effort.seconds)
        return [
            Measured(question=questions.DETAILS[form].name, engine=self._engine, sessions=size, times=times)
            for (form, size), times in taken.items()
        ]

    def company(self, size: int) -> Company:
        """The company of a size."""
        return Company(sessions=size, seed=self._stores.seed)

    def _host(self, url: str) -> AbstractContextManager[Host]:
        return host(self._engine, SOJOURN, url, TOKEN, core=None, log=self._log())

    def _log(self) -> Path:
        return self._logs / f"{len(list(self._logs.iterdir()))}.log"


def _ask(caller: Caller, asked: Sequence[Asked], number: int) -> None:
    caller.ask(asked[number % len(asked)].call)


def disk(loaded: Loaded) -> list[Figure]:
    """What a store takes on disk, and how quickly it was loaded."""
    tables = loaded.tables
    parts = {
        "on disk, all, a session": (loaded.bytes, loaded.held, "B"),
        "on disk, sessions with their indexes, a session": (tables.get("session", 0), loaded.held, "B"),
        "on disk, activities, an activity": (tables.get("activity", 0), loaded.activities, "B"),
        "on disk, index of terms, a session": (tables.get("term", 0), loaded.held, "B"),
        "on disk, counts, a session": (tables.get("tally", 0), loaded.held, "B"),
        "imported, sessions a second": (loaded.held, loaded.seconds, ""),
    }
    return [
        Figure(what=what, engine=loaded.engine, sessions=loaded.sessions, value=value / per, unit=unit)
        for what, (value, per, unit) in parts.items()
        if value and per
    ]


def explained(measurement: Measurement, missed: Sequence[Question], size: int, say: Say) -> list[str]:
    """The plans of the questions that missed their goals, as they are at a size. What changes a store has none."""
    told = []
    for question in missed:
        asked = question.asks(measurement.company(size))
        if not asked:
            continue
        say(f"plans: {question.what}")
        call = asked[0].call
        told.append("\n\n".join([f"## {question.what}\n{call.path}", *plans(measurement.urls[size], call)]))
    return told


def plotted(scale: Scale) -> str:
    """The 95th percentile of each question by size, a panel for each engine."""
    panels = {
        scaling.spelled(engine): {
            question.what.replace("`", ""): {
                size: times.p95 for size in scale.sizes if (times := scale.times(question.name, engine, size))
            }
            for question in questions.ALL
            if any(scale.times(question.name, engine, size) for size in scale.sizes)
        }
        for engine in scale.engines
    }
    return plot.svg(
        panels, "Cost against size", "The 95th percentile of each question, by the sessions that are stored"
    )


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--size", multiple=True, type=click.IntRange(100), help="Sessions of a store.  [default: 10^4 to 10^7]")
@click.option("--seed", default=2026, show_default=True, type=int, help="The same seed makes the same company.")
@click.option("--rounds", default=300, show_default=True, type=click.IntRange(5), help="Calls of each question.")
@click.option("--seconds", default=40.0, show_default=True, help="When a question is over before its rounds are.")
@click.option("--without", multiple=True, type=click.Choice([q.name for q in QUESTIONS]), help="Questions left out.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Load there once, and keep it.")
@click.option("--load-only", is_flag=True, help="Load what is missing, and measure nothing.")
@click.option("--also", type=click.Path(path_type=Path, exists=True), help="Figures of an earlier run to tell beside.")
@click.option("--write-docs", is_flag=True, help="Let this be the run in docs/performance.md.")
@click.option("--explain", is_flag=True, help="Print the plans of what misses its goal.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file of figures.")
def main(
    engine: Sequence[str],
    size: Sequence[int],
    seed: int,
    rounds: int,
    seconds: float,
    without: Sequence[str],
    keep: Path | None,
    load_only: bool,
    also: Path | None,
    write_docs: bool,
    explain: bool,
    output: Path | None,
) -> None:
    """Measure what questions cost by how much is stored: ten thousand sessions to ten million, on both engines."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(TemporaryDirectory(prefix="sojourn-scale-")))
        stores = stack.enter_context(Stores(folder.resolve(), seed, say))
        sizes = sorted(size or SIZES)
        if load_only:
            for name in engine or ENGINES:
                for count in sizes:
                    stores.store(name, count)
                    stores.store(name, count, WATCHED)
            return
        effort = Effort(rounds=rounds, seconds=seconds, without=without)
        scale, told = _measured(stores, engine or ENGINES, sizes, effort, explain)
    if also:
        scale = scale.together(msgspec.json.decode(also.read_bytes(), type=Scale))
    path = output or figures.dated(RESULTS).with_suffix(".scale.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(scale), indent=1) + b"\n")
    print(scaling.document(scale, PLOT))
    if told:
        print("\n\n".join(["# Plans", *told]))
    if write_docs:
        scaling.write(scaling.document(scale, PLOT), DOCUMENT)
        (DOCUMENT.parent / PLOT).write_text(plotted(scale))
    say(f"The figures are in {path}")


def say(text: str) -> None:
    """Tell whoever waits, with the time."""
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {text}", err=True)


def _measured(
    stores: Stores, engines: Sequence[str], sizes: Sequence[int], effort: Effort, explain: bool
) -> tuple[Scale, list[str]]:
    """All engines; and the plans of what missed its goal, if they are wanted."""
    scale = Scale(
        began=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        commit=machine.commit(),
        machine=machine.described(),
        stores=[],
        measured=[],
        figures=[],
    )
    told: list[str] = []
    for engine in engines:
        with ExitStack() as stack:
            measurement = Measurement(stores, engine, sizes, effort, stack)
            found, more = measurement.run()
            scale.stores.extend(measurement.loaded.values())
            scale.measured.extend(found)
            scale.figures.extend(more)
            if explain:
                missed = [f"# {engine}", *explained(measurement, scale.missed(engine), sizes[-1], stores.say)]
                told += missed if len(missed) > 1 else []
    return scale, told


if __name__ == "__main__":
    main()

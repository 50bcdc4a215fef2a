"""`make bench-deleting`: how long deleting keeps others waiting.

Half a year of a company has had its time, and a sweep deletes it; an entity that everybody touches is erased. For each
transaction that deletes it is measured how long it holds its locks, and for somebody who records one activity after the
other in the same process how long each takes, before and meanwhile.
"""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import click

from benchmarks import machine
from benchmarks.company import BEGIN, DAYS, EVERYBODYS
from benchmarks.databases import ENGINES, Databases, core_on
from benchmarks.population import ORGANISATION
from benchmarks.scale import say
from benchmarks.stores import load
from sojourn.core.access import Scope
from sojourn.core.custodian import Custodian, Swept
from sojourn.core.erasure import EntityErased
from sojourn.core.intent import Open, Record
from sojourn.core.model import DAY, SECOND, ActivityDraft, PersonDraft
from sojourn.core.retention import Retention, Sort
from sojourn.services import Services
from sojourn.storage.custody import CustodyOnDisk
from sojourn.storage.engine import Engine, Transaction

GOAL = 100.0
"""For how many milliseconds no lock may be held longer (the issue of retention)."""

CALM = 300
"""Recordings before anything is deleted."""

RESULTS = machine.ROOT / "benchmarks" / "results"


@dataclass(slots=True)
class Held:
    """An engine that notes how long each transaction that writes took, in milliseconds."""

    engine: Engine
    times: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that writes; the wait for its turn does not count, what it does until it is on disk does."""
        began = 0.0
        try:
            with self.engine.write() as transaction:
                began = time.perf_counter()
                yield transaction
        finally:
            self.times.append((time.perf_counter() - began) * 1e3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Milliseconds."""

    number: int
    p50: float
    p95: float
    p99: float
    longest: float

    @classmethod
    def of(cls, times: Sequence[float]) -> "Spread":
        """Of at least two."""
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        return cls(number=len(times), p50=cuts[49], p95=cuts[94], p99=cuts[98], longest=max(times))

    def __str__(self) -> str:
        return f"{self.p50:6.1f} / {self.p95:6.1f} / {self.p99:6.1f} / {self.longest:6.1f} ms of {self.number:,}"


@contextmanager
def recording(core: Services, times: list[float]) -> Iterator[None]:
    """Somebody who records one activity after the other until the end of the block."""
    scope, over = Scope(ORGANISATION), threading.Event()
    session = core.recorder.open(Open(scope=scope, person=PersonDraft(login="benchmark"))).session.id

    def record() -> None:
        while not over.is_set():
            doing = ActivityDraft(entity_type="TICKET", entity_id=str(len(times)), name="TicketViewed")
            began = time.perf_counter()
            core.recorder.record(Record(scope=scope, session_id=session, activities=(doing,)))
            times.append((time.perf_counter() - began) * 1e3)

    thread = threading.Thread(target=record)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def measured(core: Services, doing: Callable[[Custodian], None]) -> tuple[Spread, Spread]:
    """How long locks were held, and how long a recording took meanwhile."""
    held, times = Held(core.engine), list[float]()
    with recording(core, times):
        doing(Custodian(CustodyOnDisk(cast(Engine, held)), core.clock))
    return Spread.of(held.times), Spread.of(times)


def calm(core: Services) -> Spread:
    """How long a recording takes while nothing is deleted."""
    times: list[float] = []
    with recording(core, times):
        while len(times) < CALM:
            time.sleep(0.01)
    return Spread.of(times)


def deleted(core: Services) -> dict[str, tuple[Spread, Spread]]:
    """What a sweep and an erasure took of those who write."""
    age = (core.clock() - (BEGIN + DAYS // 2 * DAY)) // SECOND
    core.custodian.set_retention(ORGANISATION, Retention(seconds={Sort.WORK: age}))

    def erase(custodian: Custodian) -> None:
        subject = EntityErased(type="CUSTOMER", id=EVERYBODYS)
        job = custodian.erase(ORGANISATION, subject, why="a benchmark", by="nobody")
        custodian.finish(ORGANISATION, job.id)

    def sweep(custodian: Custodian) -> None:
        swept: Swept = custodian.sweep(3_600)
        assert swept.whole

    return {"erasing an entity": measured(core, erase), "sweeping half a year": measured(core, sweep)}


@click.command()
@click.option("--engine", multiple=True, type=click.Choice(ENGINES), help="An engine; both if not given.")
@click.option("--sessions", default=100_000, show_default=True, type=click.IntRange(1_000), help="Of the year.")
def main(engine: tuple[str, ...], sessions: int) -> None:
    """Measure how long deleting keeps others waiting: p50 / p95 / p99 / the longest."""
    rows = []
    with Databases(None) as databases:
        for name in engine or ENGINES:
            with databases.fresh(name) as url:
                load(url, name, sessions, 2026, None, say)
                with core_on(url) as core:
                    before = calm(core)
                    print(f"{name:10} a recording, nothing is deleted         {before}", flush=True)
                    for what, (held, meanwhile) in deleted(core).items():
                        mark = "✓" if held.longest <= GOAL else "✗"
                        print(f"{name:10} {what}: locks are held   {mark} {held}", flush=True)
                        print(f"{name:10} {what}: a recording        {meanwhile}", flush=True)
                        rows.append(
                            {"engine": name, "what": what, "held": asdict(held), "meanwhile": asdict(meanwhile)}
                        )
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}-deleting.json"
    told = {"commit": machine.commit(), "machine": machine.described(), "sessions": sessions, "rows": rows}
    path.write_text(json.dumps(told, indent=2))
    click.echo(f"The figures are in {path}", err=True)


if __name__ == "__main__":
    main()

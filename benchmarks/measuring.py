"""Runs a case: all contestants in turn, round after round, so that a noisy machine is noisy for all of them."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import generator, profile, traffic
from benchmarks.cases import ACTIVITIES, BARE, SAME_ROWS, UNSTORED, Case
from benchmarks.databases import Databases, recorded, settle
from benchmarks.driver import Written
from benchmarks.figures import Result, Run, ratio
from benchmarks.hosting import SOJOURN, Host, ceiling, host
from benchmarks.machine import ROOT, Cores, cpu_seconds, on
from benchmarks.population import Population

WARM_UP_SECONDS = 1.0
CEILINGS = {UNSTORED: "unstored", BARE: "bare"}
DRIVEN = {SAME_ROWS: "all", ACTIVITIES: "activities"}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to measure; `profiles` is the folder that profiles of all servers go to, if they are wanted."""

    engines: Sequence[str]
    against: Sequence[str]
    seconds: float
    rounds: int
    cores: Cores
    say: Say
    profiles: Path | None = None


@dataclass(slots=True, kw_only=True)
class _Server:
    """A server under the case's load."""

    host: Host
    requests: Path
    plan: Plan
    answered: int = 0

    def run(self, connections: int, seconds: float) -> Run:
        before, used = self.host.metrics(), cpu_seconds(self.host.pid)
        load = generator.load(
            self.host.url,
            self.requests,
            first=self.answered,
            connections=connections,
            seconds=seconds,
            core=self.plan.cores.load,
        )
        processor = cpu_seconds(self.host.pid) - used
        after = self.host.metrics()
        self.answered += load.requests
        return Run.of(load, processor, _calls_a_transaction(before, after))


def _calls_a_transaction(before: Mapping[str, float], after: Mapping[str, float]) -> float | None:
    name = "sojourn_commit_batch_size"
    commits = after.get(f"{name}_count", 0.0) - before.get(f"{name}_count", 0.0)
    return (after[f"{name}_sum"] - before[f"{name}_sum"]) / commits if commits else None


@dataclass(slots=True, kw_only=True)
class _Driver:
    """The bare driver with a case's rows."""

    url: str
    what: str
    case: Case
    plan: Plan

    def run(self, calls: int) -> Run:
        command = [sys.executable, "-m", "benchmarks.driver", self.url, str(calls), str(self.case.activities)]
        with on(self.plan.cores.server):
            told = subprocess.run(
                [*command, str(self.plan.seconds), self.what], cwd=ROOT, capture_output=True, check=False
            )
        if told.returncode:
            raise generator.Failed(told.stderr.decode())
        written = msgspec.json.decode(told.stdout, type=Written)
        return Run(
            calls=written.calls,
            rate=written.rate,
            processor=written.processor / written.calls * 1e6,
            share=written.processor / written.seconds,
            calls_a_transaction=calls,
            rows_a_second=written.rows / written.seconds,
        )


def measure(case: Case, plan: Plan, databases: Databases, connections: Sequence[int]) -> Iterator[Result]:
    """Each number of connections on each engine."""
    for number in connections:
        with ExitStack() as stack:
            yield from _Measurement(case, plan, databases, number, stack).results()


class _Measurement:
    """One case at one number of connections: everything that takes part in it runs until the end."""

    def __init__(self, case: Case, plan: Plan, databases: Databases, connections: int, stack: ExitStack) -> None:
        self._case, self._plan, self._connections, self._stack = case, plan, connections, stack
        self._databases = databases
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sojourn-bench-")))
        self._calls = case.calls(Population(seed=1))
        self._urls: dict[str, str] = {}
        self._ceilings = self._start_ceilings()
        self._servers = {engine: self._start_sojourn(engine) for engine in plan.engines}
        self._drivers = {
            (engine, against): self._driver(engine, against)
            for engine in plan.engines
            for against in plan.against
            if against in DRIVEN and case.activities
        }

    def _settled(self, engine: str) -> tuple[str, str]:
        url = self._stack.enter_context(self._databases.fresh(engine))
        return url, settle(url, Population())

    def _start_ceilings(self) -> dict[str, _Server]:
        chosen = [against for against in self._plan.against if against in CEILINGS]
        if not chosen:
            return {}
        url, token = self._settled("sqlite")
        return {against: self._serve(against, ceiling(CEILINGS[against]), url, token) for against in chosen}

    def _start_sojourn(self, engine: str) -> _Server:
        url, token = self._settled(engine)
        self._urls[engine] = url
        return self._serve(engine, SOJOURN, url, token)

    def _serve(self, name: str, command: Sequence[str], url: str, token: str) -> _Server:
        log = self._folder / f"{name}.log"
        served = self._stack.enter_context(host(name, command, url, token, core=self._plan.cores.server, log=log))
        requests = self._folder / f"{name}.requests"
        traffic.write(requests, self._calls, served.authorization)
        return _Server(host=served, requests=requests, plan=self._plan)

    def _driver(self, engine: str, against: str) -> _Driver:
        url, _ = self._settled(engine)
        return _Driver(url=url, what=DRIVEN[against], case=self._case, plan=self._plan)

    def results(self) -> list[Result]:
        """Warm up, run all rounds, and look whether what was answered is there."""
        for server in [*self._ceilings.values(), *self._servers.values()]:
            server.run(self._connections, WARM_UP_SECONDS)
        runs: dict[str, list[Run]] = {}
        for number in range(self._plan.rounds):
            self._plan.say(f"{self._case.name} at {self._connections}: round {number + 1} of {self._plan.rounds}")
            for name, run in self._round():
                runs.setdefault(name, []).append(run)
        for engine in self._servers:
            self._check(engine)
        if self._plan.profiles:
            self._profile(self._plan.profiles)
        return [self._result(engine, runs) for engine in self._plan.engines]

    def _round(self) -> Iterator[tuple[str, Run]]:
        for name, server in self._ceilings.items():
            yield name, server.run(self._connections, self._plan.seconds)
        for engine, server in self._servers.items():
            run = server.run(self._connections, self._plan.seconds)
            yield engine, run
            for (of, against), driver in self._drivers.items():
                if of == engine:
                    yield f"{engine} {against}", driver.run(max(1, round(run.calls_a_transaction or 1)))

    def _profile(self, folder: Path) -> None:
        """One more run of each server, under the eyes of the profiler; its figures are not told."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, server in {**self._ceilings, **self._servers}.items():
            place = folder / f"{self._case.name}-{self._connections}-{name.replace(' ', '-')}"
            folded, seconds = place.with_suffix(".folded"), max(5.0, self._plan.seconds)
            self._plan.say(f"{place.name}: profile")
            before = profile.thread_seconds(server.host.pid)
            with profile.watching(server.host.pid, folded, seconds, self._plan.cores.load):
                run = server.run(self._connections, seconds + 1)
            after = profile.thread_seconds(server.host.pid)
            used = {number: (after[number] - before.get(number, 0.0)) / run.calls * 1e6 for number in after}
            place.with_suffix(".txt").write_text(profile.told(profile.read(folded), used))

    def _check(self, engine: str) -> None:
        """What was answered is on disk; what was under way when the generator hung up may be there too."""
        found = recorded(self._urls[engine])
        population = Population()
        before = population.sessions * population.activities
        answered = before + self._servers[engine].answered * self._case.activities
        under_way = (self._plan.rounds + 1) * self._connections * self._case.activities
        if not answered <= found <= answered + under_way:
            raise generator.Failed(f"{engine} holds {found} activities, and answered for {answered}")

    def _result(self, engine: str, runs: dict[str, list[Run]]) -> Result:
        others = {against: runs[against] for against in self._ceilings}
        others |= {against: runs[f"{engine} {against}"] for of, against in self._drivers if of == engine}
        return Result(
            case=self._case.name,
            what=self._case.what,
            engine=engine,
            connections=self._connections,
            runs=runs[engine],
            others=others,
            ratios=[
                ratio(runs[engine], some, against, self._case.goal(against, engine, self._connections))
                for against, some in others.items()
            ],
        )

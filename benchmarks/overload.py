"""`make bench-overload`: ten times what a server can take, for five minutes.

A thousand callers each want to record a hundred activities, and ask again as soon as they are answered, whatever the
answer: at any moment they want to bring in ten times what may wait to be written. Fifty more ask for lists of visits,
far beyond their organisation's limit. What is refused must be told when to come back; what is accepted must be there;
memory must not grow; and when the callers go away, all must be as before.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import click
import msgspec
import psutil
import uvloop

from benchmarks import machine, traffic
from benchmarks.databases import ENGINES, Databases, core_on, recorded, settle
from benchmarks.hosting import SOJOURN, Host, host
from benchmarks.population import ORGANISATION, Population
from benchmarks.traffic import Call

RECORDERS = 1_000
READERS = 50
ACTIVITIES = 100
CALLS = 2_000
"""Different requests to choose from."""

VISITS = Call(method="GET", path="/v6/endpoint-data/user-sessions")
ALLOWED = 24
"""Lists of visits a minute that the organisation may ask for."""

CALM = 40
"""How many lone calls in a row must be answered as before for the server to have recovered."""

RESULTS = machine.ROOT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. Times in milliseconds, memory in MiB, `recovery` in seconds.

    `processor` is the share of one core that the server had, start to end: on a machine that others use it is small.
    """

    engine: str
    workers: int
    seconds: float
    answers: dict[str, int]
    accepted: int
    unadvised: int
    broken: int
    acknowledged: int
    rows: int
    p50: float
    p99: float
    longest: float
    ready_p99: float
    memory_before: float
    memory_first_half: float
    memory_second_half: float
    recovery: float
    processor: float

    @property
    def offered(self) -> float:
        """How many calls there were for each that was accepted."""
        return sum(self.answers.values()) / max(1, self.accepted)


@dataclass(slots=True)
class Seen:
    """What the callers see."""

    answers: Counter[str] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    unadvised: int = 0
    broken: int = 0


class Caller(asyncio.Protocol):
    """Asks, and asks again, until there is no time left; then it waits for its last answer."""

    def __init__(self, requests: Sequence[bytes], turn: int, recording: bool, until: float, seen: Seen) -> None:
        self._requests = requests
        self._turn = turn
        self._recording = recording
        self._until = until
        self._seen = seen
        self._answer = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self._hear(lines)
        if time.perf_counter() < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._seen.broken += time.perf_counter() < self._until
            self.done.set_result(None)

    def _hear(self, lines: Sequence[bytes]) -> None:
        status = lines[0][9:12].decode()
        self._seen.answers[status] += 1
        if status == "200" and self._recording:
            self._seen.accepted.append(time.perf_counter() - self._began)
        if status in ("429", "503") and not any(line.startswith(b"retry-after:") for line in lines):
            self._seen.unadvised += 1

    def _ask(self) -> None:
        self._answer = b""
        self._turn += 1
        self._began = time.perf_counter()
        self._transport.write(self._requests[self._turn % len(self._requests)])


async def press(served: Host, recordings: Sequence[bytes], seconds: float) -> Seen:
    """Let all callers call for so long, and wait for their last answers."""
    loop = asyncio.get_running_loop()
    seen = Seen()
    until = time.perf_counter() + seconds
    lists = [VISITS.head_and_body(served.authorization)]
    made = []
    for number in range(RECORDERS + READERS):
        recording = number < RECORDERS
        requests, turn = (recordings, number * 7) if recording else (lists, 0)
        caller = Caller(requests, turn, recording, until, seen)
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", served.port)  # type: ignore[misc]
        made.append(caller.done)
    await asyncio.gather(*made)
    return seen


@dataclass(slots=True)
class Watch:
    """Looks at the server while it is pressed: its memory, and how soon it says that it is ready."""

    served: Host
    memory: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Once."""
        self.memory.append(resident(self.served.pid))
        self.ready.append(answered(self.served, Call(method="GET", path="/readyz"))[1])

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(0.5)


def resident(pid: int) -> float:
    """What a process and its children have in memory, in MiB."""
    parent = psutil.Process(pid)
    return float(sum(process.memory_info().rss for process in [parent, *parent.children()]) / 2**20)


def answered(served: Host, call: Call) -> tuple[int, float]:
    """The status of one answer, and the seconds that it took; 0 where there was none."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    headers = {"Authorization": served.authorization, "Content-Type": "application/json"}
    began = time.perf_counter()
    try:
        connection.request(call.method, call.path, call.body or None, headers)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except OSError:
        status = 0
    finally:
        connection.close()
    return status, time.perf_counter() - began


def calm(served: Host, call: Call) -> list[float]:
    """The seconds that lone calls take."""
    return [answered(served, call)[1] for _ in range(CALM)]


def recover(served: Host, call: Call, usual: float) -> tuple[float, int]:
    """The seconds until lone calls are answered as before, and how many activities were recorded meanwhile."""
    began, written, good = time.perf_counter(), 0, 0
    at = 0.0
    while good < CALM:
        status, took = answered(served, call)
        written += status == 200
        if status == 200 and took <= usual:
            good += 1
        else:
            good, at = 0, time.perf_counter() - began
        if time.perf_counter() - began > 120:
            return float("inf"), written
    return at, written


def percentile(values: Sequence[float], share: int) -> float:
    """Of values; 0 where there are none."""
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else sum(values)


def overload(url: str, engine: str, seconds: float, workers: int, log: Path) -> Outcome:
    """Press a server on a fresh database."""
    population = Population(sessions=2_000, seed=11)
    token = settle(url, population)
    with core_on(url) as core:
        core.registry.change_organisation(ORGANISATION, rate_limit=ALLOWED)
    before = recorded(url)
    command = (*SOJOURN, "--workers", str(workers))
    with host("Sojourn", command, url, token, core=None, log=log) as served:
        calls = traffic.recordings(population, CALLS, ACTIVITIES)
        requests = [call.head_and_body(served.authorization) for call in calls]
        (lone,) = traffic.recordings(population, 1, 1)
        alone = calm(served, lone)
        memory_before = resident(served.pid)
        watch = Watch(served)

        async def pressed() -> Seen:
            watching = asyncio.create_task(watch.run())
            seen = await press(served, requests, seconds)
            watching.cancel()
            return seen

        used, began = machine.cpu_seconds(served.pid), time.perf_counter()
        seen = uvloop.run(pressed())
        processor = (machine.cpu_seconds(served.pid) - used) / (time.perf_counter() - began)
        recovery, after = recover(served, lone, max(0.1, 3 * max(alone)))
    half = len(watch.memory) // 2
    return Outcome(
        engine=engine,
        workers=workers,
        seconds=seconds,
        answers=dict(sorted(seen.answers.items())),
        accepted=len(seen.accepted),
        unadvised=seen.unadvised,
        broken=seen.broken,
        acknowledged=len(seen.accepted) * ACTIVITIES + len(alone) + after,
        rows=recorded(url) - before,
        p50=percentile(seen.accepted, 50) * 1_000,
        p99=percentile(seen.accepted, 99) * 1_000,
        longest=max(seen.accepted, default=0.0) * 1_000,
        ready_p99=percentile(watch.ready, 99) * 1_000,
        memory_before=memory_before,
        memory_first_half=max(watch.memory[:half], default=0.0),
        memory_second_half=max(watch.memory[half:], default=0.0),
        recovery=recovery,
        processor=processor,
    )


def told(outcome: Outcome) -> str:
    """An outcome for people."""
    answers = ", ".join(f"{count:,} × {status}" for status, count in outcome.answers.items())
    return "\n".join(
        [
            f"{outcome.engine}, {outcome.workers} worker(s), {outcome.seconds:.0f} s",
            f"  answers           {answers}; {outcome.broken} broken; {outcome.unadvised} without Retry-After",
            f"  offered           {outcome.offered:.1f} calls for each that was accepted",
            f"  accepted          {outcome.accepted / outcome.seconds:,.0f} calls a second,"
            f" p50 {outcome.p50:,.0f} ms, p99 {outcome.p99:,.0f} ms, longest {outcome.longest:,.0f} ms",
            f"  /readyz           p99 {outcome.ready_p99:,.0f} ms",
            f"  activities        {outcome.acknowledged:,} acknowledged, {outcome.rows:,} there",
            f"  resident memory   {outcome.memory_before:.0f} MiB before, at most"
            f" {outcome.memory_first_half:.0f} in the first half and {outcome.memory_second_half:.0f} in the second",
            f"  processor         {outcome.processor:.2f} of a core",
            f"  recovered         {outcome.recovery:.1f} s after the last answer",
        ]
    )


@click.command()
@click.option("--engine", type=click.Choice(ENGINES), help="Only this one.")
@click.option("--seconds", default=300.0, help="How long.")
@click.option("--workers", default=1, help="How many processes serve.")
def main(engine: str | None, seconds: float, workers: int) -> None:
    """Press a server with ten times what it can take."""
    outcomes = []
    with Databases(None) as databases, TemporaryDirectory() as folder:
        for name in [engine] if engine else ENGINES:
            with databases.fresh(name) as url:
                outcomes.append(overload(url, name, seconds, workers, Path(folder) / "log"))
            print(told(outcomes[-1]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    document = {"machine": machine.described(), "commit": machine.commit(), "outcomes": [asdict(o) for o in outcomes]}
    (RESULTS / f"overload-{time.strftime('%Y%m%d-%H%M%S')}.json").write_bytes(msgspec.json.encode(document))


if __name__ == "__main__":
    main()

"""What a server does besides answering questions: streams of everything, recording, starting, resting."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import apsw
import msgspec
import psutil
import psycopg

from benchmarks.asking import Caller, Times, in_turns
from benchmarks.databases import core_on
from benchmarks.hosting import SOJOURN, Host, host
from benchmarks.population import ORGANISATION
from benchmarks.questions import DETAILS, WINDOW
from benchmarks.reading import deliver
from benchmarks.scaling import Figure
from benchmarks.stores import TOKEN
from benchmarks.traffic import Call
from sojourn.core.access import Scope
from sojourn.core.intent import Delete

STARTS = 3
STREAMS = 3
RUNNING = 20
"""Sessions that are opened to record in them, and deleted afterwards."""
VISITS = 20
"""Endpoint sessions that are delivered to be asked for, and deleted afterwards."""

_ALL = """SELECT s.started_at, s.id, s.person, d.guid, s.ended_at FROM session AS s
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device
WHERE s.organisation = 1 AND s.kind = 'work' ORDER BY s.started_at, s.id"""

_FIRST = Call(method="GET", path="/v2/activitySessions?limit=10")


def driven(url: str) -> int:
    """The rows of a stream of everything, read by the bare driver; how many."""
    if url.startswith("sqlite"):
        with closing(apsw.Connection(url.removeprefix("sqlite:///"), flags=apsw.SQLITE_OPEN_READONLY)) as file:
            return sum(1 for _ in file.execute(_ALL))
    with psycopg.connect(url) as server, server.cursor("everything") as cursor:
        cursor.itersize = 2_000
        return sum(1 for _ in cursor.execute(_ALL.encode()))


def streams(engine: str, size: int, url: str, log: Path, seconds: float) -> Iterator[Figure]:
    """Everything by `ekran`, beside the bare driver reading the same rows; and how the server's memory grows."""
    everything = Call(method="GET", path=WINDOW)
    ours: list[float] = []
    theirs: list[float] = []
    with host(engine, SOJOURN, url, TOKEN, core=None, log=log) as served, Caller(served) as caller:
        caller.drain(Call(method="GET", path=f"{WINDOW}?start=2025-03-11T00:00:00&end=2025-03-11T01:00:00"))
        driven(url)  # so that neither is the first to read what is not in memory
        before = memory(served.pid)
        end = time.perf_counter() + seconds
        while len(ours) < STREAMS and (not ours or time.perf_counter() < end):
            ours.append(_timed(partial(caller.drain, everything)))
            theirs.append(_timed(partial(driven, url)))
        grown = memory(served.pid) - before
    speed = size / statistics.median(ours)
    share = statistics.median(bare / mine for mine, bare in zip(ours, theirs, strict=True))
    yield Figure(what="stream of everything, rows a second", engine=engine, sessions=size, value=speed, unit="")
    yield Figure(
        what="stream of everything, by the bare driver's rate",
        engine=engine,
        sessions=size,
        value=share,
        unit="",
        goal=0.4,
        least=True,
    )
    yield Figure(
        what="stream of everything, growth of resident memory",
        engine=engine,
        sessions=size,
        value=grown,
        unit="MiB",
        goal=32,
    )


def beginnings(engine: str, size: int, url: str, log: Path) -> Iterator[Figure]:
    """How long from a server's start to its first answer, a page of sessions; and its memory at rest after that."""
    spent, rest = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        with host(engine, SOJOURN, url, TOKEN, core=None, log=log, poll=0.005) as served:
            served.ask(_FIRST)
            spent.append(time.perf_counter() - began)
            rest.append(memory(served.pid))
    told = {"start to first answer": (spent, "s", 1.0), "resident memory at rest": (rest, "MiB", 90.0)}
    for what, (values, unit, goal) in told.items():
        yield Figure(what=what, engine=engine, sessions=size, value=statistics.median(values), unit=unit, goal=goal)


def memory(pid: int) -> float:
    """What a process and its children have in memory, in MiB."""
    process = psutil.Process(pid)
    return float(sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 2**20)


def recordings(hosts: Mapping[int, Host], activities: int, rounds: int, seconds: float) -> dict[int, Times]:
    """How long it takes to record so many activities, in sessions that are opened for it and deleted afterwards."""
    with ExitStack() as stack:
        callers = {size: stack.enter_context(Caller(served)) for size, served in hosts.items()}
        opened = {size: _opened(caller) for size, caller in callers.items()}
        try:
            works: dict[int, Callable[[int], object]] = {
                size: partial(_record, caller, opened[size], activities) for size, caller in callers.items()
            }
            return in_turns(works, rounds, seconds)
        finally:
            for size, caller in callers.items():
                for number in opened[size]:
                    caller.ask(Call(method="DELETE", path=f"/api/v1/sessions/{number}"))


def _opened(caller: Caller) -> Sequence[int]:
    body = msgspec.json.encode({"login": "user0100", "module": "CARE_DESK", "device": {"guid": "device-0100"}})
    call = Call(method="POST", path="/api/v1/sessions", body=body)
    return [msgspec.json.decode(caller.ask(call))["id"] for _ in range(RUNNING)]


def _record(caller: Caller, sessions: Sequence[int], activities: int, number: int) -> None:
    done = [
        {
            "entityType": "CUSTOMER",
            "entityId": f"bench-{secrets.token_hex(4)}",
            "name": "CustomerSearched",
            "note": "looked up while we measure how long that takes",
        }
        for _ in range(activities)
    ]
    path = f"/v2/activitySessions/{sessions[number % len(sessions)]}/activities"
    caller.ask(Call(method="POST", path=path, body=msgspec.json.encode({"activities": done})))


def details(
    urls: Mapping[int, str], hosts: Mapping[int, Host], rounds: int, seconds: float
) -> dict[tuple[str, int], Times]:
    """How long it takes to be told all of an endpoint session, by form and size of the store."""
    with ExitStack() as stack:
        works: dict[tuple[str, int], Callable[[int], object]] = {}
        for size, served in hosts.items():
            names = stack.enter_context(_visited(urls[size]))
            for form in DETAILS:
                caller = stack.enter_context(Caller(served))
                works[form, size] = partial(_detail, caller, names, form)
        return in_turns(works, rounds, seconds, VISITS)


@contextmanager
def _visited(url: str) -> Iterator[Sequence[str]]:
    """The names of some endpoint sessions, which are there until the end of the block."""
    with core_on(url) as core:
        delivered = deliver(core, VISITS)
        try:
            yield [one.user_session_id for one in delivered]
        finally:
            core.recorder.write([Delete(scope=Scope(ORGANISATION), session_id=one.session_id) for one in delivered])


def _detail(caller: Caller, names: Sequence[str], form: str, number: int) -> None:
    caller.ask(Call(method="GET", path=f"/v6/endpoint-data/user-sessions/{names[number % len(names)]}.{form}"))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

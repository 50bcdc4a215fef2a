"""Where the time goes: py-spy looks at a server under load some hundred times a second.

Only threads that run, or would if their core were free, are seen; one that waits for the disk, the network or another
thread is not. A function's *own*
time is what it spends itself, and in what it calls outside Python: a JSON encoder, SQLite, the kernel. Its *whole* time
is with all that it calls. How much each thread used of the processor is the kernel's word; py-spy only tells what it
was used for. py-spy does not stop the server to look, for that slows down most whoever waits for another thread; so it
sees stacks change while it reads them from the innermost frame outward, and what is torn off is put back from others.
"""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.machine import on

SAMPLES_A_SECOND = 400
OWN_SHOWN, WHOLE_SHOWN = 40, 60

_LINE = re.compile(r"thread \((?P<id>\w+)\)(?:: (?P<name>[^;]*))?(?P<frames>.*) (?P<seen>\d+)")


class Failed(Exception):
    """The profiler could not look: it may need the right to trace other processes."""


@contextmanager
def watching(pid: int, folded: Path, seconds: float, core: int | None) -> Iterator[None]:
    """Look at a process for so many seconds of the block, at least; the stacks go to a file. Raises: Failed."""
    command = [
        str(Path(sys.executable).parent / "py-spy"),
        "record",
        "--pid",
        str(pid),
        "--format",
        "raw",
        "--function",
    ]
    command += ["--threads", "--nonblocking", "--rate", str(SAMPLES_A_SECOND), "--duration", str(round(seconds))]
    with on(core):
        process = subprocess.Popen([*command, "--output", str(folded)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    yield
    _, told = process.communicate()
    if process.returncode:
        raise Failed(told.decode())


def thread_seconds(pid: int) -> Mapping[int, float]:
    """What each thread of a process has used of the processor."""
    return {thread.id: thread.user_time + thread.system_time for thread in psutil.Process(pid).threads()}


@dataclass(slots=True)
class Stacks:
    """What one thread was seen at: each stack from its outermost frame inward, and how often."""

    name: str
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def mended(self) -> Iterable[tuple[tuple[str, ...], int]]:
        """The stacks, each with the outer frames that others with its outermost one have most often."""
        root = Counter(stack[0] for stack in self.seen.elements() if stack).most_common(1)
        above: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
        for stack, number in self.seen.items():
            if root and stack and stack[0] == root[0][0]:
                for depth, frame in enumerate(stack):
                    above[frame][stack[:depth]] += number
        for stack, number in self.seen.items():
            missing = above[stack[0]].most_common(1) if stack else []
            yield ((*missing[0][0], *stack) if missing else stack), number


def read(folded: Path) -> Mapping[int, Stacks]:
    """The stacks of each thread, by its number: what py-spy's file says."""
    threads: dict[int, Stacks] = {}
    for line in folded.read_text(errors="replace").splitlines():
        # What is read while it changes may also be rubbish.
        if found := _LINE.fullmatch(line):
            stacks = threads.setdefault(int(found["id"], 0), Stacks(found["name"] or "a thread without a name"))
            stacks.seen[tuple(found["frames"].split(";")[1:])] += int(found["seen"])
    return threads


def told(threads: Mapping[int, Stacks], used: Mapping[int, float]) -> str:
    """Where the time of a call goes, the most first: by thread, own and whole. `used`: of each thread, in µs a call."""
    named: dict[str, float] = defaultdict(float)
    own: dict[str, float] = defaultdict(float)
    whole: dict[str, float] = defaultdict(float)
    for number, microseconds in used.items():
        stacks = threads.get(number)
        named[stacks.name if stacks else "never seen at work"] += microseconds
        if stacks is None:
            continue
        samples = stacks.seen.total()
        for stack, seen in stacks.mended():
            own[stack[-1] if stack else stacks.name] += seen / samples * microseconds
            for frame in set(stack):
                whole[frame] += seen / samples * microseconds
    total = sum(used.values())
    lines = [f"{total:8.1f} µs of the processor a call"]
    for title, times, most in (("by thread", named, 10), ("own", own, OWN_SHOWN), ("whole", whole, WHOLE_SHOWN)):
        lines += ["", title]
        lines += [f"{time:8.1f} µs {time / total:6.1%}  {name}" for name, time in _most(times, most)]
    return "\n".join(lines) + "\n"


def _most(times: Mapping[str, float], number: int) -> Iterable[tuple[str, float]]:
    return sorted(times.items(), key=lambda item: -item[1])[:number]

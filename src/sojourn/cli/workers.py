"""Several processes that serve one socket, and the one that looks after them.

The parent forks them and serves nothing itself: it holds neither threads nor a connection to the database, so that a
fork is safe at any time, and what it has imported lies in memory once for all. See
docs/decisions/0190-workers-are-forked.md.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog

LOOK_SECONDS = 0.5
SILENCE_SECONDS = 60.0
"""A worker that gives no sign of life for so long is killed: its event loop hangs."""

START_SECONDS = 60.0
"""How long a worker may take to begin."""

REST_SECONDS = (0.1, 0.5, 2.0, 5.0)
"""How long a worker rests before it is started anew, by how often it has failed to begin since it last did."""

STARTUP_FAILURE = 3
"""Ended before it had begun to serve; as uvicorn has it."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

Work = Callable[[int, socket.socket], int]
"""What a worker does: told its number, and the line on which it gives signs of life; its exit code."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """A process that serves. `line` carries its signs of life, and is cut when either end is gone."""

    number: int
    pid: int
    line: socket.socket
    heard_at: float
    begun: bool = False
    leaving: bool = False


@dataclass(slots=True)
class Supervisor:
    """Keeps `count` workers alive until it is told to stop; `ended` is told the number of each that has ended.

    SIGTERM and SIGINT: all end when they have answered what they accepted; those that do not within `patience` seconds
    are killed. SIGHUP: fresh workers take the places of all, one by one, each as soon as the fresh one serves.
    """

    count: int
    work: Work
    listener: socket.socket
    patience: float
    ended: Callable[[int], None]
    silence: float = SILENCE_SECONDS
    _workers: dict[int, Worker] = field(default_factory=dict)
    _stale: set[int] = field(default_factory=set)
    _failures: int = 0
    _rest_until: float = 0.0
    _ever_begun: bool = False
    _stopping: float | None = None
    _code: int = 0

    def run(self) -> int:
        """Supervise; the exit code."""
        gc.collect()
        gc.freeze()  # so that looking for rubbish does not copy the pages that all share
        with _heard() as ear:
            while True:
                self._fill()
                if self._stopping is not None and not self._workers:
                    return self._code
                self._listen(ear)
                self._judge()

    def _fill(self) -> None:
        """Start the workers that are missing, and one more while a stale one is to be replaced."""
        if self._stopping is not None or time.monotonic() < self._rest_until:
            return
        serving = [worker for worker in self._workers.values() if not worker.leaving]
        starting = any(not worker.begun for worker in serving)
        wanted = self.count + (1 if self._stale and not starting else 0)
        for _ in range(wanted - len(serving)):
            self._start()

    def _start(self) -> None:
        taken = {worker.number for worker in self._workers.values()}
        number = next(n for n in range(1, 3 * self.count + 2) if n not in taken)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        # Until the child has put away our handlers a signal to it must wait.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._become(number, ours, theirs)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        theirs.close()
        self._workers[pid] = Worker(number=number, pid=pid, line=ours, heard_at=time.monotonic())
        structlog.get_logger().info("worker starts", worker=number, pid=pid)

    def _become(self, number: int, ours: socket.socket, theirs: socket.socket) -> None:
        """What the child does; it never comes back."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for signum in SIGNALS:
                signal.signal(signum, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that closes tells all; the parent decides
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            ours.close()
            for worker in self._workers.values():
                worker.line.close()
            code = self.work(number, theirs)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _listen(self, ear: socket.socket) -> None:
        """Wait for a signal, a sign of life or the end of a worker, and act on it."""
        by_line = {worker.line: worker for worker in self._workers.values()}
        ready, _, _ = select.select([ear, *by_line], [], [], LOOK_SECONDS)
        for line in ready:
            if line is ear:
                for signum in ear.recv(64):
                    self._obey(signum)
            else:
                self._hear(by_line[line])

    def _hear(self, worker: Worker) -> None:
        try:
            said = worker.line.recv(64)
        except OSError:
            said = b""
        if not said:
            self._bury(worker)
            return
        worker.heard_at = time.monotonic()
        if not worker.begun:
            worker.begun = self._ever_begun = True
            self._failures = 0
            structlog.get_logger().info("worker serves", worker=worker.number, pid=worker.pid)
            self._replace_one()

    def _replace_one(self) -> None:
        """A fresh worker serves: let go of a stale one for it, or of the oldest."""
        serving = [worker for worker in self._workers.values() if worker.begun and not worker.leaving]
        stale = [worker for worker in serving if worker.pid in self._stale]
        if len(serving) > self.count:
            self._tell((stale or serving)[0])

    def _obey(self, signum: int) -> None:
        if signum in (signal.SIGTERM, signal.SIGINT):
            if self._stopping is None:
                self._stop(0)
        elif signum == signal.SIGHUP:
            self._stale = set(self._workers)

    def _stop(self, code: int) -> None:
        """Nobody comes in any more; who is in is served."""
        self._stopping = time.monotonic()
        self._code = code
        self.listener.close()
        for worker in self._workers.values():
            self._tell(worker)

    def _tell(self, worker: Worker) -> None:
        worker.leaving = True
        self._stale.discard(worker.pid)
        worker.heard_at = time.monotonic()  # from now on it is this that it is measured by
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGTERM)

    def _judge(self) -> None:
        """Kill whoever gives no sign of life, or takes too long to leave."""
        now = time.monotonic()
        for worker in list(self._workers.values()):
            allowed = self.patience if worker.leaving else self.silence if worker.begun else START_SECONDS
            if now - worker.heard_at > allowed:
                structlog.get_logger().error("worker hangs and is killed", worker=worker.number, pid=worker.pid)
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
                self._bury(worker)

    def _bury(self, worker: Worker) -> None:
        """A worker has ended: take note of how."""
        worker.line.close()
        _, status = os.waitpid(worker.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        del self._workers[worker.pid]
        self._stale.discard(worker.pid)
        self.ended(worker.number)
        if worker.leaving:
            structlog.get_logger().info("worker left", worker=worker.number, pid=worker.pid)
            return
        structlog.get_logger().error("worker ended", worker=worker.number, pid=worker.pid, code=code)
        if worker.begun or self._stopping is not None:
            return
        self._stale.clear()  # what cannot begin replaces nobody
        if not self._ever_begun:
            self._stop(code if code > 0 else STARTUP_FAILURE)
            return
        rest = REST_SECONDS[min(self._failures, len(REST_SECONDS) - 1)]
        self._failures += 1
        self._rest_until = time.monotonic() + rest


@contextmanager
def _heard() -> Iterator[socket.socket]:
    """A socket on which each signal arrives as a byte, so that none is lost between two looks."""
    ear, mouth = socket.socketpair()
    ear.setblocking(False)
    mouth.setblocking(False)
    before = {signum: signal.signal(signum, _nothing) for signum in SIGNALS}
    wakeup = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    try:
        yield ear
    finally:
        signal.set_wakeup_fd(wakeup)
        for signum, handler in before.items():
            signal.signal(signum, handler)
        ear.close()
        mouth.close()


def _nothing(_signum: int, _frame: object) -> None:
    """A handler must be there for the signal to be heard."""

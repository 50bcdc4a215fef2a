"""Following: collecting again at every change, and in peace while the server cannot be told."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from sojourn.agent.backoff import Backoff
from sojourn.agent.courier import DENIED_SECONDS
from sojourn.agent.logins.logind import Logind, NoLogind
from sojourn.agent.logins.reporter import NotTold
from sojourn.agent.logins.session import LoginSession
from sojourn.agent.uplink import Denied, Postponed

RECONNECT_SECONDS = 60.0

_log = logging.getLogger(__name__)


class Ended(BaseException):
    """The service is told to end: nothing is lost by that at any moment."""


@dataclass(slots=True, kw_only=True)
class Live:
    """logind, as long as it can be asked; it is looked for again when it was away."""

    connect: Callable[[], Logind] = Logind
    passed: Callable[[], float] = time.monotonic
    _logind: Logind | None = None
    _next_try: float = 0.0

    def sessions(self) -> list[LoginSession] | None:
        """Tell who is logged in now; None if nobody can be asked."""
        try:
            logind = self._connected()
            return None if logind is None else logind.sessions()
        except NoLogind as reason:
            self._lost(reason)
            return None

    def wait(self, seconds: float) -> None:
        """Wait for a change, or so many seconds."""
        begun = self.passed()
        try:
            if self._logind is not None:
                self._logind.wait(seconds)
                return
        except NoLogind as reason:
            self._lost(reason)
        time.sleep(max(0.0, begun + seconds - self.passed()))

    def close(self) -> None:
        """Hang up."""
        if self._logind is not None:
            self._logind.close()
            self._logind = None

    def _connected(self) -> Logind | None:
        if self._logind is None and self.passed() >= self._next_try:
            self._next_try = self.passed() + RECONNECT_SECONDS
            self._logind = self.connect()
            self._next_try = 0.0
        return self._logind

    def _lost(self, reason: NoLogind) -> None:
        _log.info("logind is not asked for %g s: %s", RECONNECT_SECONDS, reason)
        self._next_try = self.passed() + RECONNECT_SECONDS
        self.close()


def follow(collect: Callable[[], None], live: Live, poll: float, backoff: Backoff | None = None) -> None:
    """Collect at every change, and every `poll` seconds, until SIGTERM or SIGINT."""
    backoff = backoff or Backoff()
    failure: str | None = None
    with _ended_by_signals():
        while True:
            try:
                collect()
            except NotTold as untold:
                if failure != untold.verdict.reason:
                    _log.warning("not told, tried again later: %s", untold.verdict.reason)
                failure = untold.verdict.reason
                time.sleep(backoff.failed(_at_least(untold.verdict)))
                continue
            if failure is not None:
                _log.info("telling again")
            failure = None
            backoff.succeeded()
            live.wait(poll)


def _at_least(verdict: Postponed | Denied) -> float:
    return DENIED_SECONDS if isinstance(verdict, Denied) else verdict.retry_after


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise Ended

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except Ended:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

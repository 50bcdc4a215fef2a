"""The agent as a service: visits by the schedule, and a courier beside them."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from sojourn.agent.clock import JumpWatch, now
from sojourn.agent.courier import Courier
from sojourn.agent.errand import ErrandFailed
from sojourn.agent.schedule import Round, Schedule
from sojourn.agent.spool import Spool, SpoolFull
from sojourn.agent.uplink import pack
from sojourn.agent.wire import key_of

LONGEST_REST = 60.0
"""Seconds after which it is looked whether the clock was set, and what grew too old."""

_log = logging.getLogger(__name__)


class Interrupted(BaseException):
    """The service is told to end in the middle of a visit, which is then worth nothing."""


@dataclass(slots=True, kw_only=True)
class Loop:
    """Runs until it is told to end. `visit` visits the pages of a round, and tells the document of the visit."""

    schedule: Schedule
    visit: Callable[[Round], dict[str, Any]]
    spool: Spool
    courier: Courier
    watch: JumpWatch = field(default_factory=JumpWatch)
    _ended: threading.Event = field(default_factory=threading.Event)
    _visiting: bool = False

    def run(self) -> None:
        """Visit and deliver until SIGTERM or SIGINT, or `end`."""
        carrying = threading.Thread(target=self.courier.run, name="courier")
        carrying.start()
        try:
            with self._signals():
                while not self._ended.is_set():
                    self._keep_time()
                    self._visit_if_due()
                    self._rest()
        finally:
            self.courier.end()
            carrying.join()

    def end(self) -> None:
        """Have `run` return; a visit under way is given up."""
        self._ended.set()
        if self._visiting:
            raise Interrupted

    def _keep_time(self) -> None:
        if jump := self.watch.jump():
            _log.warning("the clock was set by %+.0f s: what is in the spool ages on evenly", jump / 1e6)
            self.spool.shift(jump)
        self.spool.expire(now())

    def _visit_if_due(self) -> None:
        each = self.schedule.take()
        if each is None:
            return
        try:
            document = self._visited(each)
        except Interrupted:
            return
        except ErrandFailed as failed:
            _log.error("no visit of %s: %s", each.urls[0], failed)
            return
        except Exception:
            _log.exception("no visit of %s", each.urls[0])
            return
        try:
            self.spool.put(key_of(document), pack(document), now())
        except SpoolFull as full:
            _log.error("a visit of %s is lost, the spool takes nothing: %s", each.urls[0], full)
        self.courier.wake()

    def _visited(self, each: Round) -> dict[str, Any]:
        self._visiting = True
        try:
            return self.visit(each)
        finally:
            self._visiting = False

    def _rest(self) -> None:
        due = self.schedule.wait()
        self._ended.wait(LONGEST_REST if due is None else min(LONGEST_REST, due))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def end(_number: int, _frame: FrameType | None) -> None:
            self.end()

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

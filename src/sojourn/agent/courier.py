"""Carries what is in the spool to the server: in order, each once, and patiently."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sojourn.agent.backoff import Backoff
from sojourn.agent.spool import Item, Spool
from sojourn.agent.uplink import Delivered, Denied, Postponed, Refused, Uplink, Verdict, pack

VISITS = "/api/v1/visits"
AGENTS = "/api/v1/agents"
DENIED_SECONDS = 60.0
"""The least wait after a wrong token or address: nothing changes there by itself."""

REGISTERED_SECONDS = 86_400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How long nothing is to be done: for `seconds`, or None for as long as nothing new comes.

    After a failure the server is left in peace for all of it, whatever comes.
    """

    seconds: float | None = None
    failed: bool = False


@dataclass(slots=True, kw_only=True)
class Courier:
    """Delivers for one agent, which it registers first. `description` is what the agent tells of its machine."""

    spool: Spool
    uplink: Uplink
    agent_id: str
    description: dict[str, Any]
    backoff: Backoff = field(default_factory=Backoff)
    passed: Callable[[], float] = time.monotonic
    last_failure: str | None = None
    _registered_at: float | None = None
    _set_back: dict[int, float] = field(default_factory=dict)
    _awake: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def deliver(self) -> Rest:
        """Deliver all that waits, or what can be; tell when to do it again."""
        while (item := self.spool.next(passing_over=self._resting())) is not None:
            if self._ended.is_set():
                break
            verdict = self._register() or self._send(item)
            match verdict:
                case Delivered():
                    self._succeeded()
                    self.spool.delivered(item)
                case Refused(reason=reason) if self.uplink.clock_is_ahead:
                    self._set_aside(item, f"the clock is {self.uplink.ahead:.0f} s ahead: {reason}")
                case Refused(reason=reason):
                    _log.error("the server refused %s for good: %s", item.key, reason)
                    self._succeeded()
                    self.spool.refused(item, reason)
                case Postponed(own_fault=True, reason=reason):
                    self._set_aside(item, reason)
                case Postponed(reason=reason, retry_after=retry_after):
                    return self._failed(reason, retry_after)
                case Denied(reason=reason):
                    return self._failed(reason, DENIED_SECONDS)
        waits = [until - self.passed() for until in self._set_back.values()]
        return Rest(seconds=max(0.0, min(waits)) if waits else None)

    def run(self) -> None:
        """Deliver whatever is put into the spool, until `end` is called."""
        while not self._ended.is_set():
            rest = self._attempt()
            (self._ended if rest.failed else self._awake).wait(rest.seconds)
            self._awake.clear()
        self.uplink.close()

    def wake(self) -> None:
        """Tell `run` that something was put into the spool."""
        self._awake.set()

    def end(self) -> None:
        """Have `run` return after the request under way."""
        self._ended.set()
        self._awake.set()

    def _attempt(self) -> Rest:
        try:
            return self.deliver()
        except Exception as error:  # the spool's disk: what is kept there may come back
            _log.exception("the spool cannot be read")
            return self._failed(str(error), 0.0)

    def _register(self) -> Verdict | None:
        """Register, once a day: the machine may have changed. None if that is done."""
        if self._registered_at is not None and self.passed() - self._registered_at < REGISTERED_SECONDS:
            return None
        verdict = self.uplink.send("PUT", f"{AGENTS}/{self.agent_id}", pack(self.description))
        match verdict:
            case Delivered():
                self._registered_at = self.passed()
                return None
            case Postponed(reason=reason, retry_after=retry_after):
                return Postponed(reason=f"registration: {reason}", retry_after=retry_after)
            case Denied(reason=reason) | Refused(reason=reason):
                return Denied(reason=f"registration: {reason}")

    def _send(self, item: Item) -> Verdict:
        return self.uplink.send("POST", VISITS, item.body, key=item.key)

    def _set_aside(self, item: Item, reason: str) -> None:
        """Let others go first for a while."""
        _log.warning("%s is kept, and others go first: %s", item.key, reason)
        self._set_back[item.id] = self.passed() + self.backoff.longest
        self.last_failure = reason

    def _resting(self) -> frozenset[int]:
        now = self.passed()
        self._set_back = {item: until for item, until in self._set_back.items() if until > now}
        return frozenset(self._set_back)

    def _succeeded(self) -> None:
        if self.last_failure is not None:
            _log.info("delivering again")
        self.last_failure = None
        self.backoff.succeeded()

    def _failed(self, reason: str, at_least: float) -> Rest:
        if reason != self.last_failure:
            _log.warning("not delivered, tried again later: %s", reason)
        self.last_failure = reason
        return Rest(seconds=self.backoff.failed(at_least), failed=True)

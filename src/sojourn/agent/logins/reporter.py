"""Tells the server of logins: each session once, its end once, whatever was told before and forgotten.

The rule that makes it so: a session is imported under a key made of itself, and what is imported under that key is one
of two lines, always the same: with its end if it is over when first told, without if not. Where the server knows the
key with the other line, its number is asked for by that line, and the end is told to the number.
"""

import json
import logging
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sojourn.agent.clock import text_of
from sojourn.agent.logins.ledger import Entry, Ledger
from sojourn.agent.logins.session import Ending, LoginSession
from sojourn.agent.uplink import Delivered, Denied, Postponed, Refused, Uplink, pack, pack_text

IMPORT = "/api/v1/import"
SESSIONS = "/api/v1/sessions"
MODULE = "login"
MOST_LINES = 500
REFUSED_SECONDS = 900.0
CRASHED = {"reason": "crash", "comment": "No logout was recorded: the session ended when the machine next started."}

_log = logging.getLogger(__name__)


class NotTold(Exception):
    """The server did not take it now; `verdict` tells why, and what to do."""

    def __init__(self, verdict: Postponed | Denied) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """This workstation, as the server is to know it."""

    guid: str
    name: str


@dataclass(slots=True, kw_only=True)
class Reporter:
    """Tells of one device's sessions, and keeps in the ledger what it told. Raises NotTold from any method."""

    uplink: Uplink
    ledger: Ledger
    device: Device
    _refused: dict[str, float] = field(default_factory=dict)

    def untold(self, sessions: Iterable[LoginSession]) -> dict[str, LoginSession]:
        """Tell which sessions the server does not know yet, by their keys."""
        refused = {key for key, until in self._refused.items() if until > time.monotonic()}
        told = self.ledger.settled() | self.ledger.open().keys() | refused
        keyed = ((session.key(self.device.guid), session) for session in sessions)
        return {key: session for key, session in keyed if key not in told}

    def tell(self, sessions: Sequence[LoginSession], now: int) -> None:
        """Tell of the sessions that the server does not know yet, and of the ends that came since."""
        known = self.ledger.open()
        for session in sessions:
            entry = known.get(session.key(self.device.guid))
            if entry is not None and session.ended_at is not None:
                self.end(entry, session.ended_at, session.ending)
        fresh = list(self.untold(sessions).items())
        for start in range(0, len(fresh), MOST_LINES):
            self._import(fresh[start : start + MOST_LINES], now)

    def end(self, entry: Entry, at: int, ending: Ending) -> None:
        """Tell the end of a session that the server takes for open."""
        self._change(entry, "end", _ending("at", at, ending), key=f"{entry.key}-end")
        self.ledger.write(replace(entry, settled=True))

    def keep_alive(self, entry: Entry, now: int) -> None:
        """Tell that an open session still goes on, so that the server does not take it for idle."""
        self._change(entry, "heartbeat", {})
        self.ledger.write(replace(entry, seen_at=now, told_at=now))

    def line(self, session: LoginSession, *, ended: bool = True) -> dict[str, Any]:
        """Make the line that a session is imported by; without its end if `ended` is false."""
        line: dict[str, Any] = {
            "key": session.key(self.device.guid),
            "login": session.login,
            "device": {"guid": self.device.guid, "name": self.device.name},
            "module": MODULE,
            "startedAt": text_of(session.started_at),
        }
        if ended and session.ended_at is not None:
            line |= _ending("endedAt", session.ended_at, session.ending)
        return line

    def _import(self, keyed: Sequence[tuple[str, LoginSession]], now: int) -> None:
        answers = self._imported([self.line(session) for _, session in keyed])
        taken, again = [], []
        for (key, session), answer in zip(keyed, answers, strict=True):
            if (identity := _id(answer)) is not None:
                taken.append(_entry(key, session, identity, now, settled=session.ended_at is not None))
            elif session.ended_at is not None:
                again.append((key, session))
            else:
                self._give_up(key, answer)
        self.ledger.write(*taken)
        if again:
            self._import_as_open(again, now)

    def _import_as_open(self, keyed: Sequence[tuple[str, LoginSession]], now: int) -> None:
        """Settle sessions that the server would not take as ended: perhaps it knows them as open."""
        answers = self._imported([self.line(session, ended=False) for _, session in keyed])
        for (key, session), answer in zip(keyed, answers, strict=True):
            if (identity := _id(answer)) is None:
                self._give_up(key, answer)
                continue
            entry = _entry(key, session, identity, now, settled=False)
            self.ledger.write(entry)
            if session.ended_at is not None:
                self.end(entry, session.ended_at, session.ending)

    def _imported(self, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        verdict = self.uplink.send("POST", IMPORT, pack_text(text), content_type="application/x-ndjson")
        match verdict:
            case Delivered(content=content):
                return _answers(content, len(lines))
            case Refused(reason=reason):
                raise NotTold(Denied(reason=f"the import was refused whole: {reason}"))
            case Postponed() | Denied():
                raise NotTold(verdict)

    def _change(self, entry: Entry, verb: str, document: dict[str, Any], key: str | None = None) -> None:
        """Tell a change of one session; one that is over or gone needs no change any more."""
        verdict = self.uplink.send("POST", f"{SESSIONS}/{entry.id}/{verb}", pack(document), key=key)
        match verdict:
            case Delivered():
                return
            case Refused(reason=reason) if self.uplink.clock_is_ahead:
                raise NotTold(Postponed(reason=f"the clock is {self.uplink.ahead:.0f} s ahead: {reason}"))
            case Refused(reason=reason) | Denied(reason=reason, status=404):
                _log.info("no more %s of the login %s: %s", verb, entry.key, reason)
            case Postponed() | Denied():
                raise NotTold(verdict)

    def _give_up(self, key: str, answer: dict[str, Any]) -> None:
        """Leave out a session that the server will not have; for ever, if its time is not merely to come."""
        _log.error("the server refused the login %s: %s", key, _reason(answer))
        self._refused[key] = time.monotonic() + REFUSED_SECONDS if self.uplink.clock_is_ahead else math.inf


def _entry(key: str, session: LoginSession, identity: int, now: int, *, settled: bool) -> Entry:
    return Entry(
        key=key,
        id=identity,
        source=session.source,
        started_at=session.started_at,
        seen_at=now,
        told_at=session.started_at,  # all that the server knows of its life is that it began
        settled=settled,
    )


def _ending(name: str, at: int, ending: Ending) -> dict[str, Any]:
    told: dict[str, Any] = {name: text_of(at)}
    if ending is Ending.CRASH:
        told["remarks"] = [CRASHED | {"at": told[name]}]
    return told


def _answers(content: bytes, count: int) -> list[dict[str, Any]]:
    """Read one answer for each line, in their order; less than that is an answer that broke off."""
    lines = [line for line in content.splitlines() if line.strip()]
    try:
        answers = [json.loads(line) for line in lines]
    except ValueError:
        answers = []
    if len(answers) != count or not all(isinstance(answer, dict) for answer in answers):
        raise NotTold(Postponed(reason="the server did not answer for every line of an import"))
    for answer in answers:
        status = answer.get("status")
        if status in (401, 403):
            raise NotTold(Denied(reason=f"{status} {_reason(answer)}", status=status))
        if status == 429 or (isinstance(status, int) and status >= 500):
            raise NotTold(Postponed(reason=f"{status} {_reason(answer)}"))
    return answers


def _reason(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    told = error.get("detail") or error.get("title") if isinstance(error, dict) else error
    return str(told or "no reason")


def _id(answer: dict[str, Any]) -> int | None:
    identity = answer.get("id")
    return identity if isinstance(identity, int) else None

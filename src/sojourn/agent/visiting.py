"""A visitor as the settings say; and, run as a program, one visit on behalf of the service (see `errand`)."""

import signal
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType

import msgspec

from sojourn.agent.errand import Answered, Asked
from sojourn.agent.machine import AGENT, NoMachineId, id_for, machine_id
from sojourn.agent.privacy import Privacy
from sojourn.agent.probes.autonomous import AsDatabase
from sojourn.agent.probes.measure import measure
from sojourn.agent.settings import Settings, SettingsError
from sojourn.agent.visit import Measure, NotVisited, Visitor
from sojourn.agent.wire import document_of


class Ended(BaseException):
    """The service wants this visit no more."""


def visitor(settings: Settings, privacy: Privacy, *, sandbox: bool = True, network: bool = True) -> Visitor:
    """Make what visits; without `sandbox` or `network` whatever is configured. Raises: NoMachineId."""
    browser = settings.browser_settings()
    return Visitor(
        agent_id=settings.id or id_for(AGENT, machine_id()),
        privacy=privacy,
        browser=browser if sandbox else replace(browser, sandbox=False),
        measure=_measure(settings) if network else None,
        send_har=settings.privacy.send_har,
    )


def _measure(settings: Settings) -> Measure:
    if settings.as_database is None:
        return measure
    return partial(measure, as_lookup=AsDatabase(Path(settings.as_database)))


def _answer(asked: Asked) -> Answered:
    try:
        visiting = visitor(asked.settings, asked.settings.owner_privacy(), sandbox=asked.sandbox)
        return Answered(visit=document_of(visiting.visit(asked.urls, trigger="auto")))
    except (NotVisited, NoMachineId, SettingsError, OSError) as error:
        return Answered(error=str(error))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise Ended


def main() -> None:
    """Make the visit that standard input asks for, and answer on standard output."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
        sys.stdout.buffer.write(msgspec.json.encode(_answer(asked)))
    except Ended:
        sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()

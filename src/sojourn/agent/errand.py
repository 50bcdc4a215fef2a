"""A visit in a process of its own: what is asked of it, and what it answers.

Why: docs/decisions/0087-a-process-for-each-visit.md
"""

import subprocess
import sys
from typing import Any

import msgspec

from sojourn.agent.settings import Settings

SPARE_SECONDS = 120.0
"""What a visit may take besides its pages: the probes, and the starts of two programs."""


ENDING_SECONDS = 15.0


class ErrandFailed(Exception):
    """There is no visit; the message says why."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of one site to visit, as the settings say."""

    settings: Settings
    urls: tuple[str, ...]
    sandbox: bool = True


class Answered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The visit's document on the wire, or why there is none."""

    visit: dict[str, Any] | None = None
    error: str | None = None


def run(asked: Asked) -> dict[str, Any]:
    """Have the pages visited; tell the document of the visit. Raises: ErrandFailed.

    Whatever else is raised here, such as by a signal, ends the other process too.
    """
    seconds = len(asked.urls) * asked.settings.browser_settings().page_seconds + SPARE_SECONDS
    command = [sys.executable, "-m", "sojourn.agent.visiting"]
    # Our own interpreter and our own module; what is asked goes through a pipe.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            told, _ = process.communicate(msgspec.json.encode(asked), timeout=seconds)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise ErrandFailed(f"the visit took longer than {seconds:g} s") from error
        except BaseException:
            _end(process)
            raise
    try:
        answered = msgspec.json.decode(told, type=Answered)
    except msgspec.DecodeError as error:
        raise ErrandFailed(f"the visit ended without an answer, with exit code {process.returncode}") from error
    if answered.visit is None:
        raise ErrandFailed(answered.error or "the visit has no reason for not being")
    return answered.visit


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the other process: let it clean up, but not for ever."""
    process.terminate()
    try:
        process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()

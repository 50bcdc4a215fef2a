"""What probes could not measure, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sojourn.core.measurement import NO_ANSWER, REFUSED

_PROBES = {
    "ping": "Ping of the site",
    "gatewayPing": "Ping of the gateway",
    "traceroute": "The way there",
    "connect": "Connection to the site",
    "networkProfile": "Network profile",
    "systemMetrics": "Load of the machine",
    "browser": "Browser",
}
_REASONS = {
    NO_ANSWER: "no answer came in time",
    REFUSED: "the site refused it: it is there, and nothing listens on that port",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be measured, and why."""

    probe: str
    reason: str


def failures(errors: Sequence[str]) -> list[Failure]:
    """The errors of a visit: `ping: Request timed out before getting response`."""
    return [_failure(error) for error in errors]


def _failure(error: str) -> Failure:
    probe, joint, reason = error.partition(": ")
    if not joint or probe not in _PROBES:
        return Failure("", error)
    return Failure(_PROBES[probe], _REASONS.get(reason, reason))

"""One list of sessions out of two tellers: the record on disk, and logind.

The record is the authority: it is still there tomorrow, and whoever reads it again makes the same
keys. logind adds whom no record tells of.
"""

from collections.abc import Iterable, Sequence

from sojourn.agent.clock import SECOND
from sojourn.agent.logins.session import LoginSession

APART = 15 * SECOND
"""How far the starts of one session may lie apart in the two: a login program writes when it gets to it."""


def pairs(recorded: Iterable[LoginSession], live: Sequence[LoginSession]) -> list[tuple[LoginSession, LoginSession]]:
    """Find the sessions that both tell of: each of one with at most one of the other, the closest first."""
    found = sorted(
        (
            (abs(record.started_at - told.started_at), number, record, told)
            for record in recorded
            for number, told in enumerate(live)
            if _same(record, told)
        ),
        key=lambda each: each[:2],
    )
    taken: set[int] = set()
    paired = []
    for _, _, record, told in found:
        if id(record) not in taken and id(told) not in taken:
            taken |= {id(record), id(told)}
            paired.append((record, told))
    return paired


def _same(record: LoginSession, told: LoginSession) -> bool:
    if record.login != told.login or abs(record.started_at - told.started_at) > APART:
        return False
    if record.line and told.line:
        return record.line == told.line
    return record.pid is None or told.pid is None or record.pid == told.pid or not told.line

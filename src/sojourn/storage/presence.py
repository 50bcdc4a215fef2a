"""Who was there in a window: sessions of any length, cut to it, in chunks."""

from collections.abc import Sequence

from sojourn.core.access import Scope
from sojourn.core.model import EARLIEST, LATEST, Instant
from sojourn.core.presence import Stay, Window, clip, needs_first, needs_last
from sojourn.core.query import Order, Place, SessionFilter
from sojourn.storage import reading, search
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.sql import load

_SQL = load("reading")

_COLUMNS = "s.started_at, s.id, s.person, d.guid, s.ended_at, s.first_at, s.last_at"
_JOINS = "LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device"


def read_stays(
    transaction: Transaction, scope: Scope, window: Window, after: Place | None, limit: int, offset: int
) -> list[Stay]:
    """Stays in order of their sessions' starts."""
    found = reading.resolve(transaction, scope, SessionFilter(alive_from=window.start, alive_to=window.end))
    if found is None:
        return []
    text, parameters = search.page(found, Order.OLDEST, after, limit, offset, _COLUMNS, _JOINS)
    rows = transaction.run(text, parameters)
    ((own,),) = transaction.run(_SQL["device_of_organisation"], {"organisation": scope.organisation})
    edges = _edges(transaction, scope, window, rows)
    stays = []
    for started_at, number, person, guid, ended_at, _, _ in rows:
        first, last = edges.get(number, (None, None))
        login, logout = clip(started_at, ended_at, first, last, window)
        stays.append(Stay(started_at, number, person, guid or own, login, logout))
    return stays


def _edges(
    transaction: Transaction, scope: Scope, window: Window, rows: Sequence[Row]
) -> dict[int, tuple[Instant, Instant]]:
    """The first and last activity inside the window, of the sessions that are cut."""
    first = EARLIEST if window.start is None else window.start
    last = LATEST if window.end is None else window.end
    cut = [
        (scope.organisation, number, first, last)
        for started_at, number, _, _, ended_at, first_at, _ in rows
        if first_at is not None and (needs_first(started_at, window) or needs_last(ended_at, window))
    ]
    return {number: (begin, end) for number, begin, end in transaction.each(_SQL["edges_inside"], cut)}


def with_moments(
    transaction: Transaction, scope: Scope, stays: Sequence[Stay], until: Instant
) -> list[tuple[Stay, list[Instant]]]:
    """Each stay with the times of what was done in it; one without a logout is looked at until then."""
    rows = [
        (scope.organisation, stay.session_id, stay.login_at, until if stay.logout_at is None else stay.logout_at)
        for stay in stays
    ]
    moments: dict[int, list[Instant]] = {stay.session_id: [] for stay in stays}
    for number, at in transaction.each(_SQL["moments_inside"], rows):
        moments[number].append(at)
    return [(stay, sorted(moments[stay.session_id])) for stay in stays]


def read_logins(transaction: Transaction, scope: Scope, people: Sequence[int]) -> dict[int, str]:
    """The login names of people, by number."""
    return dict(transaction.each(_SQL["logins"], [(scope.organisation, person) for person in people]))

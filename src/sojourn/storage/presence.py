"""Who was there in a window: sessions of any length, cut to it, in chunks."""

from collections.abc import Sequence

from sojourn.core.access import Scope
from sojourn.core.model import EARLIEST, LATEST, Instant
from sojourn.core.presence import Stay, Window, clip, reaches_out
from sojourn.core.query import Order, Place, SessionFilter, SessionQuery
from sojourn.storage import reading, search
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.search import Search
from sojourn.storage.sql import load
from sojourn.storage.totals import facet_of

_SQL = load("reading")

# The fields of a stay that is not cut, in their order.
_COLUMNS = """s.started_at, s.id, s.person,
    COALESCE(d.guid, (SELECT device_guid FROM organisation WHERE id = :organisation)), s.started_at, s.ended_at"""
_JOINS = "LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device"


def read_stays(
    transaction: Transaction, scope: Scope, window: Window, after: Place | None, limit: int, offset: int
) -> list[Stay]:
    """Stays in order of their sessions' starts.

    First come those who were there when the window begins, then those who came in it. The second are a plain range of
    starts, and how many they are on each day is known: there, neither a late chunk nor a deep page costs more than the
    first. (docs/decisions/0060)
    """
    if after is not None and offset > 0:
        return read_stays(transaction, scope, window, after, limit + offset, 0)[offset:]
    rows: list[Row] = []
    inside = window.start is None or (after is not None and after.at >= window.start)
    if not inside:
        rows, offset = _there_before(transaction, scope, window, after, limit, offset)
    if len(rows) < limit:
        rows += _begun(transaction, scope, window, after if inside else None, limit - len(rows), offset)
    return _cut(transaction, scope, window, rows)


def _there_before(
    transaction: Transaction, scope: Scope, window: Window, after: Place | None, limit: int, offset: int
) -> tuple[list[Row], int]:
    """Of the sessions that began before the window and reach into it; and how many are still to be passed over."""
    assert window.start is not None
    found = reading.resolve(transaction, scope, SessionFilter(alive_from=window.start, started_to=window.start - 1))
    assert found is not None, "nothing is asked for by name"
    if offset > 0:
        ((before,),) = transaction.run(*search.count(found))
        if offset >= before:
            return [], offset - before
    return _page(transaction, found, after, limit, offset), 0


def _begun(
    transaction: Transaction, scope: Scope, window: Window, after: Place | None, limit: int, offset: int
) -> list[Row]:
    """Of the sessions that began in the window."""
    wanted = SessionFilter(started_from=window.start, started_to=window.end)
    found = reading.resolve(transaction, scope, wanted)
    assert found is not None, "nothing is asked for by name"
    if offset > 0:
        query = SessionQuery(scope=scope, filter=wanted, order=Order.OLDEST, offset=offset)
        facet = facet_of(found)
        assert facet is not None, "nothing is asked for but starts, and perhaps a person"
        total, after, offset = reading.tallied(transaction, query, facet)
        if query.offset >= total:
            return []
    return _page(transaction, found, after, limit, offset)


def _page(transaction: Transaction, found: Search, after: Place | None, limit: int, offset: int) -> list[Row]:
    return transaction.run(*search.page(found, Order.OLDEST, after, limit, offset, _COLUMNS, _JOINS))


def _cut(transaction: Transaction, scope: Scope, window: Window, rows: Sequence[Row]) -> list[Stay]:
    """Rows as stays; those that reach out of the window are cut to what was done inside it."""
    stays: list[Stay] = [*rows]
    if window == Window():
        return stays
    out = [i for i, (started_at, *_, ended_at) in enumerate(stays) if reaches_out(started_at, ended_at, window)]
    first = EARLIEST if window.start is None else window.start
    last = LATEST if window.end is None else window.end
    batch = [(scope.organisation, stays[i][1], first, last) for i in out]
    edges = {number: inside for number, *inside in transaction.each(_SQL["edges_inside"], batch)}
    for i in out:
        started_at, number, person, guid, _, ended_at = stays[i]
        login, logout = clip(started_at, ended_at, edges.get(number, ()), window)
        stays[i] = (started_at, number, person, guid, login, logout)
    return stays


def with_moments(
    transaction: Transaction, scope: Scope, stays: Sequence[Stay], until: Instant
) -> list[tuple[Stay, list[Instant]]]:
    """Each stay with the times of what was done in it; one without a logout is looked at until then."""
    batch = [
        (scope.organisation, number, login, until if logout is None else logout)
        for _, number, *_, login, logout in stays
    ]
    moments: dict[int, list[Instant]] = {number: [] for _, number, *_ in stays}
    for number, at in transaction.each(_SQL["moments_inside"], batch):
        moments[number].append(at)
    return [(stay, sorted(moments[stay[1]])) for stay in stays]


def read_logins(transaction: Transaction, scope: Scope, people: Sequence[int]) -> dict[int, str]:
    """The login names of people, by number."""
    return dict(transaction.each(_SQL["logins"], [(scope.organisation, person) for person in people]))

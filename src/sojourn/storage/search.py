"""Which sessions, in which order: the one statement that is built from optional filters.

What a search is led by decides its cost: the rarest term if there is one, else a person's, a device's or a module's
sessions, else the starts alone; what still runs, where few do. Everything else that is asked for is checked on what the
lead brings.

What was alive in a window began in it, or began before it and was still alive at its start. The first are a range of
starts of the lead; the second are found by the classes of length, and checked for the lead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sojourn.core.access import Scope
from sojourn.core.model import EARLIEST, LATEST, Instant, Kind
from sojourn.core.query import Order, Place, SessionFilter, Status
from sojourn.core.span import reach
from sojourn.storage.conditions import Starts, Where
from sojourn.storage.tally import numbers_of

COLUMNS = """s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count"""

JOINS = """LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device"""

QUARTER = 900_000_000
"""A quarter of an hour, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A filter with everything found that it speaks of.

    `terms` is rarest first; `spans` are the classes of length that exist; `few_run` is whether what runs is as good a
    lead as what is named.
    """

    scope: Scope
    filter: SessionFilter
    person: int | None = None
    device: int | None = None
    terms: Sequence[str] = ()
    spans: Sequence[int] = ()
    few_run: bool = True

    @property
    def by_windows(self) -> bool:
        """Whether something must have been alive in a window."""
        return self.filter.alive_from is not None

    @property
    def names_something(self) -> bool:
        """Whether there is another lead than starts."""
        named = (self.person, self.device, self.filter.module)
        return bool(self.terms) or any(value is not None for value in named)

    @property
    def by_terms_alone(self) -> bool:
        """Whether the index of terms tells all that is asked for."""
        f = self.filter
        others = (self.person, self.device, f.module, f.status, f.alive_from)
        return bool(self.terms) and all(value is None for value in others)

    @property
    def led_by_what_runs(self) -> bool:
        """Whether what is named is checked on all that runs."""
        return self.filter.status is Status.ACTIVE and self.few_run


class _Arm(msgspec.Struct, frozen=True, gc=False):
    """A part of what is looked for: `text` is a SELECT from its FROM on, in order by `at` and `number`."""

    text: str
    at: str = "s.started_at"
    number: str = "s.id"


def page(
    search: Search,
    order: Order,
    after: Place | None,
    limit: int,
    offset: int,
    columns: str = COLUMNS,
    joins: str = JOINS,
) -> tuple[str, Mapping[str, Any]]:
    """The statement that reads a page of sessions."""
    down = " DESC" if order is Order.NEWEST else ""
    where = Where({"organisation": search.scope.organisation, "limit": limit, "offset": offset})
    cut = "LIMIT :limit OFFSET :offset"
    if not (offset or search.by_windows or search.led_by_what_runs):
        source, at, number = _source(search, where, order, after)
        text = f"SELECT {columns} FROM {source} {joins} WHERE {where.text()} ORDER BY {at}{down}, {number}{down} {cut}"
        return text, where.parameters
    # Entries of an index are passed over, merged and checked, not rows with all that is joined to them.
    if search.by_windows:
        # Each arm is in order and cut, so that an engine merges them: PostgreSQL would sort all that they find instead.
        where.parameters["most"] = limit + offset
        arms = [
            f"SELECT started_at, id FROM (SELECT {arm.at} AS started_at, {arm.number} AS id {arm.text}"
            f" ORDER BY {arm.at}{down}, {arm.number}{down} LIMIT :most) AS arm_{i}"
            for i, arm in enumerate(_arms(search, where, order, after))
        ]
        keys = f"{' UNION ALL '.join(arms)} ORDER BY started_at{down}, id{down} {cut}"
    else:
        source, at, number = _keys(search, where, order, after)
        keys = f"SELECT {number} AS id FROM {source} WHERE {where.text()} ORDER BY {at}{down}, {number}{down} {cut}"
    # CROSS: SQLite might rather go over all sessions in order, and look each up among the keys.
    source = f"({keys}) AS k CROSS JOIN session AS s {joins}"
    found = "s.organisation = :organisation AND s.id = k.id"
    return f"SELECT {columns} FROM {source} WHERE {found} ORDER BY s.started_at{down}, s.id{down}", where.parameters


def count(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions."""
    where = Where({"organisation": search.scope.organisation})
    if search.by_windows:
        arms = [f"SELECT s.id {arm.text}" for arm in _arms(search, where, Order.OLDEST, None)]
        return f"SELECT count(*) FROM ({' UNION ALL '.join(arms)}) AS alive", where.parameters
    if search.by_terms_alone:
        return _count_entries(search, where), where.parameters
    source, at, _ = _source(search, where, Order.OLDEST, None)
    if search.filter.status is Status.ACTIVE and search.filter.started_from is None:
        # Nothing began earlier. Where no order is asked for, SQLite takes the index of what runs for its range alone.
        where.add(f"{at} >= :earliest", earliest=EARLIEST)
    return f"SELECT count(*) FROM {source} WHERE {where.text()}", where.parameters


def _count_entries(search: Search, where: Where) -> str:
    """The same, of terms alone."""
    _entries(search, where, Order.OLDEST, None, has_term=_has_term)
    entries = where.text()
    # What remains of deleted sessions is little, mostly nothing: it is taken off, not looked for with each entry.
    return f"""SELECT sum(n) FROM (
    SELECT count(*) AS n FROM term AS t WHERE {entries}
    UNION ALL
    SELECT -count(*) FROM remains AS r CROSS JOIN term AS t
    WHERE r.organisation = :organisation AND t.started_at = r.started_at AND t.session = r.session AND {entries}
) AS counted"""


def quarters(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions by the quarter of an hour in which they began."""
    where = Where({"organisation": search.scope.organisation})
    if search.by_windows:
        arms = [f"SELECT s.started_at AS started_at {arm.text}" for arm in _arms(search, where, Order.OLDEST, None)]
        source, at, condition = f"({' UNION ALL '.join(arms)}) AS alive", "started_at", ""
    else:
        source, at, _ = _source(search, where, Order.OLDEST, None)
        condition = f" WHERE {where.text()}"
    text = f"SELECT {at} / {QUARTER}, count(*) FROM {source}{condition} GROUP BY {at} / {QUARTER}"
    return text, where.parameters


def _source(search: Search, where: Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """What the statement reads from, and by which columns it is in order."""
    status = search.filter.status
    source, at, number = _checked(search, where) if search.led_by_what_runs else _led(search, where)
    if status is not None:
        where.add(_STATUS[status])
    Starts.of(search.filter, order, after).add_to(where, at, number)
    return source, at, number


def _keys(search: Search, where: Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """The same; from the index of terms alone, where nothing else is asked for."""
    if not search.by_terms_alone:
        return _source(search, where, order, after)
    at, number = _entries(search, where, order, after, has_term=_checked_term)
    where.add("NOT EXISTS (SELECT 1 FROM remains AS r WHERE r.organisation = t.organisation AND r.session = t.session)")
    return "term AS t", at, number


def _entries(
    search: Search, where: Where, order: Order, after: Place | None, *, has_term: Callable[[int, str, str], str]
) -> tuple[str, str]:
    """Entries of the first term in whose sessions the others stand, too: by which columns they are in order."""
    at, number = "t.started_at", "t.session"
    where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    # Its sign has PostgreSQL take the entries for few, and look each up among the other term's (decision 101).
    _of_kind(where, search.filter.kind, number)
    for i, term in enumerate(search.terms[1:], 1):
        where.add(has_term(i, at, number), **{f"term_{i}": term})
    Starts.of(search.filter, order, after).add_to(where, at, number)
    return at, number


def _of_kind(where: Where, kind: Kind, number: str) -> None:
    """The kind is told by the number, which stands in every index."""
    lowest, highest = numbers_of(kind)
    # The sign keeps SQLite from taking the range for a better lead than what the list is led by.
    where.add(f"+{number} >= :lowest AND +{number} <= :highest", lowest=lowest, highest=highest)


def _led(search: Search, where: Where) -> tuple[str, str, str]:
    """What leads, with all that is asked for by name: what is read from, and by which columns it is in order."""
    f = search.filter
    if search.terms:
        source = "term AS t JOIN session AS s ON s.organisation = t.organisation AND s.id = t.session"
        at, number = "t.started_at", "t.session"
        where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    else:
        source, at, number = "session AS s", "s.started_at", "s.id"
        where.add("s.organisation = :organisation")
    if search.person is None and f.module is None and not search.terms:
        where.add("s.kind = :kind", kind=f.kind.value)
    else:
        # Of what leads: PostgreSQL expects little of it to be of the kind, and would sort all of a join to fill a page.
        _of_kind(where, f.kind, number)
    for column, value in (("person", search.person), ("device", search.device), ("module", f.module)):
        if value is not None:
            where.add(f"s.{column} = :{column}", **{column: value})
    if search.device is not None:
        where.add("s.device > 0")  # says that the index holds all of them
    for i, term in enumerate(search.terms[1:], 1):
        where.add(_checked_term(i), **{f"term_{i}": term})
    return source, at, number


def _checked(search: Search, where: Where) -> tuple[str, str, str]:
    """The same, with nothing that leads: the signs keep SQLite from the indexes of what is named."""
    f = search.filter
    where.add("s.organisation = :organisation AND s.kind = :kind", kind=f.kind.value)
    for column, value in (("person", search.person), ("device", search.device)):
        if value is not None:
            where.add(f"+s.{column} = :{column}", **{column: value})
    if f.module is not None:
        where.add("s.module || '' = :module", module=f.module)
    for i, term in enumerate(search.terms):
        where.add(_checked_term(i), **{f"term_{i}": term})
    return "session AS s", "s.started_at", "s.id"


_STATUS = {Status.ACTIVE: "s.ended_at IS NULL", Status.ENDED: "s.ended_at IS NOT NULL"}


def _has_term(i: int, at: str, number: str) -> str:
    """Where no order is asked for, an engine joins terms as it likes."""
    return f"""EXISTS (SELECT 1 FROM term AS t{i}
    WHERE t{i}.organisation = :organisation AND t{i}.term = :term_{i}
    AND t{i}.started_at = {at} AND t{i}.session = {number})"""


def _checked_term(i: int, at: str = "s.started_at", number: str = "s.id") -> str:
    """It is checked on what the lead brings.

    A bare EXISTS PostgreSQL makes a join of, and reads all that it could join of ten million sessions to show ten.
    """
    return f"CASE WHEN {_has_term(i, at, number)} THEN 1 ELSE 0 END = 1"


def _arms(search: Search, where: Where, order: Order, after: Place | None) -> list[_Arm]:
    """What was alive in the window.

    What began in it; and of what began before it what runs, and for each class of length one short range of starts.
    """
    f = search.filter
    assert f.alive_from is not None
    begin, before = f.alive_from, f.alive_from - 1
    where.parameters["alive_from"] = begin
    starts = Starts.of(f, order, after)
    status = [] if f.status is None else [_STATUS[f.status]]

    def arm(name: str, first: Instant, last: Instant, *conditions: str, led: bool = False) -> list[_Arm]:
        here = starts.within(first, last)
        if here.last < here.first:
            return []
        some = Where(where.parameters, list(conditions))
        source, at, number = _led(search, some) if led else _checked(search, some)
        here.add_to(some, at, number, name)
        return [_Arm(f"FROM {source} WHERE {some.text()}", at, number)]

    arms = []
    if f.status is not Status.ACTIVE:
        for span in search.spans:
            alive = (_STATUS[Status.ENDED], f"s.span = {span}", "s.ended_at >= :alive_from")
            arms += arm(f"span_{span}", begin - reach(span) + 1, before, *alive)
    if f.status is not Status.ENDED:
        arms += arm("running", EARLIEST, before, _STATUS[Status.ACTIVE], led=not search.few_run)
    # The largest comes last: SQLite hands the rows of the first through a merge with each of the others.
    arms += arm("begun", begin, LATEST, *status, led=not search.led_by_what_runs)
    return arms or [_Arm("FROM session AS s WHERE 1 = 0")]

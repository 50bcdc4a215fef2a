"""Which sessions, in which order: the one statement that is built from optional filters.

What a search is led by decides its cost: the rarest term if there is one, else a person's, a device's or a module's
sessions, else the classes of length where something must have been alive in a window, else the starts alone. Everything
else that is asked for is checked on what the lead brings.

What was alive in a window began in it, or began before it and was still alive at its start. The first are a range of
starts; only the second need the classes of length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sojourn.core.access import Scope
from sojourn.core.model import EARLIEST, LATEST, Instant, Kind
from sojourn.core.query import Order, Place, SessionFilter, Status
from sojourn.core.span import reach
from sojourn.storage.tally import numbers_of

COLUMNS = """s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count"""

JOINS = """LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device"""

# What the two need of a session.
_FIELDS = """organisation, id, kind, person, device, module, started_at, ended_at, closing, updated_at,
    first_at, last_at, seen_at, activity_count, remark_count"""


QUARTER = 900_000_000
"""A quarter of an hour, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A filter with everything found that it speaks of. `terms` is rarest first; `spans` the classes that exist."""

    scope: Scope
    filter: SessionFilter
    person: int | None = None
    device: int | None = None
    terms: Sequence[str] = ()
    spans: Sequence[int] = ()

    @property
    def by_windows(self) -> bool:
        """Whether it is led by the classes of length."""
        other_leads = self.terms or self.person is not None or self.device is not None or self.filter.module is not None
        return self.filter.alive_from is not None and not other_leads


@dataclass(slots=True)
class _Where:
    """Conditions, and what they take."""

    parameters: dict[str, Any]
    conditions: list[str] = field(default_factory=list)

    def add(self, condition: str, **parameters: Any) -> None:
        self.conditions.append(condition)
        self.parameters.update(parameters)

    def text(self) -> str:
        return " AND ".join(self.conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Starts:
    """Between which starts a page lies, and after which place."""

    first: Instant
    last: Instant
    order: Order
    after: Place | None

    @classmethod
    def of(cls, f: SessionFilter, order: Order, after: Place | None) -> "_Starts":
        """What is asked for."""
        first = EARLIEST if f.started_from is None else f.started_from
        last = min(LATEST if end is None else end for end in (f.started_to, f.alive_to))
        return cls(first=first, last=last, order=order, after=after)

    def within(self, first: Instant, last: Instant) -> "_Starts":
        """Those of them between two starts."""
        return replace(self, first=max(self.first, first), last=min(self.last, last))

    def add_to(self, where: _Where, at: str, number: str, name: str = "began") -> None:
        """Say it with one bound on either side.

        Of two SQLite may seek the farther one, and PostgreSQL, which takes each for a condition of its own, expects far
        too few rows.
        """
        first, last = self.first, self.last
        if self.after is not None and self.order is Order.OLDEST and self.after.at >= first:
            first = EARLIEST
            where.add(f"({at}, {number}) > (:after_at, :after_id)")
        if self.after is not None and self.order is Order.NEWEST and self.after.at <= last:
            last = LATEST
            where.add(f"({at}, {number}) < (:after_at, :after_id)")
        if self.after is not None:
            where.parameters.update(after_at=self.after.at, after_id=self.after.id)
        if first > EARLIEST:
            where.add(f"{at} >= :{name}_first", **{f"{name}_first": first})
        if last < LATEST:
            where.add(f"{at} <= :{name}_last", **{f"{name}_last": last})


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
    where = _Where({"organisation": search.scope.organisation, "limit": limit, "offset": offset})
    cut = "LIMIT :limit OFFSET :offset"
    if search.by_windows:
        # Each arm is in order and cut, so that an engine merges them: PostgreSQL would sort all that they find instead.
        where.parameters["most"] = limit + offset
        in_order = f"ORDER BY started_at{down}, id{down}"
        arms = [
            f"SELECT {_FIELDS} FROM (SELECT {_FIELDS} {arm} {in_order} LIMIT :most) AS arm_{i}"
            for i, arm in enumerate(_arms(search, where, order, after))
        ]
        source = f"({' UNION ALL '.join(arms)} {in_order} {cut}) AS s {joins}"
        return f"SELECT {columns} FROM {source} ORDER BY s.started_at{down}, s.id{down}", where.parameters
    if not offset:
        source, at, number = _source(search, where, order, after)
        text = f"SELECT {columns} FROM {source} {joins} WHERE {where.text()} ORDER BY {at}{down}, {number}{down} {cut}"
        return text, where.parameters
    # Entries of an index are passed over, not rows with all that is joined to them.
    source, at, number = _keys(search, where, order, after)
    keys = f"SELECT {number} AS id FROM {source} WHERE {where.text()} ORDER BY {at}{down}, {number}{down} {cut}"
    source = f"({keys}) AS k JOIN session AS s ON s.organisation = :organisation AND s.id = k.id {joins}"
    return f"SELECT {columns} FROM {source} ORDER BY s.started_at{down}, s.id{down}", where.parameters


def count(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions."""
    where = _Where({"organisation": search.scope.organisation})
    if search.by_windows:
        arms = [f"SELECT id {arm}" for arm in _arms(search, where, Order.OLDEST, None)]
        return f"SELECT count(*) FROM ({' UNION ALL '.join(arms)}) AS alive", where.parameters
    source, at, _ = _source(search, where, Order.OLDEST, None)
    if search.filter.status is Status.ACTIVE and search.filter.started_from is None:
        # Nothing began earlier. Where no order is asked for, SQLite takes the index of what runs for its range alone.
        where.add(f"{at} >= :earliest", earliest=EARLIEST)
    return f"SELECT count(*) FROM {source} WHERE {where.text()}", where.parameters


def quarters(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions by the quarter of an hour in which they began."""
    where = _Where({"organisation": search.scope.organisation})
    if search.by_windows:
        arms = [f"SELECT started_at {arm}" for arm in _arms(search, where, Order.OLDEST, None)]
        source, at, condition = f"({' UNION ALL '.join(arms)}) AS alive", "started_at", ""
    else:
        source, at, _ = _source(search, where, Order.OLDEST, None)
        condition = f" WHERE {where.text()}"
    text = f"SELECT {at} / {QUARTER}, count(*) FROM {source}{condition} GROUP BY {at} / {QUARTER}"
    return text, where.parameters


def _source(search: Search, where: _Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """What the statement reads from, and by which columns it is in order."""
    if search.terms:
        source = "term AS t JOIN session AS s ON s.organisation = t.organisation AND s.id = t.session"
        at, number = "t.started_at", "t.session"
        where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    else:
        source, at, number = "session AS s", "s.started_at", "s.id"
        where.add("s.organisation = :organisation")
    _conditions(search, where)
    _Starts.of(search.filter, order, after).add_to(where, at, number)
    return source, at, number


def _keys(search: Search, where: _Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """The same; from the index of a term alone, where nothing else is asked for."""
    f = search.filter
    others = (search.person, search.device, f.module, f.status, f.alive_from)
    if len(search.terms) != 1 or any(value is not None for value in others):
        return _source(search, where, order, after)
    at, number = "t.started_at", "t.session"
    where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    _of_kind(where, f.kind, number)
    where.add("NOT EXISTS (SELECT 1 FROM remains AS r WHERE r.organisation = t.organisation AND r.session = t.session)")
    _Starts.of(f, order, after).add_to(where, at, number)
    return "term AS t", at, number


def _of_kind(where: _Where, kind: Kind, number: str) -> None:
    """The kind is told by the number, which stands in every index."""
    lowest, highest = numbers_of(kind)
    # The sign keeps SQLite from taking the range for a better lead than what the list is led by.
    where.add(f"+{number} >= :lowest AND +{number} <= :highest", lowest=lowest, highest=highest)


def _conditions(search: Search, where: _Where) -> None:
    f = search.filter
    if search.person is None and f.module is None and not search.terms:
        where.add("s.kind = :kind", kind=f.kind.value)
    else:
        _of_kind(where, f.kind, "s.id")
    for column, value in (("person", search.person), ("device", search.device), ("module", f.module)):
        if value is not None:
            where.add(f"s.{column} = :{column}", **{column: value})
    if search.device is not None:
        where.add("s.device > 0")  # says that the index holds all of them
    if f.status is not None:
        where.add("s.ended_at IS NULL" if f.status is Status.ACTIVE else "s.ended_at IS NOT NULL")
    if f.alive_from is not None:
        where.add("(s.ended_at IS NULL OR s.ended_at >= :alive_from)", alive_from=f.alive_from)
    for i, term in enumerate(search.terms[1:]):
        where.add(_has_term(i), **{f"term_{i}": term})


# What is checked on what the lead brings stands in a CASE: a bare EXISTS PostgreSQL makes a join of, and reads all
# activities of ten million sessions to show ten.


def _has_term(i: int) -> str:
    return f"""CASE WHEN EXISTS (SELECT 1 FROM term AS t{i}
    WHERE t{i}.organisation = :organisation AND t{i}.term = :term_{i}
    AND t{i}.started_at = s.started_at AND t{i}.session = s.id) THEN 1 ELSE 0 END = 1"""


def _arms(search: Search, where: _Where, order: Order, after: Place | None) -> list[str]:
    """What was alive in the window, each arm from its FROM on.

    What began in it; and of what began before it what runs, and for each class of length one short range of starts.
    """
    f = search.filter
    assert f.alive_from is not None
    begin, before = f.alive_from, f.alive_from - 1
    where.parameters.update(kind=f.kind.value, alive_from=begin)
    starts = _Starts.of(f, order, after)

    def arm(name: str, first: Instant, last: Instant, *conditions: str) -> list[str]:
        here = starts.within(first, last)
        if here.last < here.first:
            return []
        some = _Where(where.parameters, ["organisation = :organisation AND kind = :kind", *conditions])
        here.add_to(some, "started_at", "id", name)
        return [f"FROM session WHERE {some.text()}"]

    running, ended = "ended_at IS NULL", "ended_at IS NOT NULL"
    nothing = ["FROM session WHERE 1 = 0"]
    if f.status is Status.ACTIVE:
        return arm("running", EARLIEST, LATEST, running) or nothing
    arms = []
    for span in search.spans:
        alive = (ended, f"span = {span}", "ended_at >= :alive_from")
        arms += arm(f"span_{span}", begin - reach(span) + 1, before, *alive)
    if f.status is None:
        arms += arm("running", EARLIEST, before, running)
    # The largest comes last: SQLite hands the rows of the first through a merge with each of the others.
    arms += arm("begun", begin, LATEST, *([ended] if f.status is Status.ENDED else []))
    return arms or nothing

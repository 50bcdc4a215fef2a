"""Which sessions, in which order: the one statement that is built from optional filters.

What a search is led by decides its cost: the rarest term if there is one, else a person's, a device's or a module's
sessions, else the classes of length where something must have been alive in a window, else the starts alone. Everything
else that is asked for is checked on what the lead brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sojourn.core.access import Scope
from sojourn.core.model import EARLIEST, LATEST
from sojourn.core.query import Order, Place, SessionFilter, Status
from sojourn.core.span import reach

COLUMNS = """s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count"""

JOINS = """LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device"""


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
        f = self.filter
        window = f.alive_from is not None or f.alive_to is not None
        return window and not self.terms and self.person is None and self.device is None and f.module is None


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
    source, at, number = _source(search, where, order, after)
    cut = "LIMIT :limit OFFSET :offset"
    if search.by_windows:  # in order and cut inside, so that no more is read than is told
        source = f"({source} ORDER BY started_at{down}, id{down} {cut}) AS alive"
        source += " JOIN session AS s ON s.organisation = :organisation AND s.id = alive.id"
        cut = ""
    text = f"SELECT {columns} FROM {source} {joins} WHERE {where.text()} ORDER BY {at}{down}, {number}{down} {cut}"
    return text, where.parameters


def count(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions."""
    where = _Where({"organisation": search.scope.organisation})
    source, _, _ = _source(search, where, Order.OLDEST, None)
    if search.by_windows:
        source = f"({source}) AS alive"
    return f"SELECT count(*) FROM {source} WHERE {where.text()}", where.parameters


def _source(search: Search, where: _Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """What the statement reads from, and by which columns it is in order."""
    if search.by_windows:
        where.add("true")
        return _arms(search, where, order, after), "alive.started_at", "alive.id"
    if search.terms:
        source = "term AS t JOIN session AS s ON s.organisation = t.organisation AND s.id = t.session"
        at, number = "t.started_at", "t.session"
        where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    else:
        source, at, number = "session AS s", "s.started_at", "s.id"
        where.add("s.organisation = :organisation")
    _conditions(search, where, at)
    _starts(search.filter, where, at)
    _keyset(where, order, after, at, number)
    return source, at, number


def _conditions(search: Search, where: _Where, at: str) -> None:
    f = search.filter
    where.add("s.kind = :kind", kind=f.kind.value)
    for column, value in (("person", search.person), ("device", search.device), ("module", f.module)):
        if value is not None:
            where.add(f"s.{column} = :{column}", **{column: value})
    if f.status is not None:
        where.add("s.ended_at IS NULL" if f.status is Status.ACTIVE else "s.ended_at IS NOT NULL")
    if f.alive_to is not None:
        where.add(f"{at} <= :alive_to", alive_to=f.alive_to)
    if f.alive_from is not None:
        where.add("(s.ended_at IS NULL OR s.ended_at >= :alive_from)", alive_from=f.alive_from)
    for i, term in enumerate(search.terms[1:]):
        where.add(_has_term(i), **{f"term_{i}": term})
    if f.entity_type is not None and f.entity_id is not None:
        where.add(_TOUCHED, entity_type=f.entity_type, entity_id=f.entity_id)


def _starts(f: SessionFilter, where: _Where, at: str) -> None:
    if f.started_from is not None:
        where.add(f"{at} >= :started_from", started_from=f.started_from)
    if f.started_to is not None:
        where.add(f"{at} <= :started_to", started_to=f.started_to)


def _keyset(where: _Where, order: Order, after: Place | None, at: str, number: str) -> None:
    if after is not None:
        sign = "<" if order is Order.NEWEST else ">"
        where.add(f"({at}, {number}) {sign} (:after_at, :after_id)", after_at=after.at, after_id=after.id)


def _has_term(i: int) -> str:
    return f"""EXISTS (SELECT 1 FROM term AS t{i} WHERE t{i}.organisation = :organisation AND t{i}.term = :term_{i}
    AND t{i}.started_at = s.started_at AND t{i}.session = s.id)"""


# Both terms may stand in a session that never touched the two together.
_TOUCHED = """EXISTS (SELECT 1 FROM activity AS a WHERE a.organisation = :organisation AND a.session = s.id
    AND a.entity_type = :entity_type AND a.entity_id = :entity_id)"""


def _arms(search: Search, where: _Where, order: Order, after: Place | None) -> str:
    """What was alive in the window: what runs, and for each class of length one short range of starts."""
    f = search.filter
    first = EARLIEST if f.alive_from is None else f.alive_from
    last = LATEST if f.alive_to is None else f.alive_to
    arm = _Where(where.parameters)
    arm.add(
        "organisation = :organisation AND kind = :kind AND started_at <= :alive_to", kind=f.kind.value, alive_to=last
    )
    _starts(f, arm, "started_at")
    _keyset(arm, order, after, "started_at", "id")
    select = f"SELECT started_at, id FROM session WHERE {arm.text()}"
    arms = [] if f.status is Status.ENDED else [f"{select} AND ended_at IS NULL"]
    if f.status is not Status.ACTIVE:
        where.parameters.update({f"reach_{span}": first - reach(span) for span in search.spans}, alive_from=first)
        arms += [
            f"{select} AND ended_at IS NOT NULL AND span = {span} AND started_at > :reach_{span}"
            " AND ended_at >= :alive_from"
            for span in search.spans
        ]
    nothing = f"{select} AND 1 = 0"
    return " UNION ALL ".join(arms or [nothing])

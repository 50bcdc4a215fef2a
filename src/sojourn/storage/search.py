"""Which sessions, in which order: the one statement that is built from optional filters.

What a search is led by decides its cost: the rarest term if there is one, else a person's, a device's or a module's
sessions, else the classes of length where something must have been alive in a window, else the starts alone. Everything
else that is asked for is checked on what the lead brings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sojourn.core.access import Scope
from sojourn.core.model import LATEST
from sojourn.core.query import Order, Place, SessionFilter, Status
from sojourn.core.span import reach

COLUMNS = """s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count"""

_JOINS = """LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
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


def page(search: Search, order: Order, after: Place | None, limit: int, offset: int) -> tuple[str, Mapping[str, Any]]:
    """The statement that reads a page of sessions in `COLUMNS`."""
    down = "DESC" if order is Order.NEWEST else ""
    where = _Where({"organisation": search.scope.organisation, "limit": limit, "offset": offset})
    source, at, number = _source(search, where, order, after)
    text = f"""SELECT {COLUMNS}
FROM {source}
{_JOINS}
WHERE {where.text()}
ORDER BY {at} {down}, {number} {down}
LIMIT :limit OFFSET :offset"""
    return text, where.parameters


def count(search: Search) -> tuple[str, Mapping[str, Any]]:
    """The statement that counts sessions."""
    where = _Where({"organisation": search.scope.organisation})
    source, _, _ = _source(search, where, Order.OLDEST, None)
    return f"SELECT count(*) FROM {source} WHERE {where.text()}", where.parameters


def _source(search: Search, where: _Where, order: Order, after: Place | None) -> tuple[str, str, str]:
    """What the statement reads from, and by which columns it is in order."""
    if search.by_windows:
        source = (
            f"({_arms(search, where)}) AS alive JOIN session AS s ON s.organisation = :organisation AND s.id = alive.id"
        )
        at, number = "alive.started_at", "alive.id"
        where.add("true")
    elif search.terms:
        source = "term AS t JOIN session AS s ON s.organisation = t.organisation AND s.id = t.session"
        at, number = "t.started_at", "t.session"
        where.add("t.organisation = :organisation AND t.term = :term", term=search.terms[0])
    else:
        source, at, number = "session AS s", "s.started_at", "s.id"
        where.add("s.organisation = :organisation")
    _conditions(search, where, at)
    if after is not None:
        sign = "<" if order is Order.NEWEST else ">"
        where.add(f"({at}, {number}) {sign} (:after_at, :after_id)", after_at=after.at, after_id=after.id)
    return source, at, number


def _conditions(search: Search, where: _Where, at: str) -> None:
    f = search.filter
    where.add("s.kind = :kind", kind=f.kind.value)
    for column, value in (("person", search.person), ("device", search.device), ("module", f.module)):
        if value is not None:
            where.add(f"s.{column} = :{column}", **{column: value})
    if f.status is not None:
        where.add("s.ended_at IS NULL" if f.status is Status.ACTIVE else "s.ended_at IS NOT NULL")
    if f.started_from is not None:
        where.add(f"{at} >= :started_from", started_from=f.started_from)
    if f.started_to is not None:
        where.add(f"{at} <= :started_to", started_to=f.started_to)
    if not search.by_windows and f.alive_to is not None:
        where.add(f"{at} <= :alive_to", alive_to=f.alive_to)
    if not search.by_windows and f.alive_from is not None:
        where.add("(s.ended_at IS NULL OR s.ended_at >= :alive_from)", alive_from=f.alive_from)
    for i, term in enumerate(search.terms[1:]):
        where.add(_has_term(i), **{f"term_{i}": term})
    if f.entity_type is not None and f.entity_id is not None:
        where.add(_TOUCHED, entity_type=f.entity_type, entity_id=f.entity_id)


def _has_term(i: int) -> str:
    return f"""EXISTS (SELECT 1 FROM term AS t{i} WHERE t{i}.organisation = :organisation AND t{i}.term = :term_{i}
    AND t{i}.started_at = s.started_at AND t{i}.session = s.id)"""


# Both terms may stand in a session that never touched the two together.
_TOUCHED = """EXISTS (SELECT 1 FROM activity AS a WHERE a.organisation = :organisation AND a.session = s.id
    AND a.entity_type = :entity_type AND a.entity_id = :entity_id)"""


def _arms(search: Search, where: _Where) -> str:
    """What was alive in the window: what runs, and for each class of length one short range of starts."""
    f = search.filter
    first = 0 if f.alive_from is None else f.alive_from
    last = LATEST if f.alive_to is None else f.alive_to
    where.parameters.update(alive_from=first, alive_to=last, kind=f.kind.value)
    key = "organisation = :organisation AND kind = :kind"
    arms = [f"SELECT started_at, id FROM session WHERE {key} AND ended_at IS NULL AND started_at <= :alive_to"]
    for span in search.spans:
        where.parameters[f"reach_{span}"] = first - reach(span)
        arms.append(
            f"SELECT started_at, id FROM session WHERE {key} AND ended_at IS NOT NULL AND span = {span}"
            f" AND started_at > :reach_{span} AND started_at <= :alive_to AND ended_at >= :alive_from"
        )
    return "\nUNION ALL ".join(arms)

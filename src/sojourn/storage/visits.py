"""Read visits back: by date, filtered by what they stand under, and whole where it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sojourn.core.access import Scope
from sojourn.core.errors import Unknown
from sojourn.core.model import EARLIEST, FIRST_VISIT, LATEST, Instant
from sojourn.core.query import Order, Place
from sojourn.core.report import Coordinates, Visit
from sojourn.core.visit import Source, VisitKept, VisitPage, VisitQuery, facet_term
from sojourn.storage.engine import Row, Transaction
from sojourn.storage.reading import rarity
from sojourn.storage.sql import load

_SQL = load("visits")

# The agent is looked up for each visit that is told: joined, PostgreSQL may pair every visit with every device first.
_COLUMNS = """v.organisation, v.session,
    (SELECT d.guid FROM device AS d WHERE d.organisation = s.organisation AND d.id = s.device),
    s.started_at, v.committed, v.source_addr, v.org_name, v.visited_site, v.protocol, v.port, v.number_of_pages,
    v.experience_score, v.has_har"""
_JOINS = """JOIN session AS s ON s.organisation = found.organisation AND s.id = found.session
JOIN visit AS v ON v.organisation = s.organisation AND v.session = s.id"""


_SENSES = {Order.OLDEST: ("ASC", ">"), Order.NEWEST: ("DESC", "<")}


def read_visits(transaction: Transaction, query: VisitQuery) -> VisitPage:
    """A page of visits."""
    if query.scope.person:  # visits are nobody's
        return VisitPage(visits=(), next=None)
    text, parameters = _statement(transaction, query)
    rows = transaction.run(text, parameters)
    visits = _visits(transaction, rows[: query.limit], query.whole)
    last = visits[-1] if len(rows) > query.limit else None
    return VisitPage(visits=visits, next=Place(last.date, last.id) if last else None)


def read_visit(transaction: Transaction, scope: Scope, number: int) -> VisitKept:
    """One visit, whole. Raises: Unknown."""
    text = f"""SELECT {_COLUMNS} FROM (SELECT organisation, id AS session FROM session
WHERE organisation = :organisation AND id = :id AND kind = 'visit') AS found {_JOINS}"""
    rows = transaction.run(text, {"organisation": scope.organisation, "id": number}) if not scope.person else []
    if not rows:
        raise Unknown("visit", number)
    (visit,) = _visits(transaction, rows, whole=True)
    return visit


def read_newer(transaction: Transaction, organisation: int, above: int, limit: int) -> tuple[VisitKept, ...]:
    """The visits with higher numbers than that, the last first: those that were delivered since."""
    found = """SELECT organisation, id AS session FROM session
WHERE organisation = :organisation AND id > :above AND kind = 'visit' ORDER BY id DESC LIMIT :limit"""
    values = {"organisation": organisation, "above": max(above, FIRST_VISIT - 1), "limit": limit}
    text = f"SELECT {_COLUMNS} FROM ({found}) AS found {_JOINS} ORDER BY s.id DESC"
    return _visits(transaction, transaction.run(text, values), whole=False)


def read_har(transaction: Transaction, scope: Scope, number: int) -> str:
    """The HAR of a visit. Raises: Unknown."""
    rows = transaction.run(_SQL["har"], {"organisation": scope.organisation, "session": number})
    if not rows or scope.person:
        raise Unknown("HAR of visit", number)
    return str(rows[0][0])


def newest_date(transaction: Transaction, scope: Scope) -> Instant | None:
    """The date of the newest visit, where there is one."""
    rows = transaction.run(_SQL["newest_visit"], {"organisation": scope.organisation})
    return rows[0][0] if rows and not scope.person else None


def _statement(transaction: Transaction, query: VisitQuery) -> tuple[str, Mapping[str, Any]]:
    """The statement that reads a page: led by the rarest filter, cut inside, so that no more is read than is told."""
    parameters: dict[str, Any] = {
        "organisation": query.scope.organisation,
        "first": EARLIEST if query.first is None else query.first,
        "last": LATEST if query.last is None else query.last,
        "limit": query.limit + 1,
    }
    terms = [
        list(dict.fromkeys([facet_term(facet, value) for value in values])) for facet, values in query.filters.items()
    ]
    terms.sort(key=lambda some: sum(rarity(transaction, query.scope, term) for term in some))
    keyset, sense, beyond = "", *_SENSES[query.order]
    if query.after is not None:
        keyset = f"AND (started_at, {{id}}) {beyond} (:after_at, :after_id)"
        parameters.update(after_at=query.after.at, after_id=query.after.id)
        # Of two bounds on one side an engine may take the wider, and pass over what was told already.
        nearer, bound = (max, "first") if query.order is Order.OLDEST else (min, "last")
        parameters[bound] = nearer(parameters[bound], query.after.at)
    if terms:
        others = "".join([_among(i, some, parameters) for i, some in enumerate(terms[1:])])
        end = f"ORDER BY started_at {sense}, session {sense} LIMIT :limit"
        source = _arms(terms[0], keyset.format(id="session") + others, end, parameters)
    else:
        source = f"""SELECT organisation, started_at, id AS session FROM session
WHERE organisation = :organisation AND kind = 'visit' AND started_at >= :first AND started_at <= :last
    {keyset.format(id="id")}"""
    text = f"""SELECT {_COLUMNS}
FROM ({source} ORDER BY started_at {sense}, session {sense} LIMIT :limit) AS found
{_JOINS}
ORDER BY s.started_at {sense}, s.id {sense}"""
    return text, parameters


def _arms(terms: Sequence[str], conditions: str, end: str, parameters: dict[str, Any]) -> str:
    """One range of the index for each term, each cut by itself: else PostgreSQL may read them to their ends first."""
    arms = []
    for i, term in enumerate(terms):
        parameters[f"lead_{i}"] = term
        arms.append(
            f"SELECT organisation, started_at, session FROM term AS lead WHERE organisation = :organisation"
            f" AND term = :lead_{i} AND started_at >= :first AND started_at <= :last {conditions}"
        )
    if len(arms) == 1:
        return arms[0]
    return " UNION ALL ".join([f"SELECT * FROM ({arm} {end}) AS arm_{i}" for i, arm in enumerate(arms)])


def _among(i: int, terms: Sequence[str], parameters: dict[str, Any]) -> str:
    names = []
    for j, term in enumerate(terms):
        parameters[f"other_{i}_{j}"] = term
        names.append(f":other_{i}_{j}")
    return f""" AND EXISTS (SELECT 1 FROM term AS t{i} WHERE t{i}.organisation = :organisation
    AND t{i}.term IN ({", ".join(names)}) AND t{i}.started_at = lead.started_at AND t{i}.session = lead.session)"""


def _visits(transaction: Transaction, rows: Sequence[Row], whole: bool) -> tuple[VisitKept, ...]:
    reports: dict[int, tuple[str | None, str]] = {}
    if whole:
        keys = [(row[0], row[1]) for row in rows]
        found = transaction.each(_SQL["reports"], keys)
        reports = {session: (coordinates, document) for _, session, coordinates, document in found}
    return tuple([_visit(row, reports.get(row[1])) for row in rows])


def _visit(row: Row, report: tuple[str | None, str] | None) -> VisitKept:
    (organisation, number, agent_id, date, committed, address, org_name, visited_site, protocol, port,
     number_of_pages, score, has_har) = row  # fmt: skip
    coordinates, document = report or (None, None)
    place = None if coordinates is None else msgspec.json.decode(coordinates, type=Coordinates)
    return VisitKept(
        organisation=organisation,
        id=number,
        agent_id=agent_id,
        date=date,
        committed=committed,
        source=Source(address=address, org_name=org_name, coordinates=place),
        visited_site=visited_site,
        protocol=protocol,
        port=port,
        number_of_pages=number_of_pages,
        experience_score=score,
        has_har=bool(has_har),
        visit=None if document is None else msgspec.json.decode(document, type=Visit),
    )

"""What lists of visits are asked for, and what their cursors belong to."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, structs
from starlette.requests import Request

from sojourn.api.native_v1.search import Asked, Cursor, Limit, Query, Question
from sojourn.api.native_v1.visit_wire import VisitTold, visit_told
from sojourn.api.native_v1.wire import Name, Told
from sojourn.core.access import Scope
from sojourn.core.errors import Invalid
from sojourn.core.model import Instant
from sojourn.core.query import Order
from sojourn.core.visit import MOST_VALUES, Facet, VisitPage, VisitQuery
from sojourn.web.times import parse
from sojourn.web.wire import BadParameter, convert

Values = Annotated[
    list[Name],
    Meta(min_length=1, max_length=MOST_VALUES, description="given several times, one of them must hold"),
]


class VisitsQuery(Query, kw_only=True):
    """Which visits: everything given must hold. `from` and `to` are dates of visits, and inclusive."""

    first: Asked | UnsetType = msgspec.field(name="from", default=UNSET)
    last: Asked | UnsetType = msgspec.field(name="to", default=UNSET)
    location: Values | UnsetType = UNSET
    connection: Values | UnsetType = UNSET
    trigger: Values | UnsetType = UNSET
    platform: Values | UnsetType = UNSET
    gateway: Values | UnsetType = UNSET
    proxy_target: Values | UnsetType = UNSET
    vpn_target: Values | UnsetType = UNSET
    agent_id: Values | UnsetType = UNSET
    network_id: Values | UnsetType = UNSET
    ssid: Values | UnsetType = UNSET
    bssid: Values | UnsetType = UNSET
    domain: Values | UnsetType = UNSET
    visited_site: Values | UnsetType = UNSET
    destination_ip: Values | UnsetType = UNSET
    include: Annotated[Literal["report"], Meta(description="tell each visit whole")] | UnsetType = UNSET
    order: Literal["newest", "oldest"] = "newest"
    limit: Limit = 100
    cursor: Cursor | UnsetType = UNSET

    def filters(self) -> dict[Facet, tuple[str, ...]]:
        """In core words."""
        given = {Facet(spelled): getattr(self, name) for name, spelled in _FACETS.items()}
        return {facet: tuple(values) for facet, values in given.items() if values is not UNSET}


_SPELLED = {field.encode_name: field.name for field in structs.fields(VisitsQuery)}
_FACETS = {name: spelled for spelled, name in _SPELLED.items() if spelled in set(Facet)}


class VisitList(Told):
    """A page of visits. `next` is the cursor of the next page, and absent on the last."""

    items: list[VisitTold]
    next: str | UnsetType = UNSET


def asked(request: Request) -> VisitsQuery:
    """The parameters. A filter may be given several times, anything else once. Raises: Invalid, BadParameter."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name not in _SPELLED:
            raise BadParameter(name, "is not a parameter of this request")
        if name in set(Facet):
            given.setdefault(name, []).append(value)
        elif name in given:
            raise BadParameter(name, "must not be given twice")
        else:
            given[name] = value
    return convert(given, VisitsQuery)


def visit_query(scope: Scope, wanted: VisitsQuery) -> tuple[VisitQuery, Question]:
    """What the journal is asked, and what the cursors belong to. Raises: Invalid."""
    first, last = _instant("from", wanted.first), _instant("to", wanted.last, end_of_day=True)
    if first is not None and last is not None and last < first:
        raise Invalid("to", "must not be before from")
    filters = wanted.filters()
    which = {"from": first, "to": last, **{facet.value: sorted(values) for facet, values in filters.items()}}
    question = Question("visits", scope, which, wanted.order)
    query = VisitQuery(
        scope=scope,
        first=first,
        last=last,
        filters=filters,
        order=Order(wanted.order),
        after=question.place(wanted.cursor),
        limit=wanted.limit,
        whole=wanted.include is not UNSET,
    )
    return query, question


def visit_list(question: Question, page: VisitPage) -> VisitList:
    """A page of visits in the dialect's words."""
    return VisitList(items=[visit_told(kept) for kept in page.visits], next=question.next(page.next))


def _instant(field: str, text: str | UnsetType, *, end_of_day: bool = False) -> Instant | None:
    return None if text is UNSET else parse(field, text, end_of_day=end_of_day)

"""The operations of the dialect, by the paths that the vendor gave them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.endpoint_v6 import har, pages, ranges, telling, wire
from sojourn.api.endpoint_v6.formats import chosen, spelled
from sojourn.api.endpoint_v6.xml import schema
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.errors import Invalid, Unauthenticated, Unknown
from sojourn.core.visit import MOST_VALUES, Facet, VisitKept
from sojourn.web.backend import Backend
from sojourn.web.limits import Limits, Standing, TooMany
from sojourn.web.wire import decode, expect_json, read_body

TAG = "endpoint_v6"
SESSIONS = "/v6/endpoint-data/user-sessions"
SESSION = f"{SESSIONS}/{{id}}"
XSD = "/v6/endpoint-data/schema.xsd"

ROOTS: dict[str, type] = {
    "userSessions": wire.UserSessions,
    "userSession": wire.UserSessionDocument,
    "webSessions": wire.WebSessions,
    "networkSessions": wire.NetworkSessions,
    "endpointAgents": wire.EndpointAgents,
    "endpointAgent": wire.EndpointAgentDocument,
    "har": wire.HarDocument,
    "accountGroups": wire.AccountGroups,
    "status": wire.Status,
    "error": wire.Problem,
}
"""The root elements of XML answers: named after what the document holds (our decision)."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list: its root, the struct of its document, that struct's field for the rows, and what a visit expands to."""

    root: str
    document: Callable[..., Any]
    field: str
    expand: Callable[[VisitKept, str], Sequence[Any]]
    whole: bool


USER_SESSIONS = Listing(
    root="userSessions",
    document=wire.UserSessions,
    field="user_sessions",
    expand=lambda kept, origin: [telling.user_session(kept, origin)],
    whole=False,
)
WEB_SESSIONS = Listing(
    root="webSessions",
    document=wire.WebSessions,
    field="web_sessions",
    expand=lambda kept, _: [
        telling.web_session(kept, page) for page in reversed(kept.visit.pages if kept.visit else ())
    ],
    whole=True,
)
NETWORK_SESSIONS = Listing(
    root="networkSessions",
    document=wire.NetworkSessions,
    field="network_sessions",
    expand=lambda kept, _: [telling.network_session(kept)],
    whole=True,
)


class EndpointData:
    """The family `/v6`: the resource "Endpoint Sessions"."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._schema = schema(ROOTS)

    def listing(self, listing: Listing) -> Callable[[Request], Any]:
        """A list by ranges, pages and filters."""

        async def handle(request: Request) -> Response:
            caller = await self._enter(request)
            format_ = chosen(request)
            filters = await _filters(request)
            asked = ranges.read_range(request.query_params, self._backend.clock())
            mark = ranges.read_mark(request.query_params)
            number = ranges.read_page_number(request.query_params)
            origin = self._origin(request)
            journal = self._backend.journal

            def read() -> tuple[pages.Wanted, pages.Listed[Any]] | None:
                range_ = asked
                if range_ is None:
                    newest = journal.newest_visit(caller.scope)
                    if newest is None:
                        pages.expect_first(number)
                        return None
                    range_ = ranges.last_round(newest)
                wanted = pages.Wanted(
                    scope=caller.scope,
                    range=range_,
                    filters=filters,
                    mark=mark or ranges.Mark(current=number),
                    skipped=0 if mark else (number - 1) * pages.PAGE,
                )
                if not all(filters.values()):  # two filters that no value meets
                    return wanted, pages.Listed(rows=[], next=None)
                return wanted, pages.read(
                    journal, wanted, lambda kept: listing.expand(kept, origin), whole=listing.whole
                )

            return spelled(format_, listing.root, _document(request, listing, await self._backend.read(caller, read)))

        return handle

    async def details(self, request: Request) -> Response:
        """One visit with everything that was measured."""
        caller = await self._enter(request)
        format_ = chosen(request)
        kept = await self._backend.read(caller, self._backend.journal.visit, caller.scope, request.path_params["id"])
        told = telling.user_session_details(kept, self._origin(request))
        return spelled(format_, "userSession", wire.UserSessionDocument(user_sessions=[told]))

    async def page(self, request: Request) -> Response:
        """HAR 1.2 of one page of a visit."""
        caller = await self._enter(request)
        format_ = chosen(request)
        name, page = request.path_params["id"], request.path_params["pageId"]
        document = await self._backend.read(caller, self._backend.journal.har, caller.scope, name)
        return spelled(format_, "har", wire.HarDocument(har=har.of_page(document, page)))

    async def agents(self, request: Request) -> Response:
        """The machines that visits are measured on."""
        caller = await self._enter(request)
        format_ = chosen(request)
        after, current = ranges.read_last_agent(request.query_params)
        page = await self._backend.read(caller, self._backend.journal.agents, caller.scope, after=after)
        following = None if page.next is None else f"{page.next}.{current + 1}"
        document = wire.EndpointAgents(
            endpoint_agents=[telling.endpoint_agent(agent) for agent in page.agents],
            pages=wire.Pages(current=current, next=following and pages.link(request, {"lastAgent": following})),
        )
        return spelled(format_, "endpointAgents", document)

    async def agent(self, request: Request) -> Response:
        """One of them."""
        caller = await self._enter(request)
        format_ = chosen(request)
        found = await self._backend.read(caller, self._backend.journal.agent, caller.scope, request.path_params["id"])
        document = wire.EndpointAgentDocument(endpoint_agents=[telling.endpoint_agent(found)])
        return spelled(format_, "endpointAgent", document)

    async def account_groups(self, request: Request) -> Response:
        """The organisations that the caller belongs to."""
        caller = await self._enter(request)
        format_ = chosen(request)
        organisations = await self._backend.read(caller, self._backend.registry.organisations)
        names = {organisation.id: organisation.name for organisation in organisations}
        groups = [telling.account_group(m, names[m.organisation], caller) for m in caller.memberships]
        return spelled(format_, "accountGroups", wire.AccountGroups(account_groups=groups))

    async def status(self, request: Request) -> Response:
        """The server's time. Needs no credentials and is not counted."""
        return spelled(chosen(request), "status", wire.Status(timestamp=self._backend.clock() // 1000))

    async def xsd(self, _request: Request) -> Response:
        """The schema of the XML answers. Needs no credentials and is not counted."""
        return Response(self._schema, media_type="application/xml")

    async def _enter(self, request: Request) -> Caller:
        """The caller in the account group of `aid`, counted, with the limit's headers on whatever is answered."""
        address = request.client.host if request.client else ""
        await self._limits.check_address(address)
        aid = _aid(request)
        try:
            caller = await self._backend.gate.enter(request, Resource.ENDPOINT_SESSIONS, Level.READ, aid)
        except Unauthenticated:
            await self._limits.count_failure(address)
            raise
        except Unknown as error:
            raise Invalid("aid", "must be an account group that you belong to") from error
        served, standing = await self._limits.count(caller.organisation.id, caller.organisation.rate_limit)
        _tell(request, standing)
        if not served:
            raise TooMany(self._limits.until_reset(), "The organisation's requests of this minute are used up")
        return caller

    def _origin(self, request: Request) -> str:
        return self._backend.public_url or pages.origin(request)


def _document(request: Request, listing: Listing, found: tuple[pages.Wanted, pages.Listed[Any]] | None) -> Any:
    if found is None:
        return listing.document(**{listing.field: []}, pages=wire.Pages(current=1))
    wanted, listed = found
    range_ = wanted.range
    return listing.document(
        **{listing.field: listed.rows},
        pages=pages.told(request, wanted, listed.next),
        from_=telling.spelled(range_.first) if range_.told else None,
        to=telling.spelled(range_.last) if range_.told else None,
    )


def _tell(request: Request, standing: Standing) -> None:
    request.scope["state"]["answer_headers"] += [
        (b"x-organization-rate-limit-limit", str(standing.limit).encode()),
        (b"x-organization-rate-limit-remaining", str(standing.remaining).encode()),
        (b"x-organization-rate-limit-reset", str(standing.reset).encode()),
    ]


def _aid(request: Request) -> int | None:
    text = request.query_params.get("aid", "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Invalid("aid", "must be the number of an account group")
    return int(text)


async def _filters(request: Request) -> Mapping[Facet, tuple[str, ...]]:
    """The filters of a POST: all must hold, so that of two with one key only the values of both are left."""
    if request.method != "POST":
        return {}
    body = await read_body(request)
    if not body.strip():
        return {}
    expect_json(request)
    filters: dict[Facet, tuple[str, ...]] = {}
    for i, wanted in enumerate(decode(body, wire.FilterBody).search_filters):
        try:
            facet = Facet(wanted.key)
        except ValueError as error:
            raise Invalid(f"searchFilters[{i}].key", f"is not a filter: {wanted.key[:100]}") from error
        if not 1 <= len(wanted.values) <= MOST_VALUES:
            raise Invalid(f"searchFilters[{i}].values", f"must hold 1 to {MOST_VALUES} values")
        known = filters.get(facet)
        filters[facet] = tuple([value for value in wanted.values if known is None or value in known])
    return filters

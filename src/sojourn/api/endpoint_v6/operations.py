"""The operations of this dialect, as the router and the documents read them."""

from sojourn.api.endpoint_v6 import examples, routes, wire
from sojourn.api.endpoint_v6.errors import spell
from sojourn.web.backend import Backend
from sojourn.web.limits import Limits
from sojourn.web.openapi import Chapter
from sojourn.web.operation import Operation


def chapter(backend: Backend, limits: Limits) -> Chapter:
    """All operations of the dialect."""
    data = routes.EndpointData(backend, limits)
    lists = [
        (
            "user-sessions",
            routes.SESSIONS,
            "Endpoint user sessions",
            routes.USER_SESSIONS,
            wire.UserSessions,
            examples.LISTED,
        ),
        ("web-sessions", f"{routes.SESSIONS}/web", "Their pages", routes.WEB_SESSIONS, wire.WebSessions, examples.WEB),
        (
            "network-sessions",
            f"{routes.SESSIONS}/network",
            "Their network",
            routes.NETWORK_SESSIONS,
            wire.NetworkSessions,
            examples.NETWORK,
        ),
    ]
    operations = [
        *[
            Operation(
                id=f"{verb}-{name}",
                method=method,
                path=path,
                summary=f"{summary} of a time range{', filtered' if method == 'POST' else ''}",
                handle=data.listing(listing),
                tag=routes.TAG,
                query=wire.ListQuery,
                body=wire.FilterBody if method == "POST" else None,
                body_required=False,
                answer=answer,
                faults=(406, 429),
                example={listing.root: [example], "pages": examples.PAGES},
                example_body=examples.FILTERS if method == "POST" else None,
            )
            for name, path, summary, listing, answer, example in lists
            for verb, method in (("list", "GET"), ("filter", "POST"))
        ],
        Operation(
            id="get-user-session",
            method="GET",
            path=routes.SESSION,
            summary="One endpoint user session with everything that was measured",
            handle=data.details,
            tag=routes.TAG,
            query=wire.FormatQuery,
            answer=wire.UserSessionDocument,
            faults=(404, 406, 429),
            example={"userSessions": [examples.DETAILS]},
        ),
        Operation(
            id="get-user-session-page",
            method="GET",
            path=f"{routes.SESSION}/page/{{pageId}}",
            summary="HAR 1.2 of one page",
            handle=data.page,
            tag=routes.TAG,
            query=wire.FormatQuery,
            answer=wire.HarDocument,
            faults=(404, 406, 429),
            example={"har": examples.HAR},
        ),
        Operation(
            id="list-endpoint-agents",
            method="GET",
            path="/v6/endpoint-agents",
            summary="The machines that visits are measured on",
            handle=data.agents,
            tag=routes.TAG,
            query=wire.AgentsQuery,
            answer=wire.EndpointAgents,
            faults=(406, 429),
            example={"endpointAgents": [examples.AGENT], "pages": examples.PAGES},
        ),
        Operation(
            id="get-endpoint-agent",
            method="GET",
            path="/v6/endpoint-agents/{id}",
            summary="One of them",
            handle=data.agent,
            tag=routes.TAG,
            query=wire.FormatQuery,
            answer=wire.EndpointAgentDocument,
            faults=(404, 406, 429),
            example={"endpointAgents": [examples.AGENT]},
        ),
        Operation(
            id="list-account-groups",
            method="GET",
            path="/v6/account-groups",
            summary="The organisations that the caller belongs to",
            handle=data.account_groups,
            tag=routes.TAG,
            query=wire.FormatQuery,
            answer=wire.AccountGroups,
            faults=(406, 429),
            example={"accountGroups": [{"accountGroupName": "Default", "aid": 1, "current": 1, "default": 1}]},
        ),
        Operation(
            id="get-status",
            method="GET",
            path="/v6/status",
            summary="The server's time",
            handle=data.status,
            tag=routes.TAG,
            answer=wire.Status,
            example={"timestamp": 1490529480000},
            public=True,
        ),
        Operation(
            id="get-xml-schema",
            method="GET",
            path=routes.XSD,
            summary="The schema of the XML answers",
            handle=data.xsd,
            tag=routes.TAG,
            media_type="application/xml",
            public=True,
        ),
    ]
    return Chapter(
        tag=routes.TAG,
        text="What a browsing session was like: pages, ping, traceroute, system metrics; as JSON and as XML.",
        operations=operations,
        spell=spell,
        problem=wire.Problem,
        spelled_also=["application/xml"],
    )

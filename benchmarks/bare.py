"""The barer ceiling: what anybody would write first. Starlette, the same structs, the same JSON, and nothing else.

No credentials, no log line, no metrics, no request id, no check but msgspec's, one error page for all.
"""

import time
from itertools import cycle

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.population import FIRST_PERSON, ORGANISATION, Population
from benchmarks.traffic import SESSIONS
from sojourn.api.activity_v2.telling import retrieve_answer
from sojourn.api.activity_v2.wire import ActivityTold, RecordAnswer, RecordBody, RetrieveQuery
from sojourn.app import services
from sojourn.config import Settings
from sojourn.core.access import Scope
from sojourn.core.query import SessionFilter, SessionQuery
from sojourn.web.times import to_seconds

_DECODE = msgspec.json.Decoder(RecordBody)
_ENCODE = msgspec.json.Encoder()


async def record(request: Request) -> Response:
    """Tell what was handed in, with a time."""
    body = _DECODE.decode(await request.body())
    int(request.path_params["sessionId"])
    at = to_seconds(time.time_ns() // 1000)
    told = [
        ActivityTold(entity_id=a.entity_id, entity_type=a.entity_type, name=a.name, added_on=at, note=a.note or "")
        for a in body.activities
    ]
    return _json(RecordAnswer(activities=told, auto_update_time=at))


async def healthy(_request: Request) -> Response:
    """Whether it runs."""
    return _json({"status": "ok"})


def _json(told: object) -> Response:
    return Response(_ENCODE.encode(told), media_type="application/json")


def bare(settings: Settings, population: Population) -> Starlette:
    """The app; the pages that it tells are read once from the database of the settings, which is settled already."""
    core = services(settings)
    answers = []
    for person in range(FIRST_PERSON, FIRST_PERSON + population.people):
        query = SessionQuery(
            scope=Scope(ORGANISATION), filter=SessionFilter(person=person), activities=True, total=True
        )
        answers.append(retrieve_answer(query, core.journal.page(query)))
    core.close()
    pages = cycle(answers)

    async def retrieve(request: Request) -> Response:
        msgspec.convert(dict(request.query_params), RetrieveQuery, strict=False)
        return _json(next(pages))

    return Starlette(
        routes=[
            Route(SESSIONS, retrieve),
            Route(SESSIONS + "/{sessionId}/activities", record, methods=["POST"]),
            Route("/healthz", healthy),
        ]
    )

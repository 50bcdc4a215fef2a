"""Export: everything that a search finds, streamed. Read in chunks, so that memory stays flat and nobody waits."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, rows, search
from sojourn.core.access import Level, Scope
from sojourn.core.journal import Journal
from sojourn.core.model import Activity, Session
from sojourn.core.query import Order, SessionFilter, SessionQuery
from sojourn.web.backend import Backend
from sojourn.web.headers import header
from sojourn.web.operation import Also, Operation
from sojourn.web.stream import streamed
from sojourn.web.wire import NotAcceptable

NDJSON = "application/x-ndjson"
CSV = "text/csv"

CHUNK = 200
"""How many sessions are read at a time,"""

LISTED = 100
"""each with as many of its activities; the others are read after them."""

_FORMATS = {
    CSV: "csv",
    NDJSON: "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/json": "ndjson",
    "application/*": "ndjson",
    "*/*": "ndjson",
    "text/*": "csv",
}


class ExportQuery(search.FindQuery, kw_only=True):
    """Which sessions, and how they are told. Without `format`, `Accept` decides."""

    format: Literal["ndjson", "csv"] | UnsetType = UNSET
    rows: Annotated[
        Literal["sessions", "activities"],
        Meta(description="whole sessions; or, flat, their activities that fit entityType, entityId and name"),
    ] = "sessions"


class Exports:
    """Everything that a search finds."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def tell(self, request: Request) -> Response:
        """Export what a search finds."""
        wanted = search.parameters(request, ExportQuery)
        caller = await self._backend.gate.enter(request, wanted.resource, Level.READ)
        spelled = _format(request, wanted)
        export = Export(self._backend.journal, caller.scope, wanted.found(), Order(wanted.order))
        chunks = export.chunks(wanted.rows, spelled)
        headers = {"Content-Disposition": f'attachment; filename="{wanted.rows}.{spelled}"'}
        media_type = NDJSON if spelled == "ndjson" else f"{CSV}; header=present"
        return await streamed(self._backend, caller, request, chunks, media_type, headers)


def _format(request: Request, wanted: ExportQuery) -> str:
    """How it is to be spelled. Raises: NotAcceptable."""
    if wanted.format is not UNSET:
        return wanted.format
    for told in (header(request, "accept") or "*/*").lower().split(","):
        if spelled := _FORMATS.get(told.partition(";")[0].strip()):
            return spelled
    raise NotAcceptable(f"{NDJSON} or {CSV}")


class Export:
    """What is told, chunk by chunk. No transaction outlives one."""

    def __init__(self, journal: Journal, scope: Scope, which: SessionFilter, order: Order) -> None:
        self._journal = journal
        self._scope = scope
        self._filter = which
        self._order = order

    def chunks(self, what: str, spelled: str) -> Iterator[bytes]:
        """All of it."""
        match what, spelled:
            case "sessions", "csv":
                return chain([rows.csv_text([rows.SESSION_COLUMNS])], self._session_rows())
            case "activities", "csv":
                return chain([rows.csv_text([rows.ACTIVITY_COLUMNS])], self._activity_rows())
            case "activities", _:
                return self._activity_lines()
            case _:
                return self._session_lines()

    def _sessions(self, *, activities: bool) -> Iterator[tuple[Session, ...]]:
        query = SessionQuery(
            scope=self._scope,
            filter=self._filter,
            order=self._order,
            limit=CHUNK,
            activities=activities,
            listed=LISTED,
        )
        return self._journal.sessions(query)

    def _session_lines(self) -> Iterator[bytes]:
        for sessions in self._sessions(activities=True):
            told: list[bytes] = []
            for session in sessions:
                if session.activity_count <= LISTED:
                    told += rows.session_line(session, [session.activities])
                else:
                    yield from filter(None, [b"".join(told)])
                    told.clear()
                    yield from rows.session_line(session, self._parts(session))
            yield from filter(None, [b"".join(told)])

    def _session_rows(self) -> Iterator[bytes]:
        for sessions in self._sessions(activities=False):
            yield rows.csv_text([rows.session_row(session) for session in sessions])

    def _activity_lines(self) -> Iterator[bytes]:
        for some in self._done():
            yield b"".join([rows.activity_lines(session, activities) for session, activities in some])

    def _activity_rows(self) -> Iterator[bytes]:
        for some in self._done():
            yield rows.csv_text(row for session, activities in some for row in rows.activity_rows(session, activities))

    def _done(self) -> Iterator[list[tuple[Session, list[Activity]]]]:
        """What was done, as far as the search asks for it, some at a time."""
        for sessions in self._sessions(activities=True):
            usual = [(session, self._asked(session.activities)) for session in sessions]
            found = [(session, activities) for session, activities in usual if activities]
            if found:
                yield found
            for session in sessions:
                for part in self._journal.rest(self._scope, session):
                    if asked := self._asked(part):
                        yield [(session, asked)]

    def _parts(self, session: Session) -> Iterator[Sequence[Activity]]:
        return chain([session.activities], self._journal.rest(self._scope, session))

    def _asked(self, activities: Sequence[Activity]) -> list[Activity]:
        f = self._filter
        return [
            a
            for a in activities
            if f.entity_type in (None, a.entity_type)
            and f.entity_id in (None, a.entity_id)
            and f.name in (None, a.name)
        ]


class Telling:
    """The same for other doors, such as the console's: what is told there, an import takes too."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def all_of(self, scope: Scope, which: SessionFilter, order: Order, what: str, spelled: str) -> Iterator[bytes]:
        """All that a filter finds: `sessions` or `activities`, as `csv` or `ndjson`."""
        return Export(self._journal, scope, which, order).chunks(what, spelled)

    def one(self, scope: Scope, session: Session) -> Iterator[bytes]:
        """One session with everything in it, as JSON."""
        return rows.session_line(session, chain([session.activities], self._journal.rest(scope, session)))


def operations(backend: Backend) -> Sequence[Operation]:
    """Export."""
    return [
        Operation(
            id="export-sessions",
            method="GET",
            path="/api/v1/export",
            summary="Everything that a search finds, streamed",
            handle=Exports(backend).tell,
            tag="native_v1",
            query=ExportQuery,
            answer=rows.SessionLine,
            example=examples.EXPORTED,
            media_type=NDJSON,
            also=(Also(status=200, answer=str, media_type=CSV),),
            faults=(406,),
            description=(
                "NDJSON or CSV, gzip where it is accepted. The lines of whole sessions are what `POST /api/v1/import`"
                " takes. An answer that was cut short does not end as HTTP says it must."
            ),
        ),
    ]

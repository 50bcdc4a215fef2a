"""Days: how many sessions began on each, for calendars and histograms."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import examples, search
from sojourn.api.native_v1.sessions import TAG
from sojourn.api.native_v1.wire import Told
from sojourn.core.access import Level, Scope
from sojourn.core.query import SessionFilter
from sojourn.core.registry import zone
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.wire import answer


class DaysQuery(search.FindQuery, kw_only=True):
    """Which sessions, and on whose calendar their days are told."""

    time_zone: (
        Annotated[
            str,
            Meta(min_length=1, max_length=64, description="the organisation's if not told", examples=["Europe/Berlin"]),
        ]
        | UnsetType
    ) = UNSET


class DayTold(Told):
    """A day, and how many of the sessions began on it."""

    day: Annotated[str, Meta(description="`YYYY-MM-DD`")]
    sessions: int


class DayList(Told):
    """The days on which sessions began, oldest first; those without any are left out."""

    items: list[DayTold]
    time_zone: str
    total: int


class Days:
    """Counts by day."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def list(self, request: Request) -> Response:
        """How many of the sessions began on each day."""
        wanted = search.parameters(request, DaysQuery)
        caller = await self._backend.gate.enter(request, wanted.resource, Level.READ)
        which = wanted.found()
        told = await self._backend.read(caller, self._days, caller.scope, which, wanted.time_zone)
        return answer(told)

    def _days(self, scope: Scope, which: SessionFilter, name: str | UnsetType) -> DayList:
        told = (
            self._backend.registry.organisation(scope.organisation).time_zone if isinstance(name, UnsetType) else name
        )
        days = self._backend.journal.days(scope, which, zone(told))
        return DayList(
            items=[DayTold(day=day.isoformat(), sessions=sessions) for day, sessions in days],
            time_zone=told,
            total=sum(sessions for _, sessions in days),
        )


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on days."""
    return [
        Operation(
            id="count-sessions-by-day",
            method="GET",
            path="/api/v1/sessions/days",
            summary="How many sessions began on each day",
            handle=Days(backend).list,
            tag=TAG,
            query=DaysQuery,
            answer=DayList,
            example=examples.DAYS,
        ),
    ]

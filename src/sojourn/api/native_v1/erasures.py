"""Erasure of a person or an entity: a job, and the receipt that it leaves."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.core.access import Caller, Level, Resource
from sojourn.core.erasure import EntityErased, Erasure, Subject
from sojourn.core.errors import Invalid, Missing, Unknown
from sojourn.core.model import INT32, PersonDraft
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

ERASURES = "/api/v1/erasures"
ERASURE = "/api/v1/erasures/{id}"

_AT = "2026-11-20T15:04:05.123456Z"
EXAMPLE_BODY = {"login": "anna", "why": "Asked for by letter of 2026-11-18"}
EXAMPLE = {
    "id": 1,
    "noun": "person",
    "state": "done",
    "why": EXAMPLE_BODY["why"],
    "askedBy": "nina@example.org",
    "askedAt": _AT,
    "begunAt": _AT,
    "endedAt": _AT,
    "subjectDigest": "5f3c…",
    "salt": "9a1b…",
    "sessionsDigest": "77d0…",
    "deleted": {
        "sessions": 12,
        "narrowed": 0,
        "activities": 340,
        "remarks": 4,
        "terms": 610,
        "keys": 0,
        "people": 1,
        "memberships": 1,
    },
    "left": {"held": [], "mentioned": [77], "visits": [], "more": False},
    "scrubbed": True,
}


class EntityBody(wire.Heard):
    """What was touched."""

    type: wire.Name
    id: wire.Name


class ErasureBody(wire.Heard):
    """Who, by `login` or `userId`, or which `entity`; and why."""

    why: wire.Note
    login: wire.Name | UnsetType = UNSET
    user_id: wire.Number | UnsetType = UNSET
    entity: EntityBody | UnsetType = UNSET

    def person(self) -> PersonDraft | None:
        """Who is meant, if somebody is. Raises: Invalid, Missing."""
        given = [name for name in ("login", "user_id", "entity") if getattr(self, name) is not UNSET]
        if not given:
            raise Missing("login")
        if len(given) > 1:
            raise Invalid(given[1], f"must not stand beside {given[0]}")
        if self.entity is not UNSET:
            return None
        return PersonDraft(id=self.user_id or None, login=self.login or None)


class CountsTold(wire.Told):
    """How many rows are gone. `narrowed` are sessions that stayed, with less in them."""

    sessions: int
    narrowed: int
    activities: int
    remarks: int
    terms: int
    keys: int
    people: int
    memberships: int


class LeftTold(wire.Told):
    """Sessions that are still there: on hold, still speaking of it in a text, or measured visits that touched it."""

    held: list[int]
    mentioned: list[int]
    visits: list[int]
    more: bool


class ErasureTold(wire.Told):
    """A job, and its receipt when it is done: nothing of what was erased is in it."""

    id: int
    noun: str
    state: str
    why: str
    asked_by: str
    asked_at: wire.Time
    subject_digest: str
    salt: str
    sessions_digest: str
    deleted: CountsTold
    left: LeftTold
    scrubbed: bool
    begun_at: wire.Time | UnsetType = UNSET
    ended_at: wire.Time | UnsetType = UNSET


class ErasureList(wire.Told):
    """All of them, newest first."""

    items: list[ErasureTold]


class Erasures:
    """The resource "Administration": what is to be erased, and what was."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def ask(self, request: Request) -> Response:
        """Ask for an erasure."""
        caller = await administrator(self._backend, request, Level.WRITE)
        caller.require(Resource.ACTIVITY_SESSIONS, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), ErasureBody)
        job = await self._backend.read(caller, self._asked, caller, wanted)
        return answer(erasure_told(job), 202, {"Location": f"{ERASURES}/{job.id}"})

    def _asked(self, caller: Caller, wanted: ErasureBody) -> Erasure:
        organisation, person = caller.scope.organisation, wanted.person()
        subject: Subject
        if person is not None:
            subject = self._backend.custodian.person(organisation, person)
        else:
            assert wanted.entity is not UNSET
            subject = EntityErased(type=wanted.entity.type, id=wanted.entity.id)
        return self._backend.custodian.erase(organisation, subject, why=wanted.why, by=caller.email)

    async def list(self, request: Request) -> Response:
        """All jobs."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        jobs = await self._backend.read(caller, self._backend.custodian.erasures, caller.scope.organisation)
        return answer(ErasureList(items=[erasure_told(job) for job in jobs]))

    async def get(self, request: Request) -> Response:
        """One job."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        text = request.path_params["id"]
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(INT32))):
            raise Unknown("erasure", text)
        organisation = caller.scope.organisation
        return answer(
            erasure_told(await self._backend.read(caller, self._backend.custodian.erasure, organisation, int(text)))
        )


def erasure_told(job: Erasure) -> ErasureTold:
    """A job in the dialect's words."""
    deleted, left = job.deleted, job.left
    return ErasureTold(
        id=job.id,
        noun=job.noun,
        state=job.state.value,
        why=job.why,
        asked_by=job.asked_by,
        asked_at=to_microseconds(job.asked_at),
        begun_at=UNSET if job.begun_at is None else to_microseconds(job.begun_at),
        ended_at=UNSET if job.ended_at is None else to_microseconds(job.ended_at),
        subject_digest=job.subject_digest,
        salt=job.salt,
        sessions_digest=job.digest,
        deleted=CountsTold(
            sessions=deleted.sessions,
            narrowed=deleted.narrowed,
            activities=deleted.activities,
            remarks=deleted.remarks,
            terms=deleted.terms,
            keys=deleted.keys,
            people=deleted.people,
            memberships=deleted.memberships,
        ),
        left=LeftTold(held=list(left.held), mentioned=list(left.mentioned), visits=list(left.visits), more=left.more),
        scrubbed=job.scrubbed,
    )


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations on erasures."""
    erasures = Erasures(backend)
    return [
        Operation(
            id="erase",
            method="POST",
            path=ERASURES,
            summary="Erase a person with all sessions, or everything that was done to an entity",
            description="Needs Write on Activity Sessions too. The job is done by and by; what is on legal hold is"
            " left, and named in the receipt. The same asked for again before it is done is one job.",
            handle=erasures.ask,
            tag=TAG,
            body=ErasureBody,
            answer=ErasureTold,
            status=202,
            faults=(404, 413, 415),
            example_body=EXAMPLE_BODY,
            example=EXAMPLE,
            headers={"Location": "where the job is"},
        ),
        Operation(
            id="list-erasures",
            method="GET",
            path=ERASURES,
            summary="What is to be erased, and what was, newest first",
            handle=erasures.list,
            tag=TAG,
            answer=ErasureList,
            example={"items": [EXAMPLE]},
        ),
        Operation(
            id="get-erasure",
            method="GET",
            path=ERASURE,
            summary="How far an erasure is, and its receipt",
            handle=erasures.get,
            tag=TAG,
            answer=ErasureTold,
            faults=(404,),
            example=EXAMPLE,
        ),
    ]

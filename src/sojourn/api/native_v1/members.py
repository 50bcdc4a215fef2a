"""Members: who belongs to an organisation, and what each may do there."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import administration_examples as examples
from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.access_groups import AccessTold, access_told
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.core.access import Level, Membership, Scope
from sojourn.core.administration import Administration
from sojourn.core.errors import Invalid, Missing
from sojourn.core.model import PersonDraft
from sojourn.core.query import Place
from sojourn.web.backend import Backend
from sojourn.web.operation import Also, Operation
from sojourn.web.wire import answer, decode, expect_json, read_body

MEMBERS = "/api/v1/members"
MEMBER = "/api/v1/members/{email:path}"


class OwnBody(wire.Heard):
    """Whose sessions alone the member may see: `login` or `userId`."""

    login: wire.Name | UnsetType = UNSET
    user_id: wire.Number | UnsetType = UNSET

    def draft(self) -> PersonDraft:
        """In core words. Raises: Invalid, Missing."""
        if self.login is UNSET and self.user_id is UNSET:
            raise Missing("own.login")
        if self.login is not UNSET and self.user_id is not UNSET:
            raise Invalid("own.user_id", "must not stand beside login")
        try:
            return PersonDraft(id=self.user_id or None, login=self.login or None).checked()
        except Invalid as error:
            raise Invalid(f"own.{error.field}", error.reason) from error


class MemberBody(wire.Heard):
    """What the member may do: all of it, each time. Without `own` it is the sessions of everybody."""

    group: Annotated[wire.Name, Meta(description="the name of an access group")]
    own: OwnBody | UnsetType = UNSET


class OwnTold(wire.Told):
    """Whose sessions alone somebody may see."""

    user_id: int
    login: str


class MemberTold(wire.Told, kw_only=True):
    """A member: through which access group, and what that opens. `own`, where it is the sessions of one person."""

    email: str
    group: str
    access: AccessTold
    own: OwnTold | UnsetType = UNSET


class MemberList(wire.Told):
    """A page of members, in the order in which the server first knew of them. `next` is the cursor of the next page."""

    items: list[MemberTold]
    next: str | UnsetType = UNSET


class Members:
    """The resource "Administration": who belongs to an organisation."""

    def __init__(self, backend: Backend, rules: Administration) -> None:
        self._backend = backend
        self._rules = rules

    async def listed(self, request: Request) -> Response:
        """Who belongs to it."""
        caller = await administrator(self._backend, request, Level.READ)
        wanted = search.parameters(request, search.PageQuery)
        question = search.Question("members", caller.scope)
        after = question.place(wanted.cursor)
        items, place = await self._backend.read(caller, self._page, caller.scope, after, wanted.limit)
        return answer(MemberList(items=items, next=question.next(place)))

    async def get(self, request: Request) -> Response:
        """One of them."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        return answer(await self._backend.read(caller, self._one, caller.scope, _email(request)))

    async def put(self, request: Request) -> Response:
        """Add a member, or change the membership."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), MemberBody)
        own = None if wanted.own is UNSET else wanted.own.draft()
        told, new = await self._backend.read(
            caller, self._set, caller.scope, _email(request), wanted.group.strip(), own
        )
        return answer(told, 201 if new else 200)

    async def remove(self, request: Request) -> Response:
        """End a membership."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        await self._backend.read(caller, self._rules.remove_member, caller.scope, _email(request))
        return Response(status_code=204)

    def _page(self, scope: Scope, after: Place | None, limit: int) -> tuple[list[MemberTold], Place | None]:
        members = sorted(self._rules.members(scope), key=lambda member: member.principal.id)
        rest = [member for member in members if after is None or member.principal.id > after.id]
        page = rest[:limit]
        return self._told(scope, page), Place(0, page[-1].principal.id) if len(rest) > limit else None

    def _one(self, scope: Scope, email: str) -> MemberTold:
        (told,) = self._told(scope, [self._rules.member(scope, email)])
        return told

    # What is told is read in the same call: by the next one access has changed, and the request would begin again.
    def _set(self, scope: Scope, email: str, group: str, own: PersonDraft | None) -> tuple[MemberTold, bool]:
        known = {member.principal.email for member in self._rules.members(scope)}
        member = self._rules.set_member(scope, email, group, own)
        (told,) = self._told(scope, [member])
        return told, member.principal.email not in known

    def _told(self, scope: Scope, members: Iterable[Membership]) -> list[MemberTold]:
        groups = {group.name: group.levels for group in self._rules.groups(scope)}
        members = list(members)
        logins = logins_of(self._backend, scope, members)
        return [
            MemberTold(
                email=member.principal.email,
                group=member.group,
                access=access_told(groups.get(member.group, {})),
                own=own_told(member, logins),
            )
            for member in members
        ]


def logins_of(backend: Backend, scope: Scope, members: Iterable[Membership]) -> dict[int, str]:
    """The logins of those to whose sessions members are narrowed, by number."""
    narrowed = sorted({member.person for member in members if member.person})
    return backend.journal.logins(scope, narrowed) if narrowed else {}


def own_told(member: Membership, logins: dict[int, str]) -> OwnTold | UnsetType:
    """Whose sessions alone a member may see."""
    return OwnTold(user_id=member.person, login=logins[member.person]) if member.person else UNSET


def _email(request: Request) -> str:
    text: str = request.path_params["email"]
    return text


def operations(backend: Backend, rules: Administration) -> Sequence[Operation]:
    """All operations on members."""
    members = Members(backend, rules)
    return [
        Operation(
            id="list-members",
            method="GET",
            path=MEMBERS,
            summary="Who belongs to the organisation",
            handle=members.listed,
            tag=TAG,
            query=search.PageQuery,
            answer=MemberList,
            example=examples.MEMBERS,
        ),
        Operation(
            id="get-member",
            method="GET",
            path=MEMBER,
            summary="One member",
            handle=members.get,
            tag=TAG,
            query=search.NoQuery,
            answer=MemberTold,
            example=examples.MEMBER,
            faults=(404,),
        ),
        Operation(
            id="set-member",
            method="PUT",
            path=MEMBER,
            summary="Add a member, or change what one may do",
            description="Answers 201 to somebody who was no member, and 200 to one who was. It counts from the next"
            " request on. Refused where nobody would be left who may administer the organisation.",
            handle=members.put,
            tag=TAG,
            query=search.NoQuery,
            body=MemberBody,
            answer=MemberTold,
            also=[Also(status=201, answer=MemberTold, example=examples.MEMBER)],
            example_body=examples.MEMBER_BODY,
            example=examples.MEMBER,
        ),
        Operation(
            id="remove-member",
            method="DELETE",
            path=MEMBER,
            summary="End a membership, and the tokens that the organisation made for it",
            description="Refused where nobody would be left who may administer the organisation.",
            handle=members.remove,
            tag=TAG,
            query=search.NoQuery,
            status=204,
            faults=(404,),
        ),
    ]

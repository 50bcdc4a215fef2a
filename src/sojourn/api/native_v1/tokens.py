"""Tokens: what the programs of members show, and what each of them opens."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, structs
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.native_v1 import administration_examples as examples
from sojourn.api.native_v1 import search, wire
from sojourn.api.native_v1.access_groups import AccessTold, access_told
from sojourn.api.native_v1.members import OwnTold, logins_of, own_told
from sojourn.api.native_v1.retention import TAG, administrator
from sojourn.api.native_v1.sessions import MOST_DIGITS
from sojourn.core.access import Level, Scope, Token
from sojourn.core.administration import Administration
from sojourn.core.errors import Unknown
from sojourn.core.model import Instant
from sojourn.core.query import Place
from sojourn.core.registry import Issued
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation
from sojourn.web.times import to_microseconds
from sojourn.web.wire import answer, decode, expect_json, read_body

TOKENS = "/api/v1/tokens"
TOKEN = "/api/v1/tokens/{id}"  # noqa: S105

MOST_LIFE = 3_660 * 86_400
"""The longest life that one can be given, in seconds: ten years. Longer than that is until it is revoked."""

Life = Annotated[int, Meta(ge=1, le=MOST_LIFE, description="seconds that it lives; absent: until it is revoked")]


class TokenBody(wire.Heard):
    """For which member, and what it is for."""

    email: Annotated[wire.Name, Meta(description="the address of a member")]
    name: wire.Name
    life: Life | UnsetType = UNSET


class TokenTold(wire.Told, kw_only=True):
    """A token of a member: what it opens, while it does. `own`, where it opens the sessions of one person alone.

    `clientKey` is public: the `key` of OAuth client credentials.
    """

    id: int
    name: str
    email: str
    client_key: str
    access: AccessTold | UnsetType = UNSET
    own: OwnTold | UnsetType = UNSET
    created_at: wire.Time
    expires_at: wire.Time | UnsetType = UNSET
    revoked_at: wire.Time | UnsetType = UNSET
    last_used_at: wire.Time | UnsetType = UNSET


class TokenMade(TokenTold, kw_only=True):
    """A token, and its secret: the only time that it is told."""

    secret: str


class TokenList(wire.Told):
    """A page of the tokens that the organisation made, newest first. `next` is the cursor of the next page."""

    items: list[TokenTold]
    next: str | UnsetType = UNSET


class Tokens:
    """The resource "Administration": the tokens that an organisation made for its members."""

    def __init__(self, backend: Backend, rules: Administration) -> None:
        self._backend = backend
        self._rules = rules

    async def listed(self, request: Request) -> Response:
        """The tokens that the organisation made."""
        caller = await administrator(self._backend, request, Level.READ)
        wanted = search.parameters(request, search.PageQuery)
        question = search.Question("tokens", caller.scope)
        after = question.place(wanted.cursor)
        items, place = await self._backend.read(caller, self._page, caller.scope, after, wanted.limit)
        return answer(TokenList(items=items, next=question.next(place)))

    async def get(self, request: Request) -> Response:
        """One of them."""
        caller = await administrator(self._backend, request, Level.READ)
        search.parameters(request, search.NoQuery)
        return answer(await self._backend.read(caller, self._one, caller.scope, _number(request)))

    async def add(self, request: Request) -> Response:
        """Make one: its secret is told once."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        expect_json(request)
        wanted = decode(await read_body(request), TokenBody)
        told = await self._backend.read(caller, self._made, caller.scope, wanted)
        return answer(told, 201, {"Location": f"{TOKENS}/{told.id}", "Cache-Control": "no-store"})

    async def revoke(self, request: Request) -> Response:
        """End one."""
        caller = await administrator(self._backend, request, Level.WRITE)
        search.parameters(request, search.NoQuery)
        await self._backend.read(caller, self._rules.revoke, caller, _number(request))
        return Response(status_code=204)

    def _page(self, scope: Scope, after: Place | None, limit: int) -> tuple[list[TokenTold], Place | None]:
        rest = [token for token in self._rules.tokens(scope) if after is None or token.id < after.id]
        page = rest[:limit]
        return self._told(scope, page), Place(0, page[-1].id) if len(rest) > limit else None

    def _one(self, scope: Scope, number: int) -> TokenTold:
        (told,) = self._told(scope, [self._rules.token(scope, number)])
        return told

    # What is told is read in the same call: by the next one access has changed, and the request would begin again.
    def _made(self, scope: Scope, wanted: TokenBody) -> TokenMade:
        life = None if wanted.life is UNSET else wanted.life
        issued: Issued = self._rules.add_token(scope, wanted.email, wanted.name, life=life)
        (told,) = self._told(scope, [issued.token])
        return TokenMade(**structs.asdict(told), secret=issued.secret)

    def _told(self, scope: Scope, tokens: Iterable[Token]) -> list[TokenTold]:
        """Tokens in the dialect's words: what each opens, that is not over, is what its member may do."""
        now = self._backend.clock()
        groups = {group.name: group.levels for group in self._rules.groups(scope)}
        members = {member.principal.id: member for member in self._rules.members(scope)}
        logins = logins_of(self._backend, scope, members.values())
        told = []
        for token in tokens:
            member = members.get(token.principal.id) if token.holds(now) else None
            opened: dict[str, Any] = {}
            if member is not None:
                opened = {"access": access_told(groups.get(member.group, {})), "own": own_told(member, logins)}
            told.append(_token_told(token, **opened))
        return told


def _token_told(token: Token, **opened: Any) -> TokenTold:
    return TokenTold(
        id=token.id,
        name=token.name,
        email=token.principal.email,
        client_key=token.client_key,
        created_at=to_microseconds(token.created_at),
        expires_at=_time(token.expires_at),
        revoked_at=_time(token.revoked_at),
        last_used_at=_time(token.last_used_at),
        **opened,
    )


def _time(at: Instant | None) -> str | UnsetType:
    return UNSET if at is None else to_microseconds(at)


def _number(request: Request) -> int:
    """The number in the path. Raises: Unknown, where it is none that a token can have."""
    text = request.path_params["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Unknown("token", text)
    return int(text)


def operations(backend: Backend, rules: Administration) -> Sequence[Operation]:
    """All operations on tokens."""
    tokens = Tokens(backend, rules)
    return [
        Operation(
            id="list-tokens",
            method="GET",
            path=TOKENS,
            summary="The tokens that the organisation made, newest first",
            handle=tokens.listed,
            tag=TAG,
            query=search.PageQuery,
            answer=TokenList,
            example=examples.TOKENS,
        ),
        Operation(
            id="add-token",
            method="POST",
            path=TOKENS,
            summary="Make a token for a member; its secret is told once",
            description="It opens this organisation alone, and there what its member may do. Nothing can tell its"
            " secret again: where the answer was lost, revoke the token and make another.",
            handle=tokens.add,
            tag=TAG,
            query=search.NoQuery,
            body=TokenBody,
            answer=TokenMade,
            status=201,
            headers={"Location": "where the token is", "Cache-Control": "`no-store`: a secret is not kept on the way."},
            example_body=examples.TOKEN_BODY,
            example=examples.TOKEN_MADE,
        ),
        Operation(
            id="get-token",
            method="GET",
            path=TOKEN,
            summary="One token, never its secret",
            handle=tokens.get,
            tag=TAG,
            parts={"id": int},
            query=search.NoQuery,
            answer=TokenTold,
            example=examples.TOKEN,
            faults=(404,),
        ),
        Operation(
            id="revoke-token",
            method="DELETE",
            path=TOKEN,
            summary="End a token, and all that were bought with it",
            description="It opens nothing from the next request on. The token that the caller came with is refused: it"
            " might be the last that opens the administration.",
            handle=tokens.revoke,
            tag=TAG,
            parts={"id": int},
            query=search.NoQuery,
            status=204,
            faults=(404,),
        ),
    ]

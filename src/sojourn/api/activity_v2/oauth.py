"""OAuth client credentials: a short-lived token for a client's key and secret (published).

Its errors have an envelope of their own: `{"data":null,"errors":[{"code":320001,"message":"…"}]}`.
"""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from sojourn.api.activity_v2 import errors
from sojourn.core.errors import Unauthenticated
from sojourn.core.model import SECOND
from sojourn.core.registry import ACCESS_LIFE
from sojourn.web.backend import Backend
from sojourn.web.errors import Fault
from sojourn.web.openapi import Chapter
from sojourn.web.operation import Operation
from sojourn.web.wire import answer, decode, expect_json, read_body

TAG = "oauth"
INVALID_CLIENT = 320001
"""The published code of a key and a secret that do not belong together."""


class TokenBody(Struct, rename="camel"):
    """OAuth client credentials: a token's client key and its secret."""

    key: Annotated[str, Meta(description="the client key of a token: it is no secret")]
    secret: Annotated[str, Meta(description="the token")]


class TokenData(Struct, rename="camel"):
    """A short-lived token for the header `X-CAP-API-OAUTH-TOKEN`."""

    access_token: Annotated[str, Meta(description="to be sent as `X-CAP-API-OAUTH-TOKEN`")]
    ttl_seconds: Annotated[int, Meta(ge=0, le=ACCESS_LIFE, description="how many seconds it lives")]


class TokenAnswer(Struct, rename="camel"):
    """What was bought (published)."""

    data: TokenData
    errors: None = None


class Refusal(Struct):
    """Why nothing was bought."""

    code: int
    message: str


class TokenProblem(Struct):
    """What every error of this path answers (published)."""

    data: None
    errors: list[Refusal]


class TokenSale:
    """The way to a token that may travel: it opens what the bought one's parent opens, for five minutes."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def generate(self, request: Request) -> Response:
        """Buy a short-lived token with a client key and its secret."""
        expect_json(request)
        wanted = decode(await read_body(request), TokenBody)
        issued = await self._backend.run(self._backend.registry.buy_access, wanted.key, wanted.secret)
        token = issued.token
        life = ACCESS_LIFE if token.expires_at is None else (token.expires_at - token.created_at) // SECOND
        told = TokenAnswer(data=TokenData(access_token=issued.secret, ttl_seconds=life))
        return answer(told, headers={"Cache-Control": "no-store"})


def spell(_request: Request, fault: Fault) -> Response:
    """An error in this path's envelope; the codes are those of the dialect, but for the published one."""
    item = errors.notice(fault.error)
    refusal = Refusal(code=item.code, message=item.message)
    if isinstance(fault.error, Unauthenticated):
        refusal = Refusal(code=INVALID_CLIENT, message="Invalid client key and secret")
    return answer(TokenProblem(data=None, errors=[refusal]), fault.status, fault.headers)


def chapter(backend: Backend) -> Chapter:
    """The one operation of `/v3/oauth`."""
    generate = Operation(
        id="generate-oauth-token",
        method="POST",
        path="/v3/oauth/token/generate",
        summary="Buy a short-lived token with a client key and its secret",
        description="Its life is at most five minutes, and no longer than that of the token it is bought with; when"
        " that one is revoked, it is too.",
        handle=TokenSale(backend).generate,
        tag=TAG,
        body=TokenBody,
        answer=TokenAnswer,
        headers={"Cache-Control": "`no-store`: a token is not kept on the way."},
        faults=(401, 503),
        public=True,
        example_body={"key": "9b1deb4d3b7d4bad9bdd2b0d", "secret": "the token"},
        example={"data": {"accessToken": "kq3vVJ0yTnE7xkZ3oQ9f…", "ttlSeconds": ACCESS_LIFE}, "errors": None},
    )
    return Chapter(
        tag=TAG,
        text="Short-lived tokens for the header `X-CAP-API-OAUTH-TOKEN`.",
        operations=[generate],
        spell=spell,
        problem=TokenProblem,
    )

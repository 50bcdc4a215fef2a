"""The description of the API: as a document for programs, and as a page for people.

Both are made when first asked for, and kept. The page needs no script and nothing from elsewhere.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sojourn.web.openapi import Chapter, Document, document
from sojourn.web.operation import Operation
from sojourn.web.page import STYLE, page
from sojourn.web.wire import answer

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Documents:
    """Tells of the chapters that it is given, among them perhaps its own operations."""

    def __init__(self, version: str, url: str | None) -> None:
        self._version = version
        self._url = url
        self._chapters: Sequence[Chapter] = ()

    def describe(self, chapters: Sequence[Chapter]) -> None:
        """What to tell of, in this order."""
        self._chapters = chapters

    @cached_property
    def document(self) -> Document:
        """The OpenAPI document."""
        return document(self._chapters, version=self._version, url=self._url)

    @cached_property
    def _spelled(self) -> bytes:
        return bytes(answer(self.document).body)

    @cached_property
    def _page(self) -> str:
        return page(self.document)

    async def openapi(self, _request: Request) -> Response:
        """For programs."""
        return Response(self._spelled, media_type="application/json")

    async def page(self, _request: Request) -> Response:
        """For people."""
        return Response(self._page, media_type="text/html", headers=_SAFE)

    async def style(self, _request: Request) -> Response:
        """How the page looks."""
        return Response(STYLE, media_type="text/css", headers={**_SAFE, "Cache-Control": "max-age=3600"})

    def operations(self, tag: str) -> Sequence[Operation]:
        """The ways to read it."""
        return [
            Operation(
                id="openapi",
                method="GET",
                path="/openapi.json",
                summary="This description, for programs",
                handle=self.openapi,
                tag=tag,
                answer=dict[str, Any],
                public=True,
            ),
            Operation(
                id="docs",
                method="GET",
                path="/docs",
                summary="This description, for people",
                handle=self.page,
                tag=tag,
                answer=str,
                media_type="text/html",
                public=True,
            ),
            Operation(
                id="docs-style",
                method="GET",
                path="/docs/style.css",
                summary="How the page looks",
                handle=self.style,
                tag=tag,
                answer=str,
                media_type="text/css",
                public=True,
            ),
        ]


_SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

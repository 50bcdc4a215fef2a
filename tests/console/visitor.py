"""Somebody who uses the console without scripts: a jar of cookies, links that are followed, forms that are sent."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any

import httpx

from sojourn.console import forms
from tests.stage import Persona, Stage

HOST = "sojourn.example"


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser without scripts, and whoever sits before it."""

    stage: Stage
    client: httpx.AsyncClient

    @property
    def session(self) -> str:
        """The secret of the session, or nothing."""
        return self.client.cookies.get("sojourn") or ""

    def request(self, method: str, path: str, *, follow: bool = True, **more: Any) -> httpx.Response:
        """One request, and its answer, after all redirects."""
        headers = {"Accept": "text/html,*/*;q=0.8", **more.pop("headers", {})}
        call = partial(self.client.request, method, path, follow_redirects=follow, headers=headers, **more)
        return self.stage.portal.call(call)

    def get(self, path: str, *, follow: bool = True, **query: Any) -> httpx.Response:
        """A page."""
        return self.request("GET", path, follow=follow, params=query or None)

    def post(self, path: str, fields: dict[str, Any] | None = None, *, follow: bool = True) -> httpx.Response:
        """A form of a page that has been seen: it brings its proof."""
        bound = self.session or self.client.cookies.get("sojourn-form") or ""
        data = {forms.FIELD: forms.proof(bound), **(fields or {})}
        return self.request("POST", path, follow=follow, data=data)

    def sign_in(self, persona: Persona) -> httpx.Response:
        """Sign in with the persona's token, as a person does it."""
        self.get("/sign-in")
        return self.post("/sign-in/token", {"token": persona.secret})


@contextmanager
def visiting(stage: Stage) -> Iterator[Visitor]:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(stage.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")
    with stage.portal.wrap_async_context_manager(client):
        yield Visitor(stage=stage, client=client)


def unsessioned(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    """All that the database holds, but when tokens were used."""
    return {name: rows for name, rows in stage.dump().items() if name != "token"}


def words_of(answer: httpx.Response) -> str:
    """What a reader sees of a page: its text without tags, in one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

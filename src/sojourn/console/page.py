"""A page: one method on one path, and who may use it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sojourn.core.access import Caller, Level, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, or what a form does, for those who are signed in.

    `path` is whole, with names in braces. The caller is let in before `handle` is called: if the access group opens
    `resource` as far as `level`, or, where there is no resource, whoever is signed in. What a form sends has shown by
    then that it comes from a page of ours. `whose` tells the number of the organisation that a path itself names.
    """

    method: str
    path: str
    handle: Callable[[Request, Caller], Awaitable[Response]]
    resource: Resource | None
    level: Level = Level.READ
    whose: Callable[[Request], int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """The same for whoever comes."""

    method: str
    path: str
    handle: Callable[[Request], Awaitable[Response]]

"""Who may enter: members, access groups, and the tokens that the organisation made."""

from collections.abc import Callable
from typing import Any, ParamSpec

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console import forms
from sojourn.console.account import LIVES
from sojourn.console.desk import Desk
from sojourn.console.page import Page, PublicPage
from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.errors import Exists, Invalid, SojournError, Unknown
from sojourn.core.model import PersonDraft

P = ParamSpec("P")
PATH = "/access"
GROUPS = f"{PATH}/groups"
TOKENS = f"{PATH}/tokens"


class Access:
    """Members, access groups, tokens: a page each, and what their forms do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rules = desk.administration

    async def members(self, request: Request, caller: Caller) -> Response:
        """Who belongs to the organisation."""
        return await self._show(request, caller, PATH)

    async def groups(self, request: Request, caller: Caller) -> Response:
        """What each access group opens."""
        return await self._show(request, caller, GROUPS)

    async def tokens(self, request: Request, caller: Caller) -> Response:
        """The tokens that the organisation made."""
        return await self._show(request, caller, TOKENS)

    async def _show(self, request: Request, caller: Caller, path: str, wrong: SojournError | None = None) -> Response:
        scope = caller.require(Resource.ADMINISTRATION, Level.READ)
        told = await self._desk.backend.read(caller, self._told, scope)
        logins = await self._desk.backend.read(caller, self._logins, scope, told["members"])
        return self._desk.page(
            request,
            f"access{path.removeprefix(PATH).replace('/', '-')}.html",
            status=400 if wrong else 200,
            wrong=wrong,
            lives=LIVES,
            resources=list(Resource),
            levels=list(Level),
            logins=logins,
            may_change=caller.levels.get(Resource.ADMINISTRATION) is Level.WRITE,
            **told,
        )

    def _told(self, scope: Scope) -> dict[str, Any]:
        groups = self._rules.groups(scope)
        return {
            "members": self._rules.members(scope),
            "groups": groups,
            "by_name": {group.name: group for group in groups},
            "tokens": self._rules.tokens(scope),
        }

    def _logins(self, scope: Scope, members: list[Any]) -> dict[int, str]:
        narrowed = sorted({member.person for member in members if member.person})
        return self._desk.backend.journal.logins(scope, narrowed) if narrowed else {}

    async def _do(
        self,
        request: Request,
        caller: Caller,
        path: str,
        flash: str,
        work: Callable[P, object],
        *more: P.args,
        **named: P.kwargs,
    ) -> Response:
        """Do what a form asks, and say so; or show the page again with what is wrong."""
        try:
            await self._desk.backend.read(caller, work, *more, **named)
        except (Invalid, Unknown, Exists) as error:
            return await self._show(request, caller, path, wrong=error)
        return self._desk.redirect(request, path, flash)

    async def set_member(self, request: Request, caller: Caller) -> Response:
        """Add a member, or change one."""
        sent = await forms.sent(request)
        email, group, own = sent.text("email"), sent.text("group"), sent.text("own")
        person = PersonDraft(login=own) if own else None
        flash = f"{email} is in {group} now."
        return await self._do(request, caller, PATH, flash, self._rules.set_member, caller.scope, email, group, person)

    async def remove_member(self, request: Request, caller: Caller) -> Response:
        """End a membership."""
        email = (await forms.sent(request)).text("email")
        flash = f"{email} is no member any more; what was made for them opens nothing."
        return await self._do(request, caller, PATH, flash, self._rules.remove_member, caller.scope, email)

    async def invite(self, request: Request, caller: Caller) -> Response:
        """A link by which a member chooses a password: shown once."""
        email = (await forms.sent(request)).text("email")
        try:
            link = await self._desk.backend.read(caller, self._rules.invite, caller.scope, email)
        except (Invalid, Unknown) as error:
            return await self._show(request, caller, PATH, wrong=error)
        origin = self._desk.backend.public_url or str(request.base_url).rstrip("/")
        address = f"{origin}/invitation?link={link.secret}"
        return self._desk.page(
            request, "invitation-made.html", email=email, address=address, expires_at=link.expires_at
        )

    async def set_group(self, request: Request, caller: Caller) -> Response:
        """Make an access group, or change what it opens."""
        sent = await forms.sent(request)
        name = sent.text("name")
        known = {str(int(level)): level for level in Level}
        levels = {each: known.get(sent.text(each.name.lower()), Level.NONE) for each in Resource}
        flash = f"{name} is as you set it."
        return await self._do(request, caller, GROUPS, flash, self._rules.set_group, caller.scope, name, levels)

    async def drop_group(self, request: Request, caller: Caller) -> Response:
        """Drop an access group that nobody is in."""
        name = (await forms.sent(request)).text("name")
        return await self._do(request, caller, GROUPS, f"{name} is gone.", self._rules.drop_group, caller.scope, name)

    async def add_token(self, request: Request, caller: Caller) -> Response:
        """A token of a member: shown once."""
        sent = await forms.sent(request)
        days = sent.text("days")
        life = int(days) * 86_400 if days in LIVES and days else None
        email, name = sent.text("email"), sent.text("name")
        try:
            issued = await self._desk.backend.read(caller, self._rules.add_token, caller.scope, email, name, life=life)
        except (Invalid, Unknown) as error:
            return await self._show(request, caller, TOKENS, wrong=error)
        return self._desk.page(request, "token-made.html", issued=issued, back=TOKENS)

    async def revoke(self, request: Request, caller: Caller) -> Response:
        """End a token."""
        text = (await forms.sent(request)).text("number")
        number = int(text) if text.isdecimal() and len(text) < 19 else 0
        flash = f"Token {number} opens nothing any more."
        return await self._do(request, caller, TOKENS, flash, self._rules.revoke, caller, number)


def pages(desk: Desk) -> list[Page | PublicPage]:
    """Who may enter: for who administers."""
    access = Access(desk)
    shown = {PATH: access.members, GROUPS: access.groups, TOKENS: access.tokens}
    done = {
        f"{PATH}/members": access.set_member,
        f"{PATH}/members/remove": access.remove_member,
        f"{PATH}/members/invite": access.invite,
        GROUPS: access.set_group,
        f"{GROUPS}/drop": access.drop_group,
        TOKENS: access.add_token,
        f"{TOKENS}/revoke": access.revoke,
    }
    kind = Resource.ADMINISTRATION
    return [
        *[Page(method="GET", path=path, handle=handle, resource=kind) for path, handle in shown.items()],
        *[Page(method="POST", path=p, handle=h, resource=kind, level=Level.WRITE) for p, h in done.items()],
    ]

"""A case for every route of the console: an address and a form that would be let in, if it were sent by the right one.

Each names something that Acme has (`there`), and can be written with something that nobody has (`nowhere`): whoever may
not know of the first must be answered the same for both.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode

import httpx

from sojourn.core.model import FIRST_VISIT
from sojourn.core.registry import Issued
from sojourn.core.visit import user_session_id
from tests.api.native_v1.samples import activity, on_day
from tests.console.desk import worked
from tests.console.visitor import Visitor
from tests.console.visits import delivered, har
from tests.stage import ACME, NOON, Stage

PASSWORD = "correct horse battery"
SESSION, PERSON = 90_417, 80_417

NOWHERE = {
    "session": "90418",
    "person": "80418",
    "login": "unheard-of",
    "entity": "ACMECASE-0",
    "measured": str(FIRST_VISIT + 4_711),
    "visit": user_session_id(ACME, NOON, FIRST_VISIT + 4_711),
    "device": "{unheard-of-device}",
    "agent": "unheard-of-agent",
    "member": "unheard@example.org",
    "group": "Unheard-of group",
    "token": "471100",
    "dead": "unheard-of-secret",
    "link": "unheard-of-link",
}

MARKS = (
    "Acme",
    "anna-of-acme",
    "ACMECASE",
    "acme-device",
    "acme-agent",
    "acme-site",
    "acme-note",
    "acme-token",
    "Spare",
    "Outsiders",
    "owner@example.org",
    "recorder@example.org",
    "clerk@example.org",
    "outsider@example.org",
)
"""What is Acme's, and can be in no answer to somebody who has nothing to do with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request, with names in braces for what it is about; `organisation` False: the address tells none."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    organisation: bool = True

    @property
    def names_something(self) -> bool:
        """Whether it is about something that may be there or not."""
        return any("{" in text for text in (self.path, *self.query.values(), *self.fields.values()))

    def send(self, visitor: Visitor, method: str, about: Mapping[str, str], organisation: int | None) -> httpx.Response:
        """Send it, and do not follow where it leads."""
        query = {name: value.format_map(about) for name, value in self.query.items()}
        if organisation is not None and self.organisation:
            query["organisation"] = str(organisation)
        path = self.path.format_map({name: quote(value) for name, value in about.items()})
        path += f"?{urlencode(query)}" if query else ""
        if method == "GET":
            return visitor.get(path, follow=False)
        return visitor.post(path, {k: v.format_map(about) for k, v in self.fields.items()}, follow=False)


# In this order the one who may is let in by each: what is needed later is not taken away before.
CASES: dict[str, tuple[Case, ...]] = {
    "GET /": (Case(path="/"),),
    "GET /live": (Case(path="/live"),),
    "GET /live/events": (Case(path="/live/events"),),
    "GET /sessions": (
        Case(path="/sessions", query={"person": "{login}"}),
        Case(path="/sessions", query={"id": "{entity}"}),
        Case(path="/sessions", query={"device": "{device}", "kind": "visit"}),
    ),
    "GET /sessions/export": (
        Case(path="/sessions/export", query={"person": "{login}"}),
        Case(path="/sessions/export", query={"id": "{entity}", "rows": "activities", "format": "ndjson"}),
        Case(path="/sessions/export", query={"device": "{agent}", "kind": "visit"}),
    ),
    "GET /sessions/{id}": (Case(path="/sessions/{session}"), Case(path="/sessions/{measured}")),
    "GET /sessions/{id}/raw": (Case(path="/sessions/{session}/raw"), Case(path="/sessions/{measured}/raw")),
    "GET /entities": (Case(path="/entities", query={"type": "CUSTOMER", "id": "{entity}"}),),
    "GET /people": (Case(path="/people"), Case(path="/people", query={"login": "{login}"})),
    "GET /people/{id}": (Case(path="/people/{person}"),),
    "GET /find": tuple(
        Case(path="/find", query={"q": f"{{{what}}}"}) for what in ("session", "measured", "login", "entity")
    ),
    "GET /account": (Case(path="/account"),),
    "GET /access": (Case(path="/access"),),
    "GET /access/groups": (Case(path="/access/groups"),),
    "GET /access/tokens": (Case(path="/access/tokens"),),
    "GET /organisation": (Case(path="/organisation"),),
    "GET /visits": (
        Case(path="/visits", query={"agentId": "{agent}"}),
        Case(path="/visits", query={"visitedSite": "{login}"}),
    ),
    "GET /visits/{userSessionId}": (
        Case(path="/visits/{visit}"),
        Case(path="/visits/{visit}", organisation=False),
    ),
    "GET /visits/{userSessionId}/har": (
        Case(path="/visits/{visit}/har"),
        Case(path="/visits/{visit}/har", organisation=False),
    ),
    "GET /devices": (Case(path="/devices"),),
    "GET /devices/{guid:path}": (Case(path="/devices/{device}"),),
    "GET /agents": (Case(path="/agents"),),
    "GET /agents/{agentId:path}": (Case(path="/agents/{agent}"),),
    "GET /system": (Case(path="/system"),),
    "GET /sign-in": (Case(path="/sign-in"), Case(path="/sign-in", query={"next": "/sessions/{session}"})),
    "GET /invitation": (Case(path="/invitation", query={"link": "{link}"}),),
    "POST /theme": (Case(path="/theme", fields={"theme": "dark", "next": "/sessions/{session}"}),),
    "POST /sign-in/password": (
        Case(path="/sign-in/password", fields={"email": "{member}", "password": f"not {PASSWORD}"}),
    ),
    "POST /sign-in/token": (Case(path="/sign-in/token", fields={"token": "{dead}"}),),
    "POST /invitation": (Case(path="/invitation", fields={"link": "{link}", "password": PASSWORD}),),
    "POST /sessions/{id}/remarks": (
        Case(path="/sessions/{session}/remarks", fields={"reason": "Why", "key": "1"}),
        Case(path="/sessions/{measured}/remarks", fields={"reason": "Why", "key": "2"}),
    ),
    "POST /sessions/{id}/end": (
        Case(path="/sessions/{session}/end", fields={"reason": "Over", "key": "3"}),
        Case(path="/sessions/{measured}/end", fields={"key": "4"}),
    ),
    "POST /access/tokens": (Case(path="/access/tokens", fields={"email": "{member}", "name": "new", "days": "30"}),),
    "POST /access/tokens/revoke": (Case(path="/access/tokens/revoke", fields={"number": "{token}"}),),
    "POST /access/members/invite": (Case(path="/access/members/invite", fields={"email": "{member}"}),),
    "POST /access/groups/drop": (Case(path="/access/groups/drop", fields={"name": "{group}"}),),
    "POST /access/members/remove": (Case(path="/access/members/remove", fields={"email": "{member}"}),),
    "POST /access/groups": (Case(path="/access/groups", fields={"name": "{group}", "login_sessions": "1"}),),
    "POST /access/members": (
        Case(path="/access/members", fields={"email": "{member}", "group": "Readers", "own": "{person}"}),
        Case(path="/access/members", fields={"email": "{member}", "group": "{group}"}),
    ),
    "POST /organisation": (
        Case(
            path="/organisation",
            fields={"name": "Renamed", "idle_minutes": "45", "rate_limit": "99", "time_zone": "Europe/Oslo"},
        ),
    ),
    "POST /account/tokens": (Case(path="/account/tokens", fields={"name": "mine", "days": "30", "everywhere": "1"}),),
    "POST /account/end": (Case(path="/account/end", fields={"number": "{token}"}),),
    "POST /account/password": (Case(path="/account/password", fields={"new": PASSWORD, "again": PASSWORD}),),
    "POST /account/end-all": (Case(path="/account/end-all"),),
    "POST /sign-out": (Case(path="/sign-out"),),
}


def furnished(stage: Stage) -> dict[str, str]:
    """Give Acme something of everything, and Beta a session; what Acme has, by the names of `NOWHERE`."""
    registry = stage.core.registry
    line = {
        "id": SESSION,
        "userId": PERSON,
        "login": "anna-of-acme",
        "startedAt": on_day("10:00:00"),
        "device": {"guid": "{acme-device}", "name": "acme-device of anna"},
        "activities": [activity(on_day("10:01:00"), entityId="ACMECASE-1", note="acme-note")],
    }
    told = stage.owner.post("/api/v1/import", content=json.dumps(line), params={"ids": "keep"}, headers=_NDJSON)
    assert told.json()["status"] == 201, told.text
    visit = delivered(stage.owner, agentId="acme-agent", visitedSite="acme-site.example", har=har())
    (measured,) = stage.owner.get("/api/v1/visits").json()["items"]
    worked(stage.stranger, "boris", "09:00", "10:00")
    registry.set_group(ACME, "Spare", {})
    registry.add_member(ACME, "nina@example.org", "Readers")
    token = registry.add_token(ACME, "nina@example.org", "acme-token")
    dead: Issued = registry.add_token(ACME, "nina@example.org", "acme-token, over")
    registry.revoke(ACME, dead.token.id)
    stage.core.signin.set_password("nina@example.org", PASSWORD)
    over = stage.core.signin.invite(ACME, "nina@example.org").secret
    stage.core.signin.invite(ACME, "nina@example.org")  # takes the place of the one before
    return {
        "session": str(SESSION),
        "person": str(PERSON),
        "login": "anna-of-acme",
        "entity": "ACMECASE-1",
        "measured": str(measured["id"]),
        "visit": visit,
        "device": "{acme-device}",
        "agent": "acme-agent",
        "member": "nina@example.org",
        "group": "Spare",
        "token": str(token.token.id),
        "dead": dead.secret,
        "link": over,
    }


_NDJSON = {"Content-Type": "application/x-ndjson"}
_RANDOM = re.compile(r'(name="(?:proof|key)" value=|id="secret">|OAuth client key</dt>\s*<dd>|, key )"?[\w=&;./:?-]+')
_UNTOLD = ("date", "content-length", "x-request-id", "x-cap-requestid")


def plainly(answer: httpx.Response, *typed: str) -> str:
    """All that an answer tells, without what is different each time, and with # for what the visitor typed."""
    heads = sorted(f"{name}: {value}" for name, value in _headers(answer) if name not in _UNTOLD)
    text = "\n".join([str(answer.status_code), *heads, _RANDOM.sub(r"\1…", answer.text)])
    text = unquote(unquote(text))  # an address may stand in an address
    for word in sorted(typed, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "#", text)
    return text


def _headers(answer: httpx.Response) -> Iterator[tuple[str, str]]:
    for name, value in answer.headers.multi_items():
        yield name, _cookie(value) if name == "set-cookie" else value


def _cookie(text: str) -> str:
    """A cookie without its secret; the sentence that one carries is told."""
    name, _, rest = text.partition("=")
    value, _, more = rest.partition(";")
    if name == "sojourn-flash" and (payload := value.strip('"').partition(".")[0]):
        return f"{name}={json.loads(base64.urlsafe_b64decode(payload))};{more}"
    return f"{name}={'…' if value.strip(chr(34)) else ''};{more}"

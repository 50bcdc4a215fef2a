"""The stage on which the doors are tested: a server on a database, and people who try it.

Two organisations, Acme (1) and Beta (2). At Acme: `owner` may do everything, `recorder` records and reads, `reader`
only reads, `clerk` records and reads but only sessions of the login `clerk`, `outsider` is a member who may do nothing.
`stranger` owns Beta. `nobody` brings no credentials. The clock stands still until a test moves it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message, Receive, Send

from sojourn.app import Services, services, web
from sojourn.config import Settings
from sojourn.core.access import Level, Resource
from sojourn.core.model import SECOND, Instant, PersonDraft
from sojourn.core.registry import Issued, md5_hex

NOON: Instant = 1_795_435_445_123_456
"""2026-11-23T12:04:05.123456Z: when the play begins."""

ACME = 1
BETA = 2

_ROLES = {
    "recorder": "Recorders",
    "reader": "Readers",
    "clerk": "Recorders",
    "outsider": "Outsiders",
}


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: Instant = NOON) -> None:
        self.now = now

    def __call__(self) -> Instant:
        return self.now

    def advance(self, seconds: float) -> Instant:
        """Let time pass; what the clock shows then."""
        self.now += int(seconds * SECOND)
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody who calls. Every request brings `headers`; those of the request itself win."""

    name: str
    organisation: int
    email: str
    issued: Issued | None
    headers: Mapping[str, str]
    send: Callable[..., httpx.Response]

    @property
    def secret(self) -> str:
        """The token's secret, as it was told once."""
        return self._token.secret

    @property
    def client_key(self) -> str:
        """The public half of OAuth client credentials."""
        return self._token.token.client_key

    @property
    def token(self) -> int:
        """The token's number."""
        return self._token.token.id

    @property
    def _token(self) -> Issued:
        assert self.issued is not None, f"{self.name} has no token"
        return self.issued

    def bearing(self, **headers: str) -> Self:
        """The same person with other headers instead: `bearing(apikey=secret)`; `_` stands for `-`."""
        return replace(self, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A request, with what httpx takes: `json`, `content`, `params`."""
        return self.send(method, path, headers={**self.headers, **(headers or {})}, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.request("DELETE", path, **more)


@dataclass(slots=True, kw_only=True, repr=False)
class Stage:
    """A server in this process, on the database at `url`, and the people around it.

    `core` is what the server stands on: a test may look at what a request left behind, and move the clock.
    """

    url: str
    clock: Clock
    core: Services
    app: ASGIApp
    settings: Settings
    portal: BlockingPortal
    client: httpx.AsyncClient
    people: dict[str, Persona] = field(default_factory=dict)

    @property
    def owner(self) -> Persona:
        """Owns Acme."""
        return self.people["owner"]

    @property
    def recorder(self) -> Persona:
        """Records and reads at Acme."""
        return self.people["recorder"]

    @property
    def reader(self) -> Persona:
        """Reads at Acme."""
        return self.people["reader"]

    @property
    def clerk(self) -> Persona:
        """Records and reads sessions of the login `clerk` at Acme, and sees no other."""
        return self.people["clerk"]

    @property
    def outsider(self) -> Persona:
        """Belongs to Acme and may do nothing there."""
        return self.people["outsider"]

    @property
    def stranger(self) -> Persona:
        """Owns Beta, and has nothing to do with Acme."""
        return self.people["stranger"]

    @property
    def nobody(self) -> Persona:
        """Brings no credentials."""
        return self.people["nobody"]

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, and its answer."""
        return self.portal.call(partial(self.client.request, method, path, **more))

    def start(self, method: str, path: str, **more: Any) -> "Future[httpx.Response]":
        """One request on its way, so that many can be at the same time."""
        return self.portal.start_task_soon(partial(self.client.request, method, path, **more))

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the database holds, by table: equal dumps show that nothing was stored. Leases come and go."""
        with self.core.engine.read() as transaction:
            return {
                table: sorted(transaction.run(f"SELECT * FROM {table}"), key=repr)
                for table in tables()
                if table != "lease"
            }

    def persona(self, name: str, group: str, organisation: int = ACME, own: str | None = None) -> Persona:
        """Somebody new, in an access group; `own` is the login whose sessions alone they see."""
        registry = self.core.registry
        email = f"{name}@example.org"
        person = None if own is None else PersonDraft(login=own)
        registry.add_member(organisation, email, group, person)
        return self._enter(name, organisation, email, registry.add_token(organisation, email, "a test"))

    def roaming(self, persona: Persona) -> Persona:
        """The same person with a token of their own, which opens every organisation that they belong to."""
        issued = self.core.registry.add_own_token(persona.email, "a test")
        return replace(persona, issued=issued, headers={"Authorization": f"Bearer {issued.secret}"})

    def _enter(self, name: str, organisation: int, email: str, issued: Issued | None) -> Persona:
        headers = {"Authorization": f"Bearer {issued.secret}"} if issued else {}
        persona = Persona(
            name=name, organisation=organisation, email=email, issued=issued, headers=headers, send=self.send
        )
        self.people[name] = persona
        return persona

    def take(self, people: Mapping[str, Persona]) -> None:
        """Let the people of another stage call this one: a server that was started again."""
        self.people = {name: replace(persona, send=self.send) for name, persona in people.items()}

    def populate(self) -> None:
        """Let everybody enter."""
        registry = self.core.registry
        issued = registry.begin("owner@example.org", None)
        assert issued is not None
        registry.change_organisation(ACME, name="Acme")
        assert registry.add_organisation("Beta").id == BETA
        registry.set_group(ACME, "Outsiders", dict.fromkeys(Resource, Level.NONE))
        self._enter("owner", ACME, "owner@example.org", issued)
        for name, group in _ROLES.items():
            self.persona(name, group, own="clerk" if name == "clerk" else None)
        self.persona("stranger", "Owners", BETA)
        self._enter("nobody", ACME, "nobody@example.org", None)


def tables() -> list[str]:
    """Every table, but the book of migrations."""
    steps = sorted((Path(__file__).parent.parent / "src/sojourn/storage/sql/migrations").glob("*.sql"))
    return [
        line.split()[2] for step in steps for line in step.read_text().splitlines() if line.startswith("CREATE TABLE ")
    ]


def basic(user: str, secret: str) -> str:
    """The value of `Authorization` for a user and a secret."""
    return httpx.BasicAuth(user, secret)._auth_header


def basic_md5(user: str, secret: str) -> str:
    """The same as one published scheme has it, with the MD5 in the secret's place."""
    return basic(user, md5_hex(secret))


@asynccontextmanager
async def _alive(app: ASGIApp) -> AsyncIterator[None]:
    """The app between its start-up and its shut-down."""
    began, ended, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    heard = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        kind = next(heard)
        if kind == "lifespan.shutdown":
            await stop.wait()
        return {"type": kind}

    async def send(message: Message) -> None:
        assert message["type"] in ("lifespan.startup.complete", "lifespan.shutdown.complete"), message
        (ended if began.is_set() else began).set()

    task = asyncio.create_task(_run(app, receive, send))
    starting = asyncio.create_task(began.wait())
    await asyncio.wait([task, starting], return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()
    if task.done():
        await task  # raises what kept it from starting
    try:
        yield
    finally:
        stop.set()
        await task
        assert ended.is_set()


async def _run(app: ASGIApp, receive: Receive, send: Send) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)


@contextmanager
def staged(url: str, clock: Clock | None = None, **settings: Any) -> Iterator[Stage]:
    """A stage on the database at `url`, which is made and filled with people if it is empty.

    `settings` are those of `Settings`. To restart the server, end one stage and begin another on the same `url`,
    and let it `take(first.people)`.
    """
    clock = clock or Clock()
    known = Settings(database=url, **settings)
    core = services(known, clock)
    core.migrate()
    app = web(known, core)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_alive(app)),
        portal.wrap_async_context_manager(
            httpx.AsyncClient(transport=transport, base_url="http://sojourn.example")
        ) as client,
    ):
        stage = Stage(url=url, clock=clock, core=core, app=app, settings=known, portal=portal, client=client)
        if not core.registry.organisations():
            stage.populate()
        yield stage

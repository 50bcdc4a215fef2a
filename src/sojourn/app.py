"""The composition root: the one place that knows everybody and gives each what it needs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from sojourn.api.activity_v2 import oauth
from sojourn.api.activity_v2 import routes as activity_v2
from sojourn.api.ekran import routes as ekran
from sojourn.api.endpoint_v6 import operations as endpoint_v6
from sojourn.api.endpoint_v6.door import Door, prefixes
from sojourn.api.native_v1 import routes as native_v1
from sojourn.api.native_v1.exports import Telling
from sojourn.atlas import Files
from sojourn.config import Settings
from sojourn.console.routes import console
from sojourn.core.administration import Administration
from sojourn.core.errors import SojournError, Unavailable
from sojourn.core.house import House
from sojourn.openid import provider_of
from sojourn.services import Services, services
from sojourn.web import health
from sojourn.web.access import Gate
from sojourn.web.backend import Backend
from sojourn.web.dialect import Dialect
from sojourn.web.docs import Documents
from sojourn.web.limits import Limits
from sojourn.web.live import Live
from sojourn.web.log import RequestLog
from sojourn.web.metrics import Metrics
from sojourn.web.openapi import Chapter
from sojourn.web.system import System

__all__ = ["Services", "services", "web"]

SWEEP_SECONDS = 15.0
SAMPLE_SECONDS = 1.0


class Doors:
    """Sends a request to the app whose prefix its path has; each has an error table of its own."""

    def __init__(self, doors: Sequence[tuple[str, ASGIApp]], others: ASGIApp, lifespan: ASGIApp) -> None:
        self._doors = [(prefix, f"{prefix}/", app) for prefix, app in doors]
        self._others = others
        self._lifespan = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._find(scope["path"]) if scope["type"] == "http" else self._lifespan
        await app(scope, receive, send)

    def _find(self, path: str) -> ASGIApp:
        for prefix, folder, app in self._doors:
            if path == prefix or path.startswith(folder):
                return app
        return self._others


def web(settings: Settings, core: Services, measures: Path | None = None) -> ASGIApp:
    """The server: all dialects on one core; `measures` is the folder in which several workers measure together.

    Raises: Invalid, naming the variable, when a file cannot be read.
    """
    atlas = Files(settings)
    metrics = Metrics(measures)
    limits = Limits(core.clock, settings.redis, metrics.uncounted)
    writer = ThreadPoolExecutor(1, "writer")
    door = ThreadPoolExecutor(2, "door")
    readers = ThreadPoolExecutor(settings.readers, "reader")
    keeper = ThreadPoolExecutor(1, "house")
    gate = Gate(core.registry, core.clock, door)
    backend = Backend(
        gate=gate,
        recorder=core.recorder,
        journal=core.journal,
        registry=core.registry,
        custodian=core.custodian,
        clock=core.clock,
        writer=writer,
        readers=readers,
        capacity=-(-settings.queue // settings.workers),  # together they let as much wait as one would
        seconds=settings.queue_seconds,
        public_url=settings.public_url or None,
        observe=metrics.commit,
    )
    metrics.watch_queue(lambda: backend.writes.length, lambda: backend.writes.seconds)

    # One of all processes on the same data does these; each is one bounded piece of work.
    house = House(
        core.upkeep,
        core.clock,
        (
            lambda: metrics.closed(core.recorder.close_idle()),
            core.recorder.forget_keys,
            core.recorder.count_busy,
            core.registry.drop_expired,
            lambda: metrics.swept(core.custodian.sweep()),
        ),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        duties = asyncio.create_task(
            _attend(_keep_house((core.recorder.note_busy, house.keep, gate.note_use), keeper), _sample(metrics))
        )
        try:
            yield
        finally:
            duties.cancel()
            await backend.writes.settle()
            keeper.shutdown()  # which waits for what it is doing
            with suppress(Unavailable):  # nobody waits for longer because of when a token was last used
                gate.note_use()
                house.leave()
            for executor in (writer, door, readers):
                executor.shutdown()
            await limits.close()
            atlas.close()
            core.close()

    def spoken(chapter: Chapter) -> Dialect:
        return Dialect(chapter.operations, chapter.spell, gate, backend.pause)

    documents = Documents(version("sojourn"), backend.public_url)
    feeds, system = Live(backend), System(backend, core.upkeep, metrics.collected, version("sojourn"))
    native = native_v1.chapter(backend, atlas, feeds, system, Administration(core.registry, core.signin))
    sessions, tokens, logins = activity_v2.chapter(backend), oauth.chapter(backend), ekran.chapter(backend)
    visits = endpoint_v6.chapter(backend, limits)
    own = health.chapter(backend, metrics.show, documents.operations(health.TAG))
    documents.describe([native, sessions, tokens, logins, visits, own])
    v6, itself = Door(spoken(visits)), spoken(own)
    doors: list[tuple[str, ASGIApp]] = [
        *[(prefix, v6) for prefix in prefixes()],
        ("/v2", spoken(sessions)),
        ("/v3", spoken(tokens)),
        ("/ekranapi", spoken(logins)),
        ("/api/v1", spoken(native)),
        *[(operation.path, itself) for operation in own.operations],
    ]
    people = console(backend, core.signin, feeds, system, Telling(core.journal), provider_of(settings, core.clock))
    served = RequestLog(Doors(doors, people, Starlette(lifespan=lifespan)), metrics.request)
    return cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, served), settings.proxies)) if settings.proxies else served


async def _attend(*duties: Coroutine[Any, Any, None]) -> None:
    await asyncio.gather(*duties)


async def _sample(metrics: Metrics) -> None:
    """Every second: write down what a scrape of another worker could not ask for."""
    while True:
        metrics.sample()
        await asyncio.sleep(SAMPLE_SECONDS)


async def _keep_house(tasks: Sequence[Callable[[], object]], keeper: Executor) -> None:
    """Every few seconds: what each process has noted, and the chores, where they are this one's."""
    log = structlog.get_logger()
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            for task in tasks:
                await loop.run_in_executor(keeper, task)
        except SojournError as error:
            log.warning("housekeeping waits", reason=error.message)
        except Exception as error:
            log.exception("housekeeping failed", exc_info=error)

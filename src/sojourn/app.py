"""The composition root: the one place that knows everybody and gives each what it needs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from sojourn.api.activity_v2 import errors as activity_v2_errors
from sojourn.api.activity_v2 import routes as activity_v2
from sojourn.api.ekran import errors as ekran_errors
from sojourn.api.ekran import routes as ekran
from sojourn.api.native_v1 import errors as native_v1_errors
from sojourn.api.native_v1 import routes as native_v1
from sojourn.config import Settings
from sojourn.core.errors import SojournError
from sojourn.services import Services, services
from sojourn.web import health
from sojourn.web.access import Gate
from sojourn.web.backend import Backend
from sojourn.web.dialect import Dialect, Spell
from sojourn.web.errors import problem
from sojourn.web.log import RequestLog
from sojourn.web.metrics import Metrics
from sojourn.web.operation import Operation

__all__ = ["Services", "services", "web"]

SWEEP_SECONDS = 15.0


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


def web(settings: Settings, core: Services) -> ASGIApp:
    """The server: all dialects on one core."""
    metrics = Metrics()
    writer = ThreadPoolExecutor(1, "writer")
    door = ThreadPoolExecutor(2, "door")
    readers = ThreadPoolExecutor(settings.readers, "reader")
    gate = Gate(core.registry, core.clock, door)
    backend = Backend(
        gate=gate,
        recorder=core.recorder,
        journal=core.journal,
        registry=core.registry,
        clock=core.clock,
        writer=writer,
        readers=readers,
        capacity=settings.queue,
        public_url=settings.public_url or None,
        observe=metrics.commit,
    )
    metrics.watch_queue(lambda: backend.writes.length)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_keep_house(core, gate, metrics))
        try:
            yield
        finally:
            sweeping.cancel()
            await backend.writes.settle()
            gate.note_use()
            for executor in (writer, door, readers):
                executor.shutdown()
            core.close()

    def spoken(operations: Sequence[Operation], spell: Spell) -> Dialect:
        return Dialect(operations, spell, gate)

    v2 = spoken(activity_v2.operations(backend), activity_v2_errors.spell)
    doors: list[tuple[str, ASGIApp]] = [
        ("/v2", v2),
        ("/v3", v2),
        ("/ekranapi", GZipMiddleware(spoken(ekran.operations(backend), ekran_errors.spell), compresslevel=4)),
        ("/api/v1", spoken(native_v1.operations(backend), native_v1_errors.spell)),
    ]
    others = spoken(health.operations(backend, metrics.show), lambda _request, fault: problem(fault))
    return RequestLog(Doors(doors, others, Starlette(lifespan=lifespan)), metrics.request)


async def _keep_house(core: Services, gate: Gate, metrics: Metrics) -> None:
    """Close idle sessions, forget what has had its day, note when tokens were used: every few seconds."""
    log = structlog.get_logger()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            metrics.closed(await asyncio.to_thread(core.recorder.close_idle))
            await asyncio.to_thread(core.recorder.forget_keys)
            await asyncio.to_thread(core.registry.drop_expired)
            await asyncio.to_thread(gate.note_use)
        except SojournError as error:
            log.warning("housekeeping waits", reason=error.message)
        except Exception as error:
            log.exception("housekeeping failed", exc_info=error)

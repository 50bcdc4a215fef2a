"""The agent's parts, put together as the settings say: the composition root of this guest."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sojourn.agent import errand
from sojourn.agent.courier import Courier
from sojourn.agent.loop import Loop
from sojourn.agent.machine import AGENT, description, id_for, machine_id
from sojourn.agent.schedule import Round, Schedule
from sojourn.agent.settings import Settings, SettingsError, SiteSection, seconds
from sojourn.agent.spool import Spool
from sojourn.agent.uplink import Uplink


def agent_id(settings: Settings) -> str:
    """Tell this agent's id: configured, or made from the machine's. Raises: NoMachineId."""
    return settings.id or id_for(AGENT, machine_id())


def courier(settings: Settings, spool: Spool) -> Courier | None:
    """Make what delivers; None if no server is configured."""
    server = settings.uplink_server()
    if server is None:
        return None
    return Courier(
        spool=spool,
        uplink=Uplink(server),
        agent_id=agent_id(settings),
        description=description(settings.name),
    )


def loop(settings: Settings, spool: Spool, *, sandbox: bool = True) -> Loop:
    """Make the service. Raises: SettingsError."""
    carrying = courier(settings, spool)
    if carrying is None:
        raise SettingsError("no server is configured: set server.url")
    return Loop(
        schedule=Schedule([_round(section) for section in settings.sites]),
        visit=lambda each: errand.run(errand.Asked(settings=settings, urls=each.urls, sandbox=sandbox)),
        spool=spool,
        courier=carrying,
    )


@contextmanager
def opened_spool(settings: Settings) -> Iterator[Spool]:
    """Open the spool of the configuration."""
    path = settings.state_directory() / "spool.sqlite"
    with closing(Spool(path, max_bytes=settings.max_bytes(), max_age=settings.max_age())) as spool:
        yield spool


def _round(section: SiteSection) -> Round:
    root = section.url.rstrip("/")
    urls = tuple(f"{root}/{page.lstrip('/')}" for page in section.pages)
    return Round(urls=urls or (section.url,), interval=float(seconds("site.interval", section.interval)))

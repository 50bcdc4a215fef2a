"""Runs a ceiling as a server of its own: `python -m benchmarks.ceiling unstored|bare`, with Sojourn's settings."""

import sys
from collections.abc import Callable, Mapping

import uvicorn
from starlette.types import ASGIApp

from benchmarks.bare import bare
from benchmarks.population import Population
from benchmarks.unstored import unstored
from sojourn.config import Settings, load
from sojourn.web.log import configure

CEILINGS: Mapping[str, Callable[[Settings, Population], ASGIApp]] = {"unstored": unstored, "bare": bare}


def main() -> None:
    """Serve until stopped."""
    settings = load()
    configure(settings.log_level)
    app = CEILINGS[sys.argv[1]](settings, Population())
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()

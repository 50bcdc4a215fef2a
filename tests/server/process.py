"""A real server in a process of its own, to be talked to over a socket, and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

TOKEN = "a-token-for-tests-alone"
STARTING_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Process:
    """`sojourn serve` on a database; started again on the same port after each end."""

    def __init__(self, database: str, log: Path, workers: int = 1) -> None:
        self._port = free_port()
        self._log = log
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SOJOURN_")},
            "SOJOURN_DATABASE": database,
            "SOJOURN_OWNER_TOKEN": TOKEN,
            "SOJOURN_PORT": str(self._port),
            "SOJOURN_WORKERS": str(workers),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def client(self) -> httpx.Client:
        """A client of the owner."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("sojourn"), "serve"], env=self._environment, stdout=log, stderr=log
            )
        end = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.02)
        raise AssertionError(self._log.read_text())

    def workers(self) -> list[psutil.Process]:
        """Its processes, where it has several."""
        assert self._process is not None
        return psutil.Process(self._process.pid).children()

    def kill(self) -> None:
        """End it at once, whatever it is at."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

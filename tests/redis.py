"""A real Redis for the tests, from the system's packages."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis, RedisError

PASSWORD = "the-password-of-redis"

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


class RedisServer:
    """A server on a socket in a directory of its own, and on no port; it can be stopped and started again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = directory / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://:{PASSWORD}@{self.socket}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--requirepass", PASSWORD, "--save", ""]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", self._directory], stdout=subprocess.DEVNULL, env=dict(os.environ)
        )
        end = time.monotonic() + 30
        while True:
            with Redis.from_url(self.url) as client:
                try:
                    client.ping()
                    return
                except RedisError:
                    assert time.monotonic() < end
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it; what it counted is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def known(self) -> dict[str, int]:
        """What it knows, and for how many seconds more."""
        with Redis.from_url(self.url) as client:
            return {key.decode(): client.ttl(key) for key in client.scan_iter()}


@contextmanager
def redis_server(directory: Path) -> Iterator[RedisServer]:
    """A server that is gone afterwards."""
    server = RedisServer(directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()

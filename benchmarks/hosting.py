"""Servers under load: each a process of its own, on the core that is theirs."""

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.databases import OWNER
from benchmarks.machine import ROOT, on
from benchmarks.traffic import Call

SOJOURN = (str(Path(sys.executable).parent / "sojourn"), "serve")
START_SECONDS = 30.0


def ceiling(name: str) -> Sequence[str]:
    """The command of a ceiling."""
    return (sys.executable, "-m", "benchmarks.ceiling", name)


class Refused(Exception):
    """A server answered, but not with what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A server that runs."""

    name: str
    port: int
    pid: int
    authorization: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, call: Call) -> bytes:
        """The body of an answer. Raises: OSError, Refused."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        with closing(connection):
            connection.request(call.method, call.path, call.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise Refused(f"{self.name} answers {answer.status} to {call.method} {call.path}: {body[:500]!r}")
        return body

    def metrics(self) -> Mapping[str, float]:
        """Sums of what it tells of itself, by name; nothing of a server that tells nothing."""
        try:
            text = self.ask(Call(method="GET", path="/metrics")).decode()
        except Refused:
            return {}
        sums: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
        return sums


@contextmanager
def host(
    name: str, command: Sequence[str], database: str, token: str, *, core: int | None, log: Path, poll: float = 0.05
) -> Iterator[Host]:
    """Run a server until the end of the block; its log goes to a file, as it would in earnest.

    `poll` is how often, in seconds, it is looked whether the server answers yet.
    """
    port = _free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SOJOURN_")}
    environment |= {"SOJOURN_DATABASE": database, "SOJOURN_HOST": "127.0.0.1", "SOJOURN_PORT": str(port)}
    environment |= {"SOJOURN_OWNER_EMAIL": OWNER, "SOJOURN_OWNER_TOKEN": token}
    with log.open("wb") as lines, on(core):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=lines, stderr=lines)
    authorization = "Basic " + b64encode(f"{OWNER}:{token}".encode()).decode()
    served = Host(name=name, port=port, pid=process.pid, authorization=authorization)
    try:
        _wait(served, process, log, poll)
        yield served
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


def _wait(served: Host, process: "subprocess.Popen[bytes]", log: Path, poll: float) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            served.ask(Call(method="GET", path="/healthz"))
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{served.name} did not start:\n{log.read_text()[-4000:]}") from error
            time.sleep(poll)

"""A server in a process of its own, as `sojourn serve` starts it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOJOURN = str(Path(sys.executable).parent / "sojourn")
SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers: its process, its address, and what it printed when it started."""

    process: subprocess.Popen[str]
    address: str
    told: str
    log: Path

    @property
    def token(self) -> str:
        """The owner's token, as it was printed."""
        found = re.search(r"^  export TOKEN=(\S+)$", self.told, flags=re.MULTILINE)
        assert found, self.told
        return found[1]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to stop; its exit code, and what it logged."""
        self.process.send_signal(number)
        return self.process.wait(timeout=SECONDS), self.log.read_text()


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a command on the database at `url`."""
    return {**os.environ, "SOJOURN_DATABASE": url, **more}


@contextmanager
def serving(url: str, *options: str, **settings: str) -> Iterator[Server]:
    """A server on the database at `url`, on a free port unless told otherwise, that is gone afterwards."""
    with (
        tempfile.NamedTemporaryFile("w", prefix="sojourn-", suffix=".log") as log,
        subprocess.Popen(
            [SOJOURN, "serve", *(options or ("--port", "0"))],
            env=environment(url, **settings),
            stdout=subprocess.PIPE,
            stderr=log,  # a pipe would be full some time, and the server wait for a reader
            text=True,
        ) as process,
    ):
        try:
            told = _first_words(process)
            found = re.search(r"listens on (\S+)", told)
            assert found, f"ended with {process.wait(timeout=SECONDS)}: {told}{Path(log.name).read_text()}"
            yield Server(process=process, address=found[1], told=told, log=Path(log.name))
        finally:
            process.kill()


def _first_words(process: "subprocess.Popen[str]") -> str:
    """What it prints until it listens, or ends."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    return "".join(lines)

"""The bar of a long command: on a terminal, and nowhere else."""

import os
import pty
import subprocess
from pathlib import Path

from click.testing import CliRunner

from sojourn.cli import main
from sojourn.services import system_clock
from tests.companies import fill, opened
from tests.servers import SOJOURN, environment


def on_a_terminal(*words: str, url: str) -> tuple[bytes, bytes]:
    """What a command writes to standard output, and what to the terminal that is its standard error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [SOJOURN, *words],
        env=environment(url, TERM="xterm", COLUMNS="120"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        told = process.stdout.read()
        drawn = b""
        try:
            while piece := os.read(ours, 65_536):
                drawn += piece
        except OSError:  # the other end is closed: that is how a terminal ends
            pass
        assert process.wait(timeout=60) == 0, drawn
    os.close(ours)
    return told, drawn


def test_a_terminal_shows_how_far_it_is(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url, system_clock) as core:
        fill(core)
    packed, lines = str(tmp_path / "a.backup"), str(tmp_path / "a.ndjson")
    for words, doing in (
        (("backup", packed), b"backing up"),
        (("restore", "--replace", packed), b"restoring"),
        (("export", lines), b"exporting"),
        (("import", lines), b"importing"),
    ):
        told, drawn = on_a_terminal(*words, url=sqlite_url)
        assert told == b""
        assert doing in drawn
        assert b"\x1b[" in drawn


def test_a_pipe_shows_none(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as core:
        fill(core)
    told = CliRunner().invoke(main, ["backup", str(tmp_path / "a")], env={"SOJOURN_DATABASE": sqlite_url})
    assert told.stderr.count("\n") == 1
    assert "\x1b" not in told.stderr

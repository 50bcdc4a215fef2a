"""The browser's process: found, started with a profile of its own, ended, and cleaned up after."""

import ctypes
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sojourn.agent.browser.devtools import BrowserError, DevTools

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""What it is called by distributions, in the order of preference."""

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "about:blank",
)
_PROFILE = "sojourn-browser-"
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4  # of <linux/prctl.h>
_SECONDS_TO_END = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSettings:
    """Which browser, and how. `sandbox` can be given up only where the system allows none."""

    executable: str | None = None
    sandbox: bool = True
    flags: tuple[str, ...] = ()
    page_seconds: float = 30.0


def found(settings: BrowserSettings) -> str:
    """Find the browser. Raises: BrowserError."""
    names = NAMES if settings.executable is None else (settings.executable,)
    for name in names:
        if path := shutil.which(name):
            return path
    raise BrowserError(
        f"there is no {' or '.join(names)} here: install the package chromium, or name the"
        " executable in the section [browser] of the configuration"
    )


@contextmanager
def running(settings: BrowserSettings) -> Iterator[DevTools]:
    """Run a browser with a profile of its own, both gone afterwards. Raises: BrowserError."""
    executable = found(settings)
    if settings.sandbox and os.geteuid() == 0:
        raise BrowserError(
            "as root the browser runs only without its sandbox: run the agent as another user,"
            " or set sandbox = false in the section [browser] (--no-sandbox)"
        )
    remove_stale_profiles()
    profile = Path(tempfile.mkdtemp(prefix=f"{_PROFILE}{os.getpid()}-"))
    try:
        yield from _running(executable, settings, profile)
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def _running(executable: str, settings: BrowserSettings, profile: Path) -> Iterator[DevTools]:
    # What it complains of is kept in memory: it may name addresses, and the disk is not for them.
    complaints = os.memfd_create("complaints")
    sandbox = () if settings.sandbox else ("--no-sandbox",)
    arguments = (
        executable,
        f"--user-data-dir={profile}",
        *sandbox,
        *settings.flags,
        *FLAGS,
    )
    keep_capabilities()
    process, devtools = _spawned(arguments, profile, complaints)
    try:
        yield devtools
    except BrowserError as error:
        if reason := _last_complaint(complaints):
            raise BrowserError(f"{error} ({reason})") from error
        raise
    finally:
        devtools.close()
        _end(process)
        os.close(complaints)


def _spawned(arguments: Sequence[str], profile: Path, complaints: int) -> tuple[int, DevTools]:
    """Start the process with the pipe's ends where the protocol wants them: 3 to hear, 4 to speak.

    `posix_spawn` and not a fork with Python code in the child: other threads are running.
    """
    hear, speaking = _pipe()
    reading, speak = _pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, complaints, 2),
        (os.POSIX_SPAWN_DUP2, hear, 3),
        (os.POSIX_SPAWN_DUP2, speak, 4),
    ]
    environment = os.environ | {
        "XDG_CONFIG_HOME": str(profile / "config"),
        "XDG_CACHE_HOME": str(profile / "cache"),
    }
    try:
        process = os.posix_spawn(arguments[0], list(arguments), environment, file_actions=actions, setpgroup=0)
    except OSError as error:
        os.close(speaking)
        os.close(reading)
        raise BrowserError(f"{arguments[0]} does not start: {error}") from error
    finally:
        os.close(hear)
        os.close(speak)
    return process, DevTools(reading=reading, writing=speaking)


def _pipe() -> tuple[int, int]:
    """Make a pipe whose numbers are well above 4, so that putting one end there hits no other."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _end(process: int) -> None:
    """Wait for the browser to end by the closed pipe; then end it and all that it started."""
    deadline = time.monotonic() + _SECONDS_TO_END
    while time.monotonic() < deadline and os.waitpid(process, os.WNOHANG)[0] == 0:
        time.sleep(0.02)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(process, 0)


def _last_complaint(complaints: int) -> str:
    size = os.fstat(complaints).st_size
    text = os.pread(complaints, 4096, max(0, size - 4096)).decode("utf-8", "replace")
    errors = [line for line in text.splitlines() if "ERROR" in line or "FATAL" in line]
    return errors[-1].strip()[-300:] if errors else ""


def keep_capabilities() -> None:
    """Let no program that this thread starts have capabilities of ours: a service may have CAP_NET_RAW for ping."""
    ctypes.CDLL(None).prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)


def remove_stale_profiles() -> None:
    """Remove the profiles of agents that were killed before they could."""
    for profile in Path(tempfile.gettempdir()).glob(f"{_PROFILE}[0-9]*-*"):
        owner = profile.name.removeprefix(_PROFILE).partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(profile, ignore_errors=True)

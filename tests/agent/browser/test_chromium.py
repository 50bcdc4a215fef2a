import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sojourn.agent.browser import process
from sojourn.agent.browser.chromium import visit
from sojourn.agent.browser.devtools import BrowserError
from sojourn.agent.browser.process import BrowserSettings, found, remove_stale_profiles, running
from tests.agent.chrome import SETTINGS, needs_chromium
from tests.agent.site import MARKER, Site
from tests.agent.waiting import until

pytestmark = needs_chromium


@pytest.fixture(autouse=True, scope="module")
def others() -> frozenset[Path]:
    """Profiles that are there before: another module's tests may keep a browser in this process."""
    return frozenset(_profiles())


@pytest.fixture
def profiles(others: frozenset[Path]) -> Callable[[], list[Path]]:
    """The profiles that browsers of this module left behind."""
    return lambda: [profile for profile in _profiles() if profile not in others]


def _profiles() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"sojourn-browser-{os.getpid()}-*"))


def test_pages_are_told_as_a_person_saw_them(profiles: Callable[[], list[Path]], web_site: Site) -> None:
    log = visit([f"{web_site.url}/?{MARKER}", f"{web_site.url}/moved", f"{web_site.url}/nowhere"], SETTINGS)
    home, moved, nowhere = log.pages
    assert [page.id for page in log.pages] == ["page_0", "page_1", "page_2"]
    assert [page.title for page in log.pages] == ["Home", "Home", "Not here"]
    assert [page.response_code for page in log.pages] == [200, 200, 404]
    assert moved.url == f"{web_site.url}/?{MARKER}"
    assert home.on_content_load is not None
    assert home.on_load is not None
    assert home.on_load >= 200  # the picture takes so long
    assert home.on_content_load < home.on_load
    assert home.started < moved.started < nowhere.started
    assert home.response_time is not None
    assert log.notes == ()
    assert log.browser is not None
    assert log.browser.name in ("Chromium", "Google Chrome")
    assert re.fullmatch(r"\d+(\.\d+){3}", log.browser.version or "")
    asked = [entry.url.removeprefix(web_site.url) for entry in log.entries if entry.page == "page_0"]
    assert asked[0] == f"/?{MARKER}"
    assert {f"/slow.png?{MARKER}", f"/app.js?{MARKER}"} <= set(asked)
    assert profiles() == []


def test_a_page_without_a_title_has_its_address(web_site: Site) -> None:
    (page,) = visit([f"{web_site.url}/untitled"], SETTINGS).pages
    assert page.title == f"{web_site.url}/untitled"


def test_a_dialog_stops_nothing(web_site: Site) -> None:
    (page,) = visit([f"{web_site.url}/dialog"], SETTINGS).pages
    assert page.title == "Dialog"
    assert page.on_load is not None


def test_a_frame_of_another_site_is_part_of_the_page(web_site: Site) -> None:
    log = visit([f"{web_site.url}/framed"], SETTINGS)
    assert any("localhost" in entry.url and entry.status == 200 for entry in log.entries)
    assert {entry.page for entry in log.entries} == {"page_0"}


def test_a_refused_connection_is_a_page_that_tells_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        log = visit([url], SETTINGS)
    (page,) = log.pages
    assert (page.url, page.title) == (url, url)
    assert (page.response_code, page.on_load, page.on_content_load, page.response_time) == (None, None, None, None)
    assert log.notes == ("page: net::ERR_CONNECTION_REFUSED",)
    assert [entry.url for entry in log.entries] == [url]


def test_a_page_that_never_answers_is_given_up(web_site: Site) -> None:
    patient = BrowserSettings(sandbox=SETTINGS.sandbox, page_seconds=1)
    log = visit([f"{web_site.url}/hanging", f"{web_site.url}/untitled"], patient)
    hanging, untitled = log.pages
    assert (hanging.response_code, hanging.on_load) == (None, None)
    assert hanging.url == f"{web_site.url}/hanging"
    assert untitled.response_code == 200
    assert log.notes == ("page: no answer within 1 s",)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Chromium puts a socket below it, and the path of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        yield Path(path)


def test_nothing_of_a_visit_is_written_to_disk(
    web_site: Site, monkeypatch: pytest.MonkeyPatch, short_path: Path
) -> None:
    """The browser's own files are looked through while it still runs."""
    monkeypatch.setenv("TMPDIR", str(short_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    looked_through: list[Path] = []

    def end_and_look(pid: int) -> None:
        for file in short_path.rglob("*"):
            with suppress(FileNotFoundError):  # it is at work
                if stat.S_ISREG(file.lstat().st_mode):
                    assert MARKER.encode() not in file.read_bytes(), file
                    looked_through.append(file)
        ended(pid)

    ended = process._end
    monkeypatch.setattr(process, "_end", end_and_look)
    visit([f"{web_site.url}/?{MARKER}"], SETTINGS)
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert looked_through
    assert list(short_path.glob("sojourn-browser-*")) == []


STARTING = """
import sys, time
from sojourn.agent.browser.process import running
from tests.agent.chrome import SETTINGS
with running(SETTINGS) as devtools:
    print(devtools.call("Browser.getVersion")["product"], flush=True)
    time.sleep(60)
"""


def test_a_browser_ends_with_an_agent_that_is_killed(profiles: Callable[[], list[Path]]) -> None:
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", STARTING], stdout=subprocess.PIPE, text=True, cwd=root, env=environment
    ) as agent:
        assert agent.stdout is not None
        assert "Chrome" in agent.stdout.readline()
        mark = f"sojourn-browser-{agent.pid}-".encode()
        assert browsers(mark)
        agent.kill()
    until(lambda: not browsers(mark))
    assert list(Path(tempfile.gettempdir()).glob(f"{mark.decode()}*"))
    remove_stale_profiles()
    assert not list(Path(tempfile.gettempdir()).glob(f"{mark.decode()}*"))


def browsers(mark: bytes) -> list[str]:
    """The processes that run with such a profile."""
    found = []
    for commandline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in commandline.read_bytes():
                found.append(commandline.parent.name)
        except OSError:
            continue
    return found


def test_a_browser_that_does_not_start_says_why(profiles: Callable[[], list[Path]], tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'FATAL: no usable sandbox' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(BrowserError, match="no usable sandbox"):
        visit(["http://127.0.0.1/"], BrowserSettings(executable=str(broken), sandbox=False))
    assert profiles() == []


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BrowserError, match="install the package chromium"):
        found(BrowserSettings())
    with pytest.raises(BrowserError, match="there is no /opt/none here"):
        found(BrowserSettings(executable="/opt/none"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must give up the sandbox")
def test_root_is_told_about_the_sandbox() -> None:
    with pytest.raises(BrowserError, match="--no-sandbox"), running(BrowserSettings()):
        pass

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from sojourn.agent import errand
from sojourn.agent.errand import Asked, ErrandFailed, run
from sojourn.agent.settings import BrowserSection, PrivacySection, Settings

HERE = Settings(
    id="a", privacy=PrivacySection(domains=("127.0.0.1",)), browser=BrowserSection(executable="/nowhere/chromium")
)


def test_a_visit_comes_back_from_another_process() -> None:
    visit = run(Asked(settings=HERE, urls=("http://127.0.0.1:9/",)))
    assert visit["visitedSite"] == "127.0.0.1"
    assert visit["trigger"] == "auto"
    assert visit["network"]["connect"] == {"error": "Connection refused"}
    assert any(error.startswith("browser: there is no /nowhere/chromium") for error in visit["network"]["errors"])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Asked(settings=HERE, urls=("http://bank.example/",)), "not among the domains"),
        (Asked(settings=Settings(id="a", as_database="/nowhere/as.mmdb"), urls=("http://127.0.0.1/",)), "/nowhere"),
    ],
    ids=["not listed", "no database"],
)
def test_why_there_is_no_visit_comes_back_too(asked: Asked, reason: str) -> None:
    with pytest.raises(ErrandFailed, match=reason):
        run(asked)


def test_a_process_that_breaks_down_is_no_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/false")
    with pytest.raises(ErrandFailed, match="exit code 1"):
        run(Asked(settings=HERE, urls=("http://127.0.0.1/",)))


def test_a_visit_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hanging = tmp_path / "python"
    program = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)\n"
    hanging.write_text(f"#!{sys.executable}\n{program}")
    hanging.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hanging))
    monkeypatch.setattr(errand, "SPARE_SECONDS", -29.5)
    monkeypatch.setattr(errand, "ENDING_SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises(ErrandFailed, match=r"longer than 0\.5 s"):
        run(Asked(settings=HERE, urls=("http://127.0.0.1/",)))
    assert time.monotonic() - begun < 30


def test_an_interruption_ends_the_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        begun = time.monotonic()
        with pytest.raises(Interrupted):
            run(Asked(settings=HERE, urls=("http://127.0.0.1:9/",)))
        assert time.monotonic() - begun < 9
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)

"""logind as python-dbusmock plays it on a bus of the tests' own."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from sojourn.agent.logins.follow import RECONNECT_SECONDS, Live
from sojourn.agent.logins.logind import NAME, Logind, NoLogind, boot_id

PYTHON = "/usr/bin/python3"  # dbusmock comes with the system, and not from the package index
MANAGER = "/org/freedesktop/login1"
START = 1_793_606_460_000_000


def has_dbusmock() -> bool:
    if shutil.which("dbus-daemon") is None or not Path(PYTHON).exists():
        return False
    found = subprocess.run([PYTHON, "-c", "import dbusmock.templates"], check=False, capture_output=True)
    return found.returncode == 0


needs_dbusmock = pytest.mark.skipif(
    not has_dbusmock(), reason="dbus-daemon and python3-dbusmock (Debian packages) are not installed"
)


@dataclass
class Mock:
    """logind's stage manager: who logs in, who leaves."""

    bus: DBusConnection

    def call(self, path: str, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        address = DBusAddress(path, bus_name=NAME, interface="org.freedesktop.DBus.Mock")
        return unwrap_msg(self.bus.send_and_get_reply(new_method_call(address, method, signature, body)))

    def log_in(self, name: str, login: str, *, uid: int = 1000, **properties: tuple[str, Any]) -> None:
        (path,) = self.call(MANAGER, "AddSession", "ssusb", (name, "seat0", uid, login, True))
        told = {"Timestamp": ("t", START), "TTY": ("s", "tty2"), "Leader": ("u", 4711)} | properties
        self.call(path, "UpdateProperties", "sa{sv}", (f"{NAME}.Session", told))
        self.signal("SessionNew", name, path)

    def change(self, name: str, **properties: tuple[str, Any]) -> None:
        self.call(f"{MANAGER}/session/{name}", "UpdateProperties", "sa{sv}", (f"{NAME}.Session", properties))

    def log_out(self, name: str) -> None:
        path = f"{MANAGER}/session/{name}"
        self.call(MANAGER, "RemoveObject", "s", (path,))
        self.signal("SessionRemoved", name, path)

    def signal(self, member: str, name: str, path: str) -> None:
        self.call(MANAGER, "EmitSignal", "sssav", (f"{NAME}.Manager", member, "so", [("s", name), ("o", path)]))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        try:
            yield address
        finally:
            daemon.terminate()


@pytest.fixture
def mock(bus: str) -> Iterator[Mock]:
    command = [PYTHON, "-m", "dbusmock", "--system", "--template", "logind"]
    environment = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": bus}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        connection = open_dbus_connection(bus)
        try:
            deadline = time.monotonic() + 30
            while not connection.bus_proxy.NameHasOwner(NAME)[0]:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield Mock(connection)
        finally:
            connection.close()
            process.terminate()


@needs_dbusmock
def test_it_tells_who_is_logged_in(mock: Mock) -> None:
    mock.log_in("c1", "ann")
    mock.log_in("7", "bob", uid=1001, TTY=("s", ""), Display=("s", ":0"), Timestamp=("t", START + 5))
    with Logind() as logind:
        ann, bob = sorted(logind.sessions(), key=lambda each: each.login)
    assert (ann.login, ann.line, ann.started_at, ann.pid, ann.source) == ("ann", "tty2", START, 4711, "logind")
    assert (bob.login, bob.line, bob.started_at) == ("bob", ":0", START + 5)
    assert ann.identity == f"{boot_id()}/c1"
    assert ann.ended_at is None


@needs_dbusmock
def test_greeters_services_and_those_who_are_leaving_are_nobody(mock: Mock) -> None:
    mock.log_in("c1", "gdm", Class=("s", "greeter"))
    mock.log_in("c2", "ann", Class=("s", "background"))
    mock.log_in("c3", "ann", Class=("s", "manager"))
    mock.log_in("c4", "ann", State=("s", "closing"))
    mock.log_in("c5", "ann", Class=("s", "user-early"))
    with Logind() as logind:
        assert [each.identity.rpartition("/")[2] for each in logind.sessions()] == ["c5"]


@needs_dbusmock
def test_it_wakes_at_a_login_and_at_a_logout(mock: Mock) -> None:
    with Logind() as logind:
        assert logind.sessions() == []
        for change, count in ((lambda: mock.log_in("c1", "ann"), 1), (lambda: mock.log_out("c1"), 0)):
            later = threading.Timer(0.1, change)
            later.start()
            begun = time.monotonic()
            assert logind.wait(30)
            assert time.monotonic() - begun < 20
            later.join()
            assert len(logind.sessions()) == count


@needs_dbusmock
def test_a_change_that_came_while_it_asked_is_not_missed(mock: Mock) -> None:
    with Logind() as logind:
        mock.log_in("c1", "ann")
        logind.sessions()
        assert logind.wait(10)


@needs_dbusmock
def test_it_waits_no_longer_than_it_is_told(mock: Mock) -> None:
    with Logind() as logind:
        assert not logind.wait(0.05)


@needs_dbusmock
def test_a_session_that_ends_between_two_questions_is_left_out(mock: Mock) -> None:
    mock.log_in("c1", "ann")
    with Logind() as logind:
        mock.call(
            MANAGER,
            "AddMethod",
            "sssss",
            (f"{NAME}.Manager", "ListSessions", "", "a(susso)", f"ret = [('x', 1, 'bob', '', '{MANAGER}/session/x')]"),
        )
        assert logind.sessions() == []


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
def test_a_bus_without_logind_says_so(bus: str) -> None:
    with Logind() as logind, pytest.raises(NoLogind, match="not on the system bus"):
        logind.sessions()


def test_a_machine_without_a_bus_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(NoLogind, match="no system bus"):
        Logind()


@needs_dbusmock
def test_what_is_lost_is_looked_for_again(mock: Mock) -> None:
    mock.log_in("c1", "ann")
    now = [0.0]
    made: list[Logind] = []
    tries: list[float] = []

    def connect() -> Logind:
        tries.append(now[0])
        if len(tries) == 2:
            raise NoLogind("away")
        made.append(Logind())
        return made[-1]

    live = Live(connect=connect, passed=lambda: now[0])
    assert len(live.sessions() or []) == 1
    made[0]._connection.sock.shutdown(2)
    assert live.sessions() is None
    now[0] += RECONNECT_SECONDS
    assert live.sessions() is None
    now[0] += RECONNECT_SECONDS / 2
    assert live.sessions() is None
    assert len(tries) == 2
    now[0] += RECONNECT_SECONDS
    assert len(live.sessions() or []) == 1
    live.close()


def test_without_logind_it_waits_as_long_as_it_is_told() -> None:
    def connect() -> Logind:
        raise NoLogind("none here")

    live = Live(connect=connect)
    assert live.sessions() is None
    begun = time.monotonic()
    live.wait(0.05)
    assert time.monotonic() - begun >= 0.05

"""The logins of this moment, told by systemd-logind over D-Bus, and word of every change."""

from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, MatchRule, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import Message

from sojourn.agent.logins.session import LoginSession

NAME = "org.freedesktop.login1"
SECONDS = 10.0
"""The longest that an answer of the bus is waited for."""

_MANAGER = DBusAddress("/org/freedesktop/login1", bus_name=NAME, interface=f"{NAME}.Manager")
_CHANGES = ("SessionNew", "SessionRemoved", "PrepareForShutdown")
_ABSENT = (
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class NoLogind(Exception):
    """logind cannot be asked: there is no bus, or nobody of that name on it."""


class Logind:
    """A conversation with logind. Raises NoLogind from any method when it breaks off."""

    def __init__(self, bus: str = "SYSTEM") -> None:
        try:
            self._connection: DBusConnection = open_dbus_connection(bus)
        except (OSError, KeyError, ValueError) as error:
            raise NoLogind(f"no system bus: {error}") from error
        self._boot = boot_id()
        self._changes: deque[Message] = deque(maxlen=1)
        try:
            self._listen()
        except NoLogind:
            self.close()
            raise

    def __enter__(self) -> "Logind":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def sessions(self) -> list[LoginSession]:
        """Tell the people who are logged in now; greeters and services are none."""
        listed = self._ask(new_method_call(_MANAGER, "ListSessions"))[0]
        found = []
        for name, _uid, login, _seat, path in listed:
            with suppress(DBusErrorResponse):  # it ended between the two questions
                found.append(self._session(name, login, path))
        return [session for session in found if session is not None]

    def wait(self, seconds: float) -> bool:
        """Wait for a change for so many seconds; tell whether there was one."""
        try:
            self._connection.recv_until_filtered(self._changes, timeout=seconds)
        except TimeoutError:
            return False
        except OSError as error:
            raise NoLogind(f"the system bus broke off: {error}") from error
        return True

    def _session(self, name: str, login: str, path: str) -> LoginSession | None:
        address = DBusAddress(path, bus_name=NAME, interface="org.freedesktop.DBus.Properties")
        told: dict[str, tuple[str, Any]]
        (told,) = self._ask(new_method_call(address, "GetAll", "s", (f"{NAME}.Session",)))
        properties = {key: value for key, (_signature, value) in told.items()}
        is_person = str(properties.get("Class", "user")).startswith("user")
        started = properties.get("Timestamp", 0)
        if not is_person or properties.get("State") == "closing" or not started:
            return None
        return LoginSession(
            login=login,
            line=properties.get("TTY") or properties.get("Display") or "",
            started_at=started,
            pid=properties.get("Leader") or None,
            source="logind",
            identity=f"{self._boot}/{name}",
        )

    def _listen(self) -> None:
        for change in _CHANGES:
            rule = MatchRule(type="signal", interface=_MANAGER.interface, member=change, path=_MANAGER.object_path)
            self._ask(message_bus.AddMatch(rule))
            self._connection.filter(rule, queue=self._changes)

    def _ask(self, question: Message) -> Any:
        try:
            reply = self._connection.send_and_get_reply(question, timeout=SECONDS)
        except OSError as error:
            raise NoLogind(f"the system bus gives no answer: {error}") from error
        if reply.header.message_type == MessageType.error:
            if reply.header.fields.get(HeaderFields.error_name) in _ABSENT:
                raise NoLogind("logind is not on the system bus")
            raise DBusErrorResponse(reply)
        return reply.body


def boot_id() -> str:
    """Tell the id of this run of the machine."""
    return _BOOT_ID.read_text(encoding="ascii").strip()

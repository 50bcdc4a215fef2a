"""Network namespaces, entered by one thread at a time; and threads without privileges."""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


def _call(function: str, *arguments: Any) -> None:
    """A system call of this thread; `OSError` if it fails."""
    if getattr(_libc, function)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


class Namespace:
    """A network namespace of its own, with its loopback down; `PermissionError` if not allowed."""

    def __init__(self) -> None:
        self._descriptor = in_thread(self._make)

    @staticmethod
    def _make() -> int:
        _call("unshare", _CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def path(self) -> str:
        """Where another program finds it."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def close(self) -> None:
        os.close(self._descriptor)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread opens or starts meanwhile lives in this namespace, and stays there."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("setns", self._descriptor, _CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", outside, _CLONE_NEWNET)
        finally:
            os.close(outside)

    def configure(self, **values: str) -> None:
        """Set kernel parameters: `ipv4__ip_forward="1"` is net.ipv4.ip_forward.

        Those that this kernel does not have in a namespace are left out.
        """
        with self.entered():
            for name, value in values.items():
                parameter = Path("/proc/sys/net", *name.split("__"))
                if parameter.exists():
                    parameter.write_text(value)


def in_thread(work: Callable[[], T]) -> T:
    """Do it in a thread of its own, so that what it does to itself ends with it."""
    results: list[T] = []
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # told to the caller, whatever it is
            failures.append(failure)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def without_capabilities(work: Callable[[], T], *, no_new_privileges: bool) -> T:
    """Do it in a thread that has no capability, and whose programs may not have any either."""

    def attempt() -> T:
        if no_new_privileges:
            _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        _call("capset", header, (ctypes.c_uint32 * 6)())
        return work()

    return in_thread(attempt)

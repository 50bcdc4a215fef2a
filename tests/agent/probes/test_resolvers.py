from pathlib import Path

import pytest

from sojourn.agent.probes.resolvers import name_servers

RESOLVED = "nameserver 192.0.2.53\nnameserver 2001:db8::53\n"


@pytest.mark.parametrize(
    ("configured", "resolved", "expected"),
    [
        ("nameserver 8.8.8.8\nnameserver 8.8.4.4\n", None, ("8.8.8.8", "8.8.4.4")),
        ("# nameserver 1.1.1.1\n;nameserver 1.1.1.1\nsearch example\nnameserver\t9.9.9.9 # us\n", None, ("9.9.9.9",)),
        ("nameserver 9.9.9.9\nnameserver 9.9.9.9\n", RESOLVED, ("9.9.9.9",)),
        ("nameserver 127.0.0.53\noptions edns0\n", RESOLVED, ("192.0.2.53", "2001:db8::53")),
        ("nameserver 127.0.0.53\n", None, ("127.0.0.53",)),
        ("nameserver 127.0.0.53\n", "# none\n", ("127.0.0.53",)),
        ("nameserver fe80::1%eth0\n", None, ("fe80::1%eth0",)),
        ("nameserver\nsearch example\n", None, ()),
        (None, RESOLVED, ()),
    ],
)
def test_it_names_the_servers_that_are_asked_in_the_end(
    tmp_path: Path, configured: str | None, resolved: str | None, expected: tuple[str, ...]
) -> None:
    files = {"configured": configured, "resolved": resolved}
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).write_text(text)
    assert name_servers(tmp_path / "configured", tmp_path / "resolved") == expected

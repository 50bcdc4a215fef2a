"""Who is at the other end."""

import pytest
from starlette.requests import Request

from sojourn.web.peer import peer_address


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("84.255.241.1", 50_000), "84.255.241.1"),
        (("::ffff:84.255.241.1", 50_000), "84.255.241.1"),
        (("2001:4860:4860:0::8888", 0), "2001:4860:4860::8888"),
        (("unknown", 0), None),
        (("", 0), None),
        (None, None),
    ],
)
def test_an_address_has_one_form(client: tuple[str, int] | None, address: str | None) -> None:
    assert peer_address(Request({"type": "http", "client": client})) == address

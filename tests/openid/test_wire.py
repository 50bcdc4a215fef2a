"""Asking a provider: it may take its time, and tell its life, for so long only."""

import asyncio
import socket

import pytest

from sojourn.core.provider import Away
from sojourn.openid import wire
from tests.identity import new_key, providing


def test_who_never_answers_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Away, match="cannot be reached"):
        asyncio.run(wire.ask("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/"))


def test_who_does_not_stop_answering_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with providing("reader@example.org", int, new_key()) as identity:
        assert asyncio.run(wire.fetch(f"{identity.address}/keys", dict))["keys"]
        monkeypatch.setattr(wire, "MOST_BYTES", 100)
        with pytest.raises(Away, match="more than 100 bytes"):
            asyncio.run(wire.fetch(f"{identity.address}/keys", dict))


def test_a_redirect_is_not_followed() -> None:
    with providing("reader@example.org", int, new_key()) as identity:
        identity.status = 302
        with pytest.raises(Away, match="status 302"):
            asyncio.run(wire.fetch(f"{identity.address}/keys", dict))

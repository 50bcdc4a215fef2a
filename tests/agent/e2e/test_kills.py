"""The service and a real server: whenever the service is killed, every visit arrives, and once."""

import signal
import time
from pathlib import Path

import httpx
import pytest

from sojourn.agent.courier import Courier
from sojourn.agent.spool import Spool
from sojourn.agent.uplink import Server as Receiver
from sojourn.agent.uplink import Uplink
from tests.agent.test_loop import serving as running_service
from tests.servers import serving

pytestmark = pytest.mark.slow


def arrived(url: str, token: str) -> list[str]:
    """The dates of all visits that the server has: each visit has one of its own."""
    dates: list[str] = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        page = client.get("/api/v1/visits", params={"limit": "1000"}).json()
        while True:
            dates += [visit["date"] for visit in page["items"]]
            if "next" not in page:
                return dates
            page = client.get("/api/v1/visits", params={"limit": "1000", "cursor": page["next"]}).json()


def test_fifty_kills_lose_nothing_and_repeat_nothing(database_url: str, tmp_path: Path) -> None:
    path, kept = tmp_path / "spool.sqlite", 0
    with serving(database_url) as server:
        url, token = server.address.rstrip("/"), server.token
        for life in range(50):
            with running_service(path, url, token) as service:
                assert service.stdout is not None
                assert service.stdout.readline()
                kept += 1
                time.sleep(0.004 * (life % 13))
                service.kill()
                kept += len(service.stdout.read().split())
                assert service.wait() == -signal.SIGKILL
        spool = Spool(path)
        uplink = Uplink(Receiver(url=url, token=lambda: token))
        Courier(spool=spool, uplink=uplink, agent_id="a", description={}).deliver()
        counts = spool.counts()
        spool.close()
        uplink.close()
        dates = arrived(url, token)
    assert counts["waiting"] == counts["refused"] == 0
    assert len(set(dates)) == len(dates) == counts["put"]
    assert kept <= counts["put"] <= kept + 50

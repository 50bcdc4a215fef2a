"""Server, agent, a web site and Chromium, on a path of network namespaces: what was measured comes out as published.

The machine's end of the path has server, agent and browser; the site is at the far end, behind a gateway and routers
with delay and labels.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.agent import site
from tests.agent.chrome import needs_chromium
from tests.agent.path.network import GATEWAY, OWN, TARGET, WHIMS, Network, network, obstacle
from tests.servers import SOJOURN, Server, serving

pytestmark = [needs_chromium, pytest.mark.slow]

GOLDEN = Path(__file__).parents[2] / "api" / "golden" / "endpoint_v6_details.json"
ASIDE = (
    ".orgName",  # what only a database of addresses knows of public ones
    ".coordinates",
    ".network.networkProfile.publicIp",
    ".network.traceroute.hops[].asn",
    ".network.traceroute.hops[].prefix",
    ".network.networkProfile.wirelessProfile",  # no radio here
)
CONFIG = """
name = "reception"

[server]
url = "{url}"

[privacy]
domains = ["{target}"]

[spool]
directory = "{root}/state"

[browser]
sandbox = {sandbox}
"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """All that takes part."""

    path: Network
    server: Server
    site: site.Site
    root: Path

    def visit(self, *pages: str) -> "subprocess.CompletedProcess[str]":
        """Have the agent visit pages of the site, as a person would."""
        config = self.root / "agent.toml"
        sandbox = "false" if os.geteuid() == 0 else "true"
        url = self.server.address.rstrip("/")
        config.write_text(CONFIG.format(url=url, target=TARGET[4], root=self.root, sandbox=sandbox))
        command = [SOJOURN, "agent", "--config", str(config), "visit", *(self.site.url + page for page in pages)]
        # A proxy that is passed by, so that the profile has one to tell.
        proxy = {"http_proxy": "http://192.0.2.77:3128", "no_proxy": f"{OWN[4]},{TARGET[4]}"}
        environment = os.environ | {"SOJOURN_TOKEN": self.server.token} | proxy
        with self.path.near.entered():
            return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)

    def ask(self, path: str) -> Any:
        """What the server answers from within the near end."""
        with self.path.near.entered():
            answer = httpx.get(
                self.server.address.rstrip("/") + path,
                headers={"Authorization": f"Bearer {self.server.token}"},
                timeout=30,
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open(self, address: str) -> httpx.Response:
        """The page that a person gets who signs in with the owner's token on the way to an address."""
        headers = {"Accept": "text/html"}
        with self.path.near.entered(), httpx.Client(follow_redirects=True, headers=headers, timeout=30) as person:
            door = person.get(address)
            hidden = re.findall(r'<input type="hidden" name="(proof|next)" value="([^"]*)"', door.text)
            form = {name: unescape(value) for name, value in hidden} | {"token": self.server.token}
            return person.post(urljoin(self.server.address, "/sign-in/token"), data=form)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    reason = obstacle()
    if reason is not None:
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("stage")
    with ExitStack() as stack:
        path = stack.enter_context(network(*WHIMS))
        with path.far.entered():
            web_site = stack.enter_context(site.serving(TARGET[4]))
        with path.near.entered():
            database = f"sqlite:///{root}/sojourn.db"
            server = stack.enter_context(serving(database, "--port", "0", "--host", OWN[4]))
        yield Stage(path=path, server=server, site=web_site, root=root)


def paths(told: Any, prefix: str = "") -> set[str]:
    """The place of every value in a document: `.pages[].title`."""
    if isinstance(told, dict):
        return {place for name, value in told.items() for place in paths(value, f"{prefix}.{name}")}
    if isinstance(told, list):
        return {place for value in told for place in paths(value, f"{prefix}[]")} or {prefix}
    return {prefix}


def test_a_visit_comes_out_with_every_published_field_filled_from_measurement(stage: Stage) -> None:
    made = stage.visit(f"/?{site.MARKER}", "/moved")
    assert made.returncode == 0, made.stderr
    assert "Delivered." in made.stderr
    listed = stage.ask("/v6/endpoint-data/user-sessions.json?window=1h")["userSessions"]
    identity = listed[-1]["userSessionId"]
    (told,) = stage.ask(f"/v6/endpoint-data/user-sessions/{identity}.json")["userSessions"]

    published = paths(json.loads(GOLDEN.read_text())["userSessions"][0])
    missing = {place for place in published - paths(told) if not place.startswith(ASIDE)}
    assert missing == set()
    assert site.MARKER not in json.dumps(told)

    assert told["visitedSite"] == TARGET[4]
    assert told["protocol"] == "http"
    assert str(told["port"]) == stage.site.url.rpartition(":")[2]
    assert told["sourceAddr"] == OWN[4]
    assert told["numberOfPages"] == 2
    assert [page["title"] for page in told["pages"]] == ["Home", "Home"]
    assert {page["responseCode"] for page in told["pages"]} == {200}
    assert told["pages"][1]["pageTimings"]["onLoad"] >= 200
    check_page(stage.open(told["permalink"]), told)
    check_network(told["network"])


def check_network(told: dict[str, Any]) -> None:
    """The path is known: 80 ms there and back, and who answers on it."""
    assert told["errors"] == []
    assert told["icmpBlocked"] is False
    assert told["networkProfile"]["gateway"] == GATEWAY[4]
    assert told["networkProfile"]["ipAddress"] == OWN[4]
    assert told["networkProfile"]["subnetMask"] == "255.255.255.0"
    assert 80 <= told["connect"]["rtt"] < 200
    assert 80 <= told["ping"]["minRtt"] < 200
    assert told["gatewayPing"]["minRtt"] < 50
    assert told["ping"]["pktsReceived"] == told["gatewayPing"]["pktsReceived"] == 10
    hops = {hop["hop"]: hop for hop in told["traceroute"]["hops"]}
    assert hops[1]["ipAddress"] == GATEWAY[4]
    assert hops[3]["mpls"] == ["L=301472,E=0,S=1,T=1"]
    assert hops[max(hops)]["ipAddress"] == told["traceroute"]["destination"] == TARGET[4]
    assert told["systemMetrics"]["cpuUtilization"]["count"] == 10
    assert told["systemMetrics"]["physicalMemoryUsedBytes"]["count"] == 11


def check_page(page: httpx.Response, told: dict[str, Any]) -> None:
    """Its link opens in the console, and what was measured stands there."""
    assert page.status_code == 200
    assert page.url.path.endswith(told["userSessionId"])
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
    assert "The worse of 2 pages took" in words
    assert "L=301472,E=0,S=1,T=1" in words
    assert GATEWAY[4] in words
    assert "silent: no answer to the probes" in words
    assert f"{round(told['network']['ping']['avgRtt'])} ms" in words
    assert "Processors" in words
    assert "Until the page was there" in words  # the requests are there


def test_its_pages_come_out_as_har_and_its_agent_describes_itself(stage: Stage) -> None:
    stage.visit("/untitled")
    listed = stage.ask("/v6/endpoint-data/user-sessions.json?window=1h")["userSessions"]
    identity, agent_id = listed[-1]["userSessionId"], listed[-1]["agentId"]
    har = stage.ask(f"/v6/endpoint-data/user-sessions/{identity}/page/page_0.json")["har"]
    assert [page["title"] for page in har["log"]["pages"]] == [f"{stage.site.url}/untitled"]
    assert har["log"]["entries"][0]["request"]["url"] == f"{stage.site.url}/untitled"
    (agent,) = stage.ask(f"/v6/endpoint-agents/{agent_id}.json")["endpointAgents"]
    assert agent["agentName"] == "reception"
    assert agent["totalMemory"]
    assert agent["kernelVersion"] == os.uname().release


def test_a_visit_that_was_kept_arrives_once_with_the_next(stage: Stage) -> None:
    before = len(stage.ask("/api/v1/visits?limit=1000")["items"])
    down = Stage(path=stage.path, server=_Away(stage.server), site=stage.site, root=stage.root)  # type: ignore[arg-type]
    kept = down.visit("/other")
    assert kept.returncode == 75, kept.stderr
    assert "kept for later" in kept.stderr
    assert stage.visit("/other").returncode == 0
    assert len(stage.ask("/api/v1/visits?limit=1000")["items"]) == before + 2


@dataclass(frozen=True)
class _Away:
    """The server's address and token, at a port where nobody listens."""

    server: Server

    @property
    def address(self) -> str:
        return self.server.address.rpartition(":")[0] + ":9/"

    @property
    def token(self) -> str:
        return self.server.token

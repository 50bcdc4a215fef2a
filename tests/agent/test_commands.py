import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from sojourn.agent.commands import KEPT, agent
from sojourn.agent.machine import AGENT, id_for, machine_id
from sojourn.agent.uplink import unpack
from tests.agent.browser.test_chromium import browsers
from tests.agent.chrome import needs_chromium
from tests.agent.native import TOKEN, Answer, NativeServer
from tests.agent.site import MARKER, Site
from tests.agent.test_har import document, entry, packed, page
from tests.agent.waiting import until

CONFIG = """
name = "reception"

[server]
url = "{url}"
token_file = "{root}/token"

[privacy]
domains = ["site.example", "127.0.0.1"]

[spool]
directory = "{root}/state"
"""
NO_SANDBOX = ["--no-sandbox"] if os.geteuid() == 0 else []


@pytest.fixture
def config(tmp_path: Path, server: NativeServer) -> Path:
    (tmp_path / "token").write_text(TOKEN + "\n")
    path = tmp_path / "agent.toml"
    path.write_text(CONFIG.format(url=server.url, root=tmp_path))
    return path


@pytest.fixture
def har(tmp_path: Path) -> Path:
    path = tmp_path / "exported.har"
    pages = [page(), page(id="b", title="Bank")]
    entries = [entry(), entry(pageref="b", request={"url": f"https://bank.example/{MARKER}"})]
    path.write_bytes(packed(document(pages=pages, entries=entries)))
    return path


def run(config: Path, *arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(agent, ["--config", str(config), *map(str, arguments)], input=stdin)


def test_a_har_file_is_printed_and_delivered(server: NativeServer, config: Path, har: Path) -> None:
    told = run(config, "har", har)
    assert told.exit_code == 0
    assert "https://www.site.example:443" in told.stdout
    assert "3492 ms" in told.stdout
    assert "1 pages of sites that are not listed were left out" in told.stderr
    assert "Delivered." in told.stderr
    (visit,) = server.visits
    assert visit["visitedSite"] == "www.site.example"
    assert "bank" not in json.dumps(visit)
    assert list(server.agents) == [visit["agentId"]] == [id_for(AGENT, machine_id())]
    assert server.agents[visit["agentId"]]["agentName"] == "reception"


def test_a_file_that_is_delivered_twice_is_stored_once(server: NativeServer, config: Path, har: Path) -> None:
    run(config, "har", har)
    assert run(config, "har", har).exit_code == 0
    assert len(server.visits) == 1


def test_json_is_what_is_delivered(server: NativeServer, config: Path, har: Path) -> None:
    told = run(config, "har", "--json", har)
    assert json.loads(told.stdout) == server.visits


def test_a_dry_run_shows_exactly_what_would_be_sent_and_writes_and_sends_nothing(
    server: NativeServer, config: Path, har: Path, tmp_path: Path
) -> None:
    dry = run(config, "har", "--dry-run", har).stdout
    assert server.seen == []
    assert not (tmp_path / "state").exists()
    run(config, "har", har)
    registration, delivery = server.seen
    first, second = dry.split("POST ")
    assert first.partition("\n")[0] == f"PUT {registration.path}"
    assert json.loads(first.partition("\n")[2]) == registration.document
    path, key, body = second.split("\n", 2)
    assert (path, key) == (delivery.path, f"Idempotency-Key: {delivery.key}")
    assert json.loads(body) == delivery.document


def test_a_file_may_come_through_a_pipe(server: NativeServer, config: Path, har: Path) -> None:
    assert run(config, "har", "-", stdin=har.read_bytes()).exit_code == 0
    assert len(server.visits) == 1


def test_a_domain_can_be_allowed_for_once(server: NativeServer, config: Path, har: Path) -> None:
    run(config, "har", "--domain", "bank.example", har)
    assert [visit["visitedSite"] for visit in server.visits] == ["www.site.example", "bank.example"]


def test_without_domains_no_file_is_told_of(server: NativeServer, config: Path, har: Path) -> None:
    config.write_text(config.read_text().replace('"site.example", "127.0.0.1"', ""))
    refused = run(config, "har", har)
    assert refused.exit_code == 1
    assert "--domain" in refused.stderr
    assert server.seen == []


def test_what_cannot_be_delivered_is_kept_and_delivered_the_next_time(
    server: NativeServer, config: Path, har: Path
) -> None:
    server.fail = lambda _seen: Answer(status=503, detail="at lunch")
    kept = run(config, "har", har)
    assert kept.exit_code == KEPT
    assert "kept for later: registration: 503 at lunch" in kept.stderr
    assert json.loads(run(config, "status", "--json").stdout)["waiting"] == 1
    server.fail = lambda _seen: None
    other = har.with_name("other.har")
    other.write_bytes(packed(document(pages=[page(title="Another")])))
    assert run(config, "har", other).exit_code == 0
    assert len(server.visits) == 2
    assert "delivered      2" in run(config, "status").stdout


def test_a_visit_that_makes_the_server_fail_is_kept(server: NativeServer, config: Path, har: Path) -> None:
    server.fail = lambda seen: Answer(status=500, detail="a bug") if seen.method == "POST" else None
    kept = run(config, "har", har)
    assert kept.exit_code == KEPT
    assert "kept for later: 500 a bug" in kept.stderr


def test_a_refusal_is_told_with_its_reason(server: NativeServer, config: Path, har: Path) -> None:
    server.fail = lambda seen: Answer(status=422, detail="no such site") if seen.method == "POST" else None
    refused = run(config, "har", har)
    assert refused.exit_code == 1
    assert "the server refused it: 422 no such site" in refused.stderr
    assert "422 no such site" in run(config, "status").stdout


def test_without_a_server_it_measures_and_says_so(config: Path, har: Path, server: NativeServer) -> None:
    text = config.read_text()
    config.write_text(text.replace(f'url = "{server.url}"', ""))
    told = run(config, "har", har)
    assert told.exit_code == 0
    assert "No server is configured" in told.stderr
    assert run(config, "run").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["har", "/nowhere.har"], "No such file"),
        (["visit", "https://bank.example/"], "bank.example is not among the domains"),
        (["visit", "nonsense"], "one site"),
    ],
)
def test_what_cannot_be_done_says_why(config: Path, arguments: list[str], reason: str) -> None:
    refused = run(config, *arguments)
    assert refused.exit_code == 1
    assert reason in refused.stderr


def test_what_is_no_har_says_so(config: Path, tmp_path: Path) -> None:
    (tmp_path / "x.har").write_text("<html>")
    refused = run(config, "har", tmp_path / "x.har")
    assert refused.exit_code == 1
    assert "not JSON" in refused.stderr


def test_a_configuration_that_is_wrong_says_where(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("[servr]")
    refused = run(path, "status")
    assert refused.exit_code == 1
    assert "servr" in refused.stderr


@needs_chromium
def test_a_visit_is_opened_printed_and_delivered_without_secrets(
    server: NativeServer, config: Path, web_site: Site, tmp_path: Path
) -> None:
    server.fail = lambda seen: Answer(status=503) if seen.method == "POST" else None
    urls = [f"{web_site.url}/?token={MARKER}", f"{web_site.url}/moved"]
    kept = run(config, "visit", *NO_SANDBOX, "--no-network", *urls)
    assert kept.exit_code == KEPT
    assert "Home" in kept.stdout
    with closing(sqlite3.connect(tmp_path / "state" / "spool.sqlite")) as spool:
        ((body,),) = spool.execute("SELECT body FROM item").fetchall()
    assert MARKER not in unpack(body)
    assert MARKER not in kept.stdout
    for file in (tmp_path / "state").iterdir():
        assert MARKER.encode() not in file.read_bytes()
    server.fail = lambda _seen: None
    assert run(config, "visit", *NO_SANDBOX, "--no-network", *urls).exit_code == 0
    assert [len(visit["pages"]) for visit in server.visits] == [2, 2]
    assert MARKER not in json.dumps(server.visits)
    assert server.visits[0]["trigger"] == "user"


@needs_chromium
def test_the_service_visits_delivers_and_ends_when_it_is_told(
    server: NativeServer, config: Path, web_site: Site
) -> None:
    with config.open("a") as file:
        file.write(f'\n[[site]]\nurl = "{web_site.url}"\npages = ["/", "/untitled"]\ninterval = "1s"\n')
    program = "from sojourn.agent.commands import agent; agent()"
    command = [sys.executable, "-c", program, "--config", str(config), "run", *NO_SANDBOX]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: server.visits, 60)
        # In the middle of the next visit: browser and probes are at work.
        until(lambda: browsers_of(process.pid), 60)
        marks = browsers_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        log = process.stderr.read()
    assert "Traceback" not in log
    assert not any(browsers(mark) for mark in marks)
    (visit,) = server.visits
    assert visit["trigger"] == "auto"
    assert [each["url"] for each in visit["pages"]] == [f"{web_site.url}/untitled", f"{web_site.url}/"]
    assert visit["network"]["connect"]["rtt"] > 0
    assert visit["network"]["systemMetrics"]["cpuUtilization"]["count"] == 10


def browsers_of(service: int) -> list[bytes]:
    """The marks of the browsers that run on behalf of a service."""
    visits = psutil.Process(service).children()
    return [mark for visit in visits if browsers(mark := f"sojourn-browser-{visit.pid}-".encode())]

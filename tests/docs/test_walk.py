"""The README's walk, run as it is printed, against a server that is started as a newcomer starts it."""

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import serving

README = Path(__file__).parents[2] / "README.md"
PLACE = "127.0.0.1:8080"


def walk() -> str:
    """All lines of code of the section."""
    section = README.read_text(encoding="utf-8").partition("## A walk")[2].partition("\n## ")[0]
    return "".join(re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))


def is_free(place: str) -> bool:
    """Whether nobody listens there."""
    host, _, port = place.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def walked(address: str, token: str, cwd: Path) -> list[dict[str, object]]:
    """What the lines answered. Only the place is another, where 8080 is taken."""
    bash = shutil.which("bash")
    assert bash is not None
    lines = walk().replace(PLACE, urlsplit(address).netloc)
    ended = subprocess.run(
        [bash, "-euo", "pipefail", "-c", f"export TOKEN={token}\n{lines}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # The first answer is shown on standard error, because its number is taken out of it.
    return [json.loads(line) for line in (ended.stderr + ended.stdout).splitlines() if line]


def test_it_has_six_lines_of_curl() -> None:
    assert walk().count("curl ") == 6
    assert walk().count(PLACE) == 1


def test_it_works_as_it_is_printed(sqlite_url: str, tmp_path: Path) -> None:
    options = ("--port", "8080") if is_free(PLACE) else ("--port", "0")
    with serving(sqlite_url, *options) as server:
        for number in (1, 2):  # and again: nothing in it is for the first time only
            created, recorded, informed, ended, by_user, by_entity = walked(server.address, server.token, tmp_path)
            assert created["sessionId"] == number
            assert recorded["activities"][0]["entityId"] == "98662653"  # type: ignore[index]
            assert informed["activitySessionDetails"][0]["reason"] == "Changed mobile number"  # type: ignore[index]
            assert ended["sessionStatus"] == "INACTIVE"
            for told in (by_user, by_entity):
                assert told["pagination"]["total"] == number  # type: ignore[index]
                session = told["data"][0]  # type: ignore[index]
                assert session["sessionId"] == number
                assert session["userId"] == 75001234
                assert session["activities"][0]["name"] == "CustomerSearched"

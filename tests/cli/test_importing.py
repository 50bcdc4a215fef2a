"""`sojourn import` and `sojourn export`. The lines themselves are tested with the native dialect."""

import csv
import gzip
import io
import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.core.access import Scope
from sojourn.core.query import SessionQuery
from sojourn.core.upkeep import Flaw
from sojourn.services import Services, system_clock
from tests.cli.conftest import Run
from tests.companies import fill, opened
from tests.servers import SOJOURN, environment


def line(**changes: object) -> bytes:
    whole = {
        "login": "nina",
        "module": "CARE_DESK",
        "startedAt": "2026-01-05T09:00:00Z",
        "endedAt": "2026-01-05T09:10:00Z",
        "activities": [
            {"entityType": "CUSTOMER", "entityId": "7", "name": "Seen", "at": "2026-01-05T09:01:00Z", "note": "ü ☎"}
        ],
        "remarks": [{"reason": "Call", "at": "2026-01-05T09:10:00Z"}],
    }
    return (
        json.dumps({name: value for name, value in {**whole, **changes}.items() if value is not None}).encode() + b"\n"
    )


@pytest.fixture
def desk(database_url: str) -> Iterator[Services]:
    """An organisation without a session."""
    with opened(database_url, system_clock) as core:
        core.registry.add_organisation("Desk")
        yield core


def total(core: Services, organisation: int = 1) -> int:
    told = core.journal.page(SessionQuery(scope=Scope(organisation), total=True)).total
    assert told is not None
    return told


def test_what_is_exported_can_be_imported_with_its_numbers(desk: Services, run: Run, tmp_path: Path) -> None:
    fill(desk)
    first = run("export").stdout
    assert len(first.splitlines()) == 6
    source = tmp_path / "a.ndjson.gz"
    run("export", str(source))
    assert gzip.decompress(source.read_bytes()).decode() == first
    assert stat.S_IMODE(source.stat().st_mode) == 0o600
    run("org", "add", "Other")
    assert (
        "6 sessions are in; 0 lines were refused."
        in run("import", "--ids", "keep", "--org", "Other", str(source)).stderr
    )
    assert run("export", "--org", "2").stdout == first
    assert {flaw: desk.upkeep.count(flaw) for flaw in Flaw} == dict.fromkeys(Flaw, 0)
    told = run("import", "--ids", "keep", "--org", "Other", str(source), code=1).stderr
    assert "0 sessions are in; 6 lines were refused." in told
    assert "line 1: There is already a session 6" in told
    run("import", "--org", "Other", str(source))
    assert total(desk, 2) == 12


def test_each_line_has_its_own_verdict(desk: Services, run: Run) -> None:
    lines = [
        line(),
        b"\n",
        b"{oops\n",
        line(login=None),
        line(activities=[{"entityType": "C"}]),
        line(colour="red"),
        line(),
    ]
    told = run("import", "-", input=b"".join(lines), code=1)
    assert told.stdout == ""
    assert [text.partition(": ")[0] for text in told.stderr.splitlines()] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "2 sessions are in; 4 lines were refused.",
    ]
    assert "line 4: login is mandatory" in told.stderr
    assert "activities[0].entityId" in told.stderr
    assert total(desk) == 2


def test_many_lines_keep_their_order_over_several_transactions(
    desk: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sojourn.cli.importing.BATCH_LINES", 7)
    lines = [line(login=f"p{i}") if i % 5 else b"{}\n" for i in range(1, 101)]
    told = run("import", "-", input=b"".join(lines), code=1).stderr.splitlines()
    assert [text.partition(":")[0] for text in told[:-1]] == [f"line {i}" for i in range(5, 101, 5)]
    assert total(desk) == 80
    assert [json.loads(text)["login"] for text in run("export").stdout.splitlines()[:3]] == ["p1", "p2", "p3"]


def test_a_line_with_a_key_is_stored_once(desk: Services, run: Run) -> None:
    for _ in range(2):
        assert "1 sessions are in; 0 lines" in run("import", "-", input=line(key="desk-7/1")).stderr
    assert total(desk) == 1
    told = run("import", "-", input=line(key="desk-7/1", login="bo"), code=1).stderr
    assert "was used for another request" in told


def test_a_file_that_ends_early_keeps_what_came_before(desk: Services, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cut.ndjson.gz"
    path.write_bytes(gzip.compress(b"".join(line(login=f"p{i}") for i in range(2000)))[:-500])
    told = run("import", str(path), code=1).stderr
    assert "cannot be read to its end" in told
    assert f"{total(desk):,} sessions are in; 0 lines were refused." in told
    assert 0 < total(desk) < 2000


def test_a_file_that_cannot_be_read_is_told(desk: Services, run: Run, tmp_path: Path) -> None:
    assert "cannot be read: No such file" in run("import", str(tmp_path / "none"), code=1).stderr
    assert "cannot be read: Is a directory" in run("import", str(tmp_path), code=1).stderr


def test_a_table_comes_back(desk: Services, run: Run, tmp_path: Path) -> None:
    fill(desk)
    path = tmp_path / "a.csv"
    run("export", str(path))
    run("org", "add", "Other")
    assert "6 sessions are in" in run("import", "--ids", "keep", "--org", "Other", str(path)).stderr
    kept = (
        "id",
        "userId",
        "login",
        "device",
        "deviceName",
        "module",
        "startedAt",
        "endedAt",
        "closing",
        "reasons",
        "comments",
    )
    told = [
        [{head: row[head] for head in kept} for row in csv.DictReader(io.StringIO(text, newline=""))]
        for text in (path.read_bytes().decode(), run("export", "--format", "csv", "--org", "2").stdout_bytes.decode())
    ]
    assert told[0] == told[1]


def test_a_table_by_hand_is_understood(desk: Services, run: Run) -> None:
    table = (
        "\ufefflogin, startedAt ,endedAt,reasons,comments,module\r\n"
        'nina,2026-01-05T09:00:00Z,2026-01-05T09:10:00Z,"Call\nMail",back later,\'=DESK\r\n'
        ",,,,,\r\n"
        "bo,2026-01-05 09:00,,,,\r\n"
    )
    told = run("import", "--format", "csv", "-", input=table.encode(), code=1).stderr
    assert "line 5: startedAt" in told
    (session,) = [json.loads(text) for text in run("export").stdout.splitlines()]
    assert session["module"] == "=DESK"
    assert [(one["reason"], one.get("comment")) for one in session["remarks"]] == [
        ("Call", "back later"),
        ("Mail", None),
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "names the columns"),
        (b"a,b\n1,2\n", "names the columns"),
        (b"login,shoe size\nnina,38\n", "not known: shoe size"),
        (b"login,login\nnina,nina\n", "two columns of one name"),
        (b"login\nnina,bo\n", "more cells than columns on line 2"),
        (b"login\n\xff\n", "is not CSV in UTF-8"),
        (b'login\n"nina\n', "is not CSV in UTF-8"),
    ],
)
def test_what_is_no_table_is_refused(table: bytes, words: str, desk: Services, run: Run) -> None:
    told = run("import", "--format", "csv", "-", input=table, code=1).stderr
    assert words in told
    assert total(desk) == 0


def test_an_export_holds_what_is_asked_for(desk: Services, run: Run, tmp_path: Path) -> None:
    fill(desk)
    one = [json.loads(text) for text in run("export", "--login", "person3").stdout.splitlines()]
    assert [(session["login"], len(session["activities"])) for session in one] == [("person3", 3)]
    oldest = run("export").stdout.splitlines()
    assert run("export", "--order", "newest").stdout.splitlines() == oldest[::-1]
    assert run("export", "--status", "active", "--format", "csv").stdout.count("\n") == 2
    touched = run("export", "--rows", "activities", "--entity-id", "0").stdout.splitlines()
    assert {json.loads(text)["entityId"] for text in touched} == {"0"}
    assert len(touched) == 5


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--started-from", "yesterday"),
        ("--status", "dead"),
        ("--user-id", "x"),
        ("--alive-to", "2026-02-30"),
        ("--text", "-"),
    ],
)
def test_a_filter_that_cannot_be_is_told_by_its_option(option: str, value: str, desk: Services, run: Run) -> None:
    assert run("export", option, value, code=1).stderr.startswith(f"sojourn: {option} ")


def test_a_file_that_is_there_is_kept(desk: Services, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("dear")
    assert "is there already" in run("export", str(path), code=1).stderr
    assert path.read_text() == "dear"
    run("export", "--force", str(path))
    assert path.read_text() == ""


def test_a_reader_that_goes_away_is_no_fault(desk: Services, database_url: str) -> None:
    fill(desk)
    with subprocess.Popen(
        [SOJOURN, "export"], env=environment(database_url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, told = process.communicate(timeout=60)
    assert "Traceback" not in told

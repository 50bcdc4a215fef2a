import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from sojourn.agent.clock import text_of
from sojourn.agent.logins.collect import Collector
from sojourn.agent.logins.ledger import Ledger
from sojourn.agent.logins.records import of_wtmp
from sojourn.agent.logins.reporter import Device, NotTold, Reporter
from sojourn.agent.logins.session import LoginSession
from sojourn.agent.uplink import Denied, Server, Uplink
from tests.agent.logins.machine import minute, packed
from tests.agent.native import Answer, NativeServer, Seen

DEVICE = Device(guid="device-guid", name="reception")


@dataclass
class Workstation:
    """A workstation whose records, logind and clock are the test's."""

    root: Path
    uplink: Uplink
    minutes: float = 0
    live: list[LoginSession] | None = None
    collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        (self.root / "proc" / "100").mkdir(parents=True)
        self.start()

    def start(self) -> None:
        """Start the collector: it knows what its ledger knows."""
        ledger = Ledger(self.root / "ledger.sqlite")
        self.collector = Collector(
            records=of_wtmp(self.root / "wtmp"),
            live=lambda: self.live,
            ledger=ledger,
            reporter=Reporter(uplink=self.uplink, ledger=ledger, device=DEVICE),
            clock=lambda: minute(self.minutes),
            processes=self.root / "proc",
        )

    def stop(self, *, forget: bool = False) -> None:
        """Stop it, and with `forget` lose its ledger."""
        self.collector.ledger.close()
        if forget:
            for file in self.root.glob("ledger.sqlite*"):
                file.unlink()

    def restart(self, *, forget: bool = False) -> None:
        self.stop(forget=forget)
        self.start()

    def at(self, minutes: float, *events: str) -> None:
        """Let it be so late, append records, and collect."""
        self.minutes = minutes
        with (self.root / "wtmp").open("ab") as file:
            file.write(packed(events))
        self.collector.collect()

    def logind(self, name: str, login: str, line: str, start: float) -> LoginSession:
        """A session as logind tells of it; it is there from now on."""
        session = LoginSession(
            login=login, line=line, started_at=minute(start), pid=1, source="logind", identity=f"boot/{name}"
        )
        self.live = [*(self.live or []), session]
        return session


@pytest.fixture
def station(tmp_path: Path, uplink: Uplink) -> Iterator[Workstation]:
    made = Workstation(tmp_path, uplink)
    yield made
    made.stop()


def told(server: NativeServer) -> list[tuple[str, float, float | None]]:
    """Who was there from when to when (minutes), as the server knows."""
    return sorted(
        (session["login"], minutes(session["startedAt"]), minutes(session["endedAt"]) if "endedAt" in session else None)
        for session in server.sessions.values()
    )


def minutes(text: str) -> float:
    since = datetime.fromisoformat(text) - datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    return since.total_seconds() / 60


def test_the_history_is_told_once(server: NativeServer, station: Workstation) -> None:
    station.at(100, "0 boot", "1 login tty1 ann", "9 logout tty1", "20 login tty1 bob")
    asked = len(server.seen)
    station.at(101)
    assert told(server) == [("ann", 1, 9), ("bob", 20, None)]
    assert len(server.seen) == asked


def test_a_line_tells_all_that_the_server_needs(server: NativeServer, station: Workstation) -> None:
    station.at(100, "1 login tty1 ann", "9 logout tty1")
    (session,) = server.sessions.values()
    assert session == {
        "key": session["key"],
        "login": "ann",
        "device": {"guid": "device-guid", "name": "reception"},
        "module": "login",
        "startedAt": text_of(minute(1)),
        "endedAt": text_of(minute(9)),
    }


def test_an_end_is_told_when_it_comes(server: NativeServer, station: Workstation) -> None:
    station.at(2, "0 boot", "1 login tty1 ann")
    assert told(server) == [("ann", 1, None)]
    station.at(10, "9 logout tty1")
    assert told(server) == [("ann", 1, 9)]


def test_a_crash_is_an_end_and_told_as_such(server: NativeServer, station: Workstation) -> None:
    station.at(2, "0 boot", "1 login tty1 ann")
    station.at(70, "60 boot", "61 login tty1 bob")
    station.at(130, "120 boot")
    station.restart(forget=True)
    station.at(131)
    assert told(server) == [("ann", 1, 60), ("bob", 61, 120)]
    for session in server.sessions.values():
        assert [remark["reason"] for remark in session["remarks"]] == ["crash"]
        assert session["remarks"][0]["at"] == session["endedAt"]


@pytest.mark.parametrize("forget", [False, True])
def test_collected_twice_is_stored_once(server: NativeServer, station: Workstation, forget: bool) -> None:
    station.at(30, "0 boot", "1 login tty1 ann", "9 logout tty1", "20 login tty1 bob")
    station.restart(forget=forget)
    station.at(31)
    station.restart(forget=forget)
    station.at(50, "40 logout tty1")
    station.restart(forget=forget)
    station.at(51)
    assert told(server) == [("ann", 1, 9), ("bob", 20, 40)]


def test_who_was_told_as_open_and_forgotten_still_ends(server: NativeServer, station: Workstation) -> None:
    station.at(2, "1 login tty1 ann")
    station.restart(forget=True)
    station.at(10, "9 logout tty1")
    assert told(server) == [("ann", 1, 9)]


@pytest.mark.parametrize("status", [0, 503])
@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("forget", [False, True])
def test_a_failure_at_any_request_changes_nothing_in_the_end(
    server: NativeServer, station: Workstation, status: int, stored: bool, forget: bool
) -> None:
    """Whatever request fails, before or after it was stored, and whether the ledger survives: the same is told."""
    station.at(2, "0 boot", "1 login tty1 ann")
    station.minutes = 10
    with (station.root / "wtmp").open("ab") as file:
        file.write(packed(["9 logout tty1", "9.5 login tty2 bob", "9.7 logout tty2"]))
    for failing in range(1, 5):
        turns = iter([None] * (failing - 1) + [Answer(status=status, stored=stored)])
        server.fail = partial(_next, turns)
        station.restart(forget=forget)
        with suppress(NotTold):
            station.collector.collect()
    server.fail = lambda _seen: None
    station.collector.collect()
    assert told(server) == [("ann", 1, 9), ("bob", 9.5, 9.7)]


def _next(turns: Iterator[Answer | None], _seen: Seen) -> Answer | None:
    return next(turns, None)


def test_a_wrong_token_is_told_and_loses_nothing(server: NativeServer, station: Workstation) -> None:
    good, station.uplink.server = station.uplink.server, Server(url=server.url, token=lambda: "bad")
    with pytest.raises(NotTold, match="401") as untold:
        station.at(10, "1 login tty1 ann", "9 logout tty1")
    assert isinstance(untold.value.verdict, Denied)
    station.uplink.server = good
    station.collector.collect()
    assert told(server) == [("ann", 1, 9)]


def test_an_answer_that_breaks_off_is_asked_for_again(server: NativeServer, station: Workstation) -> None:
    server.break_off = True
    with pytest.raises(NotTold, match="every line"):
        station.at(10, "1 login tty1 ann", "9 logout tty1", "2 login tty2 bob", "3 logout tty2")
    server.break_off = False
    station.collector.collect()
    assert told(server) == [("ann", 1, 9), ("bob", 2, 3)]


def test_a_session_that_is_refused_holds_nobody_up(server: NativeServer, station: Workstation) -> None:
    server.unwelcome = "ann"
    station.at(10, "1 login tty1 ann", "9 logout tty1", "2 login tty2 bob", "3 login tty3 ann")
    asked = len(server.seen)
    station.at(11)
    assert told(server) == [("bob", 2, None)]
    assert len(server.seen) == asked


def test_what_is_refused_while_the_clock_is_ahead_is_told_later(
    server: NativeServer, station: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.at(2, "1 login tty1 ann")
    slow = {"Date": "Mon, 02 Nov 2020 08:00:00 GMT"}
    server.fail = lambda _seen: Answer(status=422, headers=slow, detail="must not be in the future")
    with pytest.raises(NotTold, match="ahead"):
        station.at(10, "9 logout tty1")
    server.fail = lambda _seen: None
    station.collector.collect()
    assert told(server) == [("ann", 1, 9)]


def test_an_open_session_is_kept_alive_while_its_process_runs(server: NativeServer, station: Workstation) -> None:
    station.at(2, "0 boot", "1 login tty1 ann 100", "1 login tty2 bob 999")
    for late in (4, 8, 9, 14, 15):
        station.at(late)
    ann = next(number for number, session in server.sessions.items() if session["login"] == "ann")
    assert server.heartbeats == [ann, ann]
    (station.root / "proc" / "100").rmdir()
    station.at(30)
    assert len(server.heartbeats) == 2


def test_a_session_that_is_over_at_the_server_is_no_failure(server: NativeServer, station: Workstation) -> None:
    station.at(2, "0 boot", "1 login tty1 ann 100", "1 login tty2 bob 999")
    server.sessions[1]["endedAt"] = text_of(minute(5))
    del server.sessions[2]
    station.at(10, "9 logout tty1", "9 logout tty2")
    station.at(11)
    assert told(server) == [("ann", 1, 5)]


def test_logind_adds_whom_no_record_tells_of(server: NativeServer, station: Workstation) -> None:
    station.logind("1", "ann", "tty1", 1)
    station.logind("2", "cem", "tty7", 1)
    station.at(2, "0 boot", "1.01 login tty1 ann")
    assert told(server) == [("ann", 1.01, None), ("cem", 1, None)]
    station.live = []
    station.at(3, "2.9 logout tty1")
    assert told(server) == [("ann", 1.01, 2.9), ("cem", 1, 3)]


def test_a_login_that_only_logind_tells_of_waits_for_its_record(server: NativeServer, station: Workstation) -> None:
    station.logind("1", "ann", "", 1)
    station.at(1.1, "0 boot")
    assert told(server) == []
    station.at(1.15, "1.05 login pts/0 ann")
    station.at(5)
    assert told(server) == [("ann", 1.05, None)]


def test_a_record_that_comes_late_makes_no_second_session(server: NativeServer, station: Workstation) -> None:
    station.logind("1", "ann", "", 1)
    station.at(1.5, "0 boot")
    station.at(1.6, "1.05 login pts/0 ann")
    station.live = []
    station.at(2, "1.9 logout pts/0")
    station.at(30)
    assert told(server) == [("ann", 1, 2)]


def test_who_left_while_nobody_watched_left_when_last_seen(server: NativeServer, station: Workstation) -> None:
    station.logind("1", "ann", "", 1)
    for late in (2, 3, 4, 5):
        station.at(late, *(["0 boot"] if late == 2 else []))
    station.live = []
    station.restart()
    station.at(60)
    assert told(server) == [("ann", 1, 5)]


def test_while_logind_cannot_be_asked_nobody_has_left(server: NativeServer, station: Workstation) -> None:
    station.logind("1", "ann", "", 1)
    station.at(2, "0 boot")
    station.live = None
    station.at(3)
    assert told(server) == [("ann", 1, None)]


def test_two_runs_of_the_machine_name_their_sessions_apart(server: NativeServer, station: Workstation) -> None:
    first = station.logind("c1", "ann", "", 1)
    station.at(2, "0 boot")
    station.live = [replace(first, identity="boot2/c1", started_at=minute(10))]
    station.at(11)
    assert told(server) == [("ann", 1, 2), ("ann", 10, None)]


def test_a_long_history_is_told_in_parts(server: NativeServer, station: Workstation) -> None:
    events = [event for n in range(1200) for event in (f"{n} login tty1 ann", f"{n + 0.5} logout tty1")]
    station.at(5000, *events)
    assert len(server.sessions) == 1200
    assert [len(seen.document) for seen in server.seen] == [500, 500, 200]


def test_a_record_that_cannot_be_read_stops_nothing(server: NativeServer, station: Workstation) -> None:
    station.at(2, "1 login tty1 ann")
    (station.root / "wtmp.1.gz").write_bytes(b"no gzip at all")
    station.at(10, "9 logout tty1")
    assert told(server) == [("ann", 1, None)]
    (station.root / "wtmp.1.gz").unlink()
    station.at(11)
    assert told(server) == [("ann", 1, 9)]


def test_a_damaged_ledger_is_begun_anew(server: NativeServer, station: Workstation) -> None:
    station.at(2, "1 login tty1 ann")
    station.stop(forget=True)
    (station.root / "ledger.sqlite").write_bytes(b"no database at all" * 1000)
    station.start()
    station.at(10, "9 logout tty1")
    assert told(server) == [("ann", 1, 9)]


def test_the_ledger_forgets_what_left_the_records(server: NativeServer, station: Workstation) -> None:
    station.at(10, "1 login tty1 ann", "9 logout tty1")
    (station.root / "wtmp").unlink()
    station.at(2 * 24 * 60, f"{2 * 24 * 60 - 5} login tty1 bob", f"{2 * 24 * 60 - 1} logout tty1")
    keys = station.collector.ledger.settled()
    assert len(keys) == 1
    assert json.dumps(told(server)) == '[["ann", 1.0, 9.0], ["bob", 2875.0, 2879.0]]'

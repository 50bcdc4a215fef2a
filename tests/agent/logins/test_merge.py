from hypothesis import given
from hypothesis import strategies as st

from sojourn.agent.logins.merge import APART, pairs
from sojourn.agent.logins.session import LoginSession

SECOND = 1_000_000
NOW = 1_800_000_000 * SECOND


def record(login: str = "ann", line: str = "tty1", at: float = 0, pid: int | None = 100) -> LoginSession:
    return LoginSession(login=login, line=line, started_at=NOW + round(at * SECOND), pid=pid, source="wtmp")


def told(
    login: str = "ann", line: str = "tty1", at: float = 0, pid: int | None = 100, name: str = "c1"
) -> LoginSession:
    return LoginSession(
        login=login, line=line, started_at=NOW + round(at * SECOND), pid=pid, source="logind", identity=f"boot/{name}"
    )


def test_one_session_that_both_tell_of_is_a_pair() -> None:
    assert pairs([record(at=0.4)], [told()]) == [(record(at=0.4), told())]


def test_another_person_terminal_or_time_is_another_session() -> None:
    assert pairs([record(login="bob")], [told()]) == []
    assert pairs([record(line="tty2")], [told()]) == []
    assert pairs([record(at=APART / SECOND + 1)], [told()]) == []


def test_without_a_terminal_in_one_the_time_decides() -> None:
    assert pairs([record(line="pts/0", pid=7)], [told(line="", pid=8)])
    assert pairs([record(line="", pid=None)], [told(line="tty1")])
    assert not pairs([record(line="", pid=7)], [told(line="tty1", pid=8)])


def test_each_is_paired_once_and_the_closest_first() -> None:
    near, far = record(line="pts/0", at=1), record(line="pts/1", at=5)
    first, second = told(line="", at=0.9, name="1"), told(line="", at=4.8, name="2")
    assert pairs([far, near], [second, first]) == [(near, first), (far, second)]
    assert pairs([near], [first, second]) == [(near, first)]


SESSIONS = st.builds(
    lambda login, line, at: (login, line, at),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["tty1", "pts/0", ""]),
    st.floats(0, 60),
)


@given(st.lists(SESSIONS, max_size=8), st.lists(SESSIONS, max_size=8))
def test_nobody_is_in_two_pairs(recorded: list[tuple[str, str, float]], live: list[tuple[str, str, float]]) -> None:
    records = [record(login, line, at, pid=number) for number, (login, line, at) in enumerate(recorded)]
    lives = [told(login, line, at, name=str(number)) for number, (login, line, at) in enumerate(live)]
    found = pairs(records, lives)
    assert len({id(one) for one, _ in found}) == len(found)
    assert len({id(other) for _, other in found}) == len(found)

"""What an agent may tell of itself: by tables."""

import re
from typing import Any

import pytest

from sojourn.core.access import Scope
from sojourn.core.agent import AgentDraft, Client
from sojourn.core.errors import Forbidden, Invalid
from sojourn.core.intent import Deliver, Intent, Register, Unregister
from sojourn.core.recorder import checked
from sojourn.core.report import Browser, Visit
from sojourn.core.visit import Source


def test_its_texts_are_trimmed_and_blank_ones_are_absent() -> None:
    told = AgentDraft(
        agent_id=" a1 ",
        agent_name=" Ada's ",
        model="  ",
        addresses=(" 10.0.0.1",),
        clients=(Client(user_name="ada ", browsers=(Browser(name=" Chromium", version=" "),)),),
    )
    assert told.checked() == AgentDraft(
        agent_id="a1",
        agent_name="Ada's",
        addresses=("10.0.0.1",),
        clients=(Client(user_name="ada", browsers=(Browser(name="Chromium"),)),),
    )


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"agent_id": " "}, "agent_id must not be empty"),
        ({"agent_id": "a" * 256}, "agent_id must not be longer"),
        ({"os_version": "\0"}, "os_version must not contain"),
        ({"total_memory": -1}, "total_memory must be"),
        ({"total_memory": 2**53 + 1}, "total_memory must be"),
        ({"addresses": ("10.0.0.1",) * 101}, "addresses must not hold more than 100"),
        ({"addresses": ("10.0.0.1", "")}, "addresses[1] must not be empty"),
        ({"clients": (Client(user_name="a"),) * 101}, "clients must not hold more"),
        ({"clients": (Client(user_name=""),)}, "clients[0].user_name must not be empty"),
        ({"clients": (Client(user_name="a", browsers=(Browser(name="b"),) * 21),)}, "clients[0].browsers must not"),
        ({"clients": (Client(user_name="a", browsers=(Browser(name=""),)),)}, "clients[0].browsers[0].name must not"),
    ],
)
def test_it_refuses_by_name(fields: dict[str, Any], refused: str) -> None:
    with pytest.raises(Invalid, match=re.escape(refused)):
        AgentDraft(**{"agent_id": "a1", **fields}).checked()


@pytest.mark.parametrize(
    ("about", "name"),
    [
        (AgentDraft(agent_id="a", agent_name="n", computer_name="c"), "n"),
        (AgentDraft(agent_id="a", computer_name="c"), "c"),
        (AgentDraft(agent_id="a"), None),
    ],
)
def test_people_call_it_by_its_name_or_its_machines(about: AgentDraft, name: str | None) -> None:
    assert about.name == name


@pytest.mark.parametrize(
    "intent",
    [
        Register(scope=Scope(1, 7), agent=AgentDraft(agent_id="a"), source=Source()),
        Unregister(scope=Scope(1, 7), agent_id="a"),
        Deliver(
            scope=Scope(1, 7),
            visit=Visit(agent_id="a", date=0, visited_site="a.example", protocol="https", port=443),
            facets={},
            source=Source(),
        ),
    ],
    ids=lambda intent: type(intent).__name__,
)
def test_who_sees_one_person_alone_speaks_for_no_machine(intent: Intent) -> None:
    with pytest.raises(Forbidden, match="not narrowed"):
        checked(intent, 0)

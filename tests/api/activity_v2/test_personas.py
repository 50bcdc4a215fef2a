"""Everybody tries every operation: what each may is written down here, and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.api.activity_v2.care_desk import ACTIVITY, DETAILS, SESSIONS, opened, path, refusal
from tests.stage import Persona, Stage

DETAILED = {"activitySessionDetails": [DETAILS]}

OPERATIONS: Mapping[str, tuple[str, str, Any]] = {
    "create": ("POST", SESSIONS, {"userId": "clerk", "module": "CARE_DESK"}),
    "retrieve": ("GET", SESSIONS, None),
    "get": ("GET", path("{session}"), None),
    "inform": ("PUT", path("{session}"), DETAILED),
    "inform by PATCH": ("PATCH", path("{session}"), DETAILED),
    "record": ("POST", path("{session}", "/activities"), {"activities": [ACTIVITY]}),
    "end": ("POST", path("{session}", "/endSession"), DETAILED),
}
READING = {"retrieve", "get"}

ALL = dict.fromkeys(OPERATIONS, 200)
NONE = {401: dict.fromkeys(OPERATIONS, 401), 403: dict.fromkeys(OPERATIONS, 403)}

OF_CLERK: Mapping[str, Mapping[str, int]] = {
    "owner": ALL,
    "recorder": ALL,
    "clerk": ALL,
    "reader": {name: 200 if name in READING else 403 for name in OPERATIONS},
    "outsider": NONE[403],
    "stranger": {name: 200 if name in ("create", "retrieve") else 404 for name in OPERATIONS},
    "nobody": NONE[401],
}
"""What everybody is answered about a session of the clerk."""

OF_ANOTHER: Mapping[str, Mapping[str, int]] = {
    **OF_CLERK,
    "clerk": {name: 200 if name == "retrieve" else 403 if name == "create" else 404 for name in OPERATIONS},
}
"""The same about a session of somebody else."""


def tried(persona: Persona, session: int, user: str) -> dict[str, int]:
    told = {}
    for name, (method, where, body) in OPERATIONS.items():
        sent = {**body, "userId": user} if name == "create" else body
        answer = persona.request(method, where.format(session=session), json=sent)
        told[name] = answer.status_code
        if answer.status_code != 200:
            refusal(answer, answer.status_code)
    return told


@pytest.mark.parametrize("name", OF_CLERK)
@pytest.mark.parametrize(("user", "expected"), [("clerk", OF_CLERK), ("anna", OF_ANOTHER)])
def test_everybody_is_answered_as_their_access_has_it(
    stage_on_each: Stage, name: str, user: str, expected: Mapping[str, Mapping[str, int]]
) -> None:
    stage = stage_on_each
    session = [opened(stage.owner, user) for _ in range(3)][-1]  # a number that Beta has not
    before = stage.dump()
    assert tried(stage.people[name], session, user) == expected[name]
    after = stage.dump()
    told = stage.people[name].get(SESSIONS)
    if set(expected[name].values()) <= {200, 401, 403} - {200} or name == "reader":
        assert after == before
    if name == "stranger":
        assert {row[0] for row in after["session"]} == {1, 2}
        assert [row for row in after["session"] if row[0] == 1] == before["session"]
        assert after["activity"] == before["activity"] == []
        assert [s["orgId"] for s in told.json()["data"]] == [2]


def test_the_messages_of_a_refusal_are_the_published_ones(quiet_stage: Stage) -> None:
    for method, where, body in OPERATIONS.values():
        nobody = quiet_stage.nobody.request(method, where.format(session=1), json=body)
        assert refusal(nobody, 401) == (4002, "Authentication failed. Please check username and password.")
        outsider = quiet_stage.outsider.request(method, where.format(session=1), json=body)
        assert refusal(outsider, 403) == (4000, "Not authorized. Access is denied!")


def test_who_may_not_is_told_so_before_anything_else(quiet_stage: Stage) -> None:
    """No one learns from a refusal what exists, or what would have been right."""
    for method, where, _ in OPERATIONS.values():
        for session in ("1", "4711", "abc"):
            for persona, status in ((quiet_stage.nobody, 401), (quiet_stage.outsider, 403)):
                headers = {"Content-Type": "text/plain", "Idempotency-Key": "a b"}
                told = persona.request(method, where.format(session=session), content=b"not json", headers=headers)
                assert told.status_code == status

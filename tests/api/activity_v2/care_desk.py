"""A care desk at its door: says in few words what a test wants asked, and checks the envelope of what is refused."""

from typing import Any

import httpx

from tests.stage import Persona

SESSIONS = "/v2/activitySessions"

ACTIVITY = {"entityType": "CUSTOMER", "entityId": "98662653", "name": "CustomerSearched", "note": "Looked up by phone"}
DETAILS = {"reason": "Changed mobile number", "comment": "Asked for by the customer"}

OK = 200


def path(session: Any, more: str = "") -> str:
    """The path of a session, or of something in it."""
    return f"{SESSIONS}/{session}{more}"


def opened(persona: Persona, user: Any = 75001234, module: Any = "CARE_DESK") -> int:
    """The number of a session that was just opened."""
    told = persona.post(SESSIONS, json={"userId": user, "module": module})
    assert told.status_code == OK, told.text
    return int(told.json()["sessionId"])


def record(persona: Persona, session: Any, *activities: Any, **more: Any) -> httpx.Response:
    """Record activities: whole ones, or the ids of customers that were searched."""
    whole = [a if isinstance(a, dict) else {**ACTIVITY, "entityId": a} for a in activities]
    return persona.post(path(session, "/activities"), json={"activities": whole}, **more)


def inform(persona: Persona, session: Any, *reasons: Any, **more: Any) -> httpx.Response:
    """Give reasons: whole ones, or texts without a comment."""
    whole = [r if isinstance(r, dict) else {"reason": r} for r in reasons]
    return persona.put(path(session), json={"activitySessionDetails": whole}, **more)


def end(persona: Persona, session: Any, **more: Any) -> httpx.Response:
    """End a session."""
    return persona.post(path(session, "/endSession"), **more)


def page(persona: Persona, **query: Any) -> dict[str, Any]:
    """A page of sessions."""
    told = persona.get(SESSIONS, params=query)
    assert told.status_code == OK, told.text
    return dict(told.json())


def numbers(persona: Persona, **query: Any) -> list[int]:
    """The numbers of the sessions on a page."""
    return [session["sessionId"] for session in page(persona, **query)["data"]]


def one(persona: Persona, session: Any) -> dict[str, Any]:
    """A session as it is told."""
    told = persona.get(path(session))
    assert told.status_code == OK, told.text
    (session,) = told.json()["data"]
    return dict(session)


def refusal(told: httpx.Response, status: int) -> tuple[int, str]:
    """The code and the message of a refusal, which must be in the dialect's envelope and nothing else."""
    assert told.status_code == status, told.text
    assert told.headers["content-type"] == "application/json"
    assert told.headers["x-cap-requestid"]
    body = told.json()
    assert list(body) == ["warnings", "errors"]
    assert body["warnings"] == []
    (error,) = body["errors"]
    assert list(error) == ["status", "code", "message"]
    assert error["status"] is False
    assert isinstance(error["code"], int)
    return error["code"], error["message"]


def message(told: httpx.Response, status: int) -> str:
    """The message of a refusal."""
    return refusal(told, status)[1]

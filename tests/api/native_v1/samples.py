"""What the tests of this dialect hand in, and how it is told back."""

from typing import Any

from tests.stage import Persona

SESSIONS = "/api/v1/sessions"

NOW = "2026-11-23T12:04:05.123456Z"
"""What the clock of the stage shows when the play begins."""


def activity(at: str | None = None, **more: Any) -> dict[str, Any]:
    """An activity to hand in."""
    told = {"entityType": "CUSTOMER", "entityId": "98662653", "name": "CustomerSearched", **more}
    return told if at is None else {**told, "at": at}


def on_day(clock: str) -> str:
    """A time on the day of the play, with a fraction of none."""
    return f"2026-11-23T{clock}.000000Z"


def opened(persona: Persona, login: str = "anna", **more: Any) -> int:
    """The number of a session that somebody opens."""
    response = persona.post(SESSIONS, json={"login": login, **more})
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


def problem(kind: str, status: int, detail: str, **where: str) -> dict[str, Any]:
    """A problem with one place that is at fault: `pointer`, `parameter` or `header`."""
    words = kind.replace("-", " ").capitalize()
    told: dict[str, Any] = {"type": f"urn:sojourn:error:{kind}", "title": words, "status": status, "detail": detail}
    for name, value in where.items():
        told["errors"] = [{"detail": detail.removeprefix(_place(value)).strip(), name: value}]
    return told


def _place(value: str) -> str:
    first, *steps = value.strip("/").split("/")
    name = f"[{first}]" if first.isdecimal() else first
    for step in steps:
        name += f"[{step}]" if step.isdecimal() else f".{step}"
    return name

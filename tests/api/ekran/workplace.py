"""People at work, as a test wants them: sessions with the numbers, people, devices and times that it names."""

from collections.abc import Sequence
from typing import Any

import httpx

from sojourn.core.access import Scope
from sojourn.core.intent import Open, Opened
from sojourn.core.model import ActivityDraft, DeviceDraft, Instant, PersonDraft
from sojourn.web.times import parse
from tests.stage import ACME, Persona, Stage

SESSIONS = "/ekranapi/sessions"
PRODUCTIVITY = "/ekranapi/user/getproductivity"


def moment(text: str) -> Instant:
    """A time by how it is written; a bare time of day is one of 1 April 2021."""
    return parse("a test", f"2021-04-01T{text}" if text[2] == ":" else text)


def work(
    stage: Stage,
    began: str,
    ended: str | None = None,
    *,
    who: str | int = "anna",
    did: Sequence[str] = (),
    device: str | None = None,
    number: int | None = None,
    organisation: int = ACME,
) -> int:
    """Somebody works from then to then; the number of the session."""
    intent = Open(
        scope=Scope(organisation),
        person=PersonDraft(id=who) if isinstance(who, int) else PersonDraft(login=who),
        device=None if device is None else DeviceDraft(guid=device),
        started_at=moment(began),
        ended_at=None if ended is None else moment(ended),
        activities=tuple(
            ActivityDraft(entity_type="CUSTOMER", entity_id="1", name="Seen", at=moment(at)) for at in did
        ),
        id=number,
    )
    told = stage.core.recorder.open(intent)
    assert isinstance(told, Opened)
    return told.session.id


def sessions(persona: Persona, **window: str) -> list[dict[str, Any]]:
    """What GET tells."""
    told = persona.get(SESSIONS, params=window)
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json"), told.text
    return list(told.json())


def numbers(persona: Persona, **window: str) -> list[int]:
    """The numbers of the sessions that GET tells."""
    return [session["sessionId"] for session in sessions(persona, **window)]


def page(persona: Persona, **wanted: Any) -> list[dict[str, Any]]:
    """What POST tells when it is asked in a JSON body."""
    told = persona.post(SESSIONS, json=wanted)
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json"), told.text
    document = told.json()
    assert list(document) == ["sessions"]
    return list(document["sessions"])


def refusal(told: httpx.Response, status: int) -> str:
    """The reason of a refusal, which must be a whole RFC 9457 problem."""
    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json"), told.text
    document = told.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:sojourn:error:")
    assert document["title"]
    return str(document["detail"])

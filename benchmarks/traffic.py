"""Requests as bytes, made before anything is timed, and the file that the load generator replays them from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.population import Population
from sojourn.api.activity_v2.wire import ActivityBody, RecordBody
from sojourn.core.model import ActivityDraft

SESSIONS = "/v2/activitySessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request without its credentials."""

    method: str
    path: str
    body: bytes = b""

    def head_and_body(self, authorization: str) -> bytes:
        """As it goes over the wire."""
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: {authorization}",
            "Accept: application/json",
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def recordings(population: Population, calls: int, activities: int) -> list[Call]:
    """Calls that record so many activities each, in any of the sessions."""
    return [
        Call(
            method="POST",
            path=f"{SESSIONS}/{population.session()}/activities",
            body=_body([population.activity() for _ in range(activities)]),
        )
        for _ in range(calls)
    ]


def _body(drafts: Sequence[ActivityDraft]) -> bytes:
    activities = [
        ActivityBody(entity_type=d.entity_type, entity_id=d.entity_id, name=d.name, note=d.note) for d in drafts
    ]
    return msgspec.json.encode(RecordBody(activities=activities))


def pages(population: Population, calls: int) -> list[Call]:
    """Calls for a page of 10: half of them one person's sessions, half of everybody's, the newest first."""
    found = []
    for number in range(calls):
        if number % 2:
            query = f"userId={population.person()}&limit=10"
        else:
            query = f"limit=10&offset={population.below(population.sessions // 10 - 1) * 10}"
        found.append(Call(method="GET", path=f"{SESSIONS}?{query}"))
    return found


def write(path: Path, calls: Sequence[Call], authorization: str) -> None:
    """The file that replay.lua reads: for each request a line with its length, then its bytes."""
    with path.open("wb") as file:
        for call in calls:
            request = call.head_and_body(authorization)
            file.write(b"%d\n" % len(request) + request)

"""What is asked of a year of a company, whatever its size: requests, and which sessions each must find."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from benchmarks.company import BUSY, DEVICES, FIRST_DAY, PEOPLE, WATCHED, Company, customer, is_on, person, vocabulary
from benchmarks.traffic import SESSIONS, Call

NATIVE = "/api/v1/sessions"
WINDOW = "/ekranapi/sessions"
PAGE = 10
DEEPEST = 100_000
"""The page that is held against the first one, where there are so many."""

VARIANTS = 40

Line = Mapping[str, Any]
Finds = Callable[[Line], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and whether a session (a line of the company) is among those that it is about."""

    call: Call
    finds: Finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every size; `goal` is how many times as long the 95th percentile may be as at the smallest.

    `beside` names a question whose time it is held against at the same size.
    """

    name: str
    what: str
    asks: Callable[[Company], Sequence[Asked]]
    goal: float | None = 1.5
    beside: str | None = None


def _native(finds: Finds, **parameters: str) -> Asked:
    query = urlencode({**parameters, "include": "activities", "total": "true", "limit": PAGE})
    return Asked(Call(method="GET", path=f"{NATIVE}?{query}"), finds)


def _v2(finds: Finds, **parameters: str | int) -> Asked:
    return Asked(Call(method="GET", path=f"{SESSIONS}?{urlencode({**parameters, 'limit': PAGE})}"), finds)


def every(_line: Line) -> bool:
    """All sessions."""
    return True


def _first(_company: Company) -> Sequence[Asked]:
    return [_v2(every, offset=0)]


def _deep(company: Company) -> Sequence[Asked]:
    last = min(DEEPEST, company.sessions // PAGE) - 1
    return [_v2(every, offset=max(0, last - i) * PAGE) for i in range(VARIANTS)]


def _month(_company: Company) -> Sequence[Asked]:
    first, last = "2025-06-03T12:34:56Z", "2025-07-01T15:01:02Z"
    return [_native(lambda line: first[:19] <= line["startedAt"][:19] < last[:19], startedFrom=first, startedTo=last)]


def _of(login: str) -> Asked:
    return _native(lambda line: line["login"] == login, login=login)


def _person(_company: Company) -> Sequence[Asked]:
    return [_of(person(BUSY + i * (PEOPLE - BUSY) // VARIANTS)) for i in range(VARIANTS)]


def _busy_person(_company: Company) -> Sequence[Asked]:
    return [_of(person(i)) for i in range(BUSY)]


def _on(guid: str) -> Asked:
    return _native(lambda line: bool(line["device"]["guid"] == guid), device=guid)


def _device(_company: Company) -> Sequence[Asked]:
    guids = [f"device-{i * (DEVICES - 1000) // VARIANTS:04d}" for i in range(VARIANTS)]
    return [_on(guid) for guid in guids]


def _module(_company: Company) -> Sequence[Asked]:
    return [_native(lambda line: line["module"] == "ADMIN", module="ADMIN")]


def _large_module(_company: Company) -> Sequence[Asked]:
    return [_native(lambda line: line["module"] == "CARE_DESK", module="CARE_DESK")]


def _ended(_company: Company) -> Sequence[Asked]:
    return [_native(lambda line: "endedAt" in line, status="ended")]


def _active(_company: Company) -> Sequence[Asked]:
    return [_native(lambda line: "endedAt" not in line, status="active")]


def _touched(entity: str) -> Asked:
    def finds(line: Line) -> bool:
        return any(a["entityId"] == entity and a["entityType"] == "CUSTOMER" for a in line["activities"])

    return _native(finds, entityType="CUSTOMER", entityId=entity)


def _touched_id(entity: str) -> Asked:
    return _v2(lambda line: any(a["entityId"] == entity for a in line["activities"]), entityId=entity)


def _rare(company: Company) -> Sequence[Asked]:
    # Few look at those at the end of the list, and as few in a large company as in a small one.
    last = company.customers - 1
    return [_touched_id(customer(last - last * i // (5 * VARIANTS))) for i in range(VARIANTS)]


def _busiest(_company: Company) -> Sequence[Asked]:
    return [_touched_id(customer(0))]


def _busiest_of_type(_company: Company) -> Sequence[Asked]:
    return [_touched(customer(0))]


def _said(*words: str) -> Asked:
    def finds(line: Line) -> bool:
        notes = [a.get("note", "") for a in line["activities"]]
        remarks = [text for r in line.get("remarks", ()) for text in (r["reason"], r.get("comment", ""))]
        return set(words) <= set(" ".join([*notes, *remarks]).casefold().split())

    return _native(finds, text=" ".join(words))


def _rare_word(_company: Company) -> Sequence[Asked]:
    return [_said(word) for word in vocabulary()[-VARIANTS:]]


def _common_word(_company: Company) -> Sequence[Asked]:
    return [_said(word) for word in vocabulary()[:VARIANTS]]


def _two_words(_company: Company) -> Sequence[Asked]:
    words = vocabulary()
    return [_said(words[i], words[i + VARIANTS]) for i in range(VARIANTS)]


def _alive(_company: Company) -> Sequence[Asked]:
    return [_alive_at(f"{day}T12:12:00") for day in _weekly()]


def _weekly() -> Sequence[date]:
    return [FIRST_DAY + timedelta(days=7 * i + 6) for i in range(VARIANTS)]


def _alive_at(at: str, **more: str) -> Asked:
    def finds(line: Line) -> bool:
        begun = line["startedAt"] <= f"{at}.000000Z" and all(line[name] == value for name, value in more.items())
        return begun and ("endedAt" not in line or line["endedAt"] >= f"{at}.000000Z")

    return _native(finds, aliveFrom=f"{at}Z", aliveTo=f"{at}Z", **more)


def _busy_alive(_company: Company) -> Sequence[Asked]:
    return [_alive_at(f"{day}T12:12:00", login=person(i % BUSY)) for i, day in enumerate(_weekly())]


def _busy_active(_company: Company) -> Sequence[Asked]:
    def running(login: str) -> Asked:
        return _native(lambda line: line["login"] == login and "endedAt" not in line, login=login, status="active")

    return [running(person(i)) for i in range(BUSY)]


def _window(_company: Company) -> Sequence[Asked]:
    path = f"{WINDOW}?start={WATCHED}T00:00:00&end={WATCHED}T23:59:59"
    return [Asked(Call(method="GET", path=path), lambda line: is_on(line, WATCHED))]


QUESTIONS: Sequence[Question] = (
    Question(name="everybody", what="list page, everybody", asks=_first),
    Question(name="deep", what="list page 100,000 (or the last one)", asks=_deep, beside="everybody"),
    Question(name="month", what="list page, begun within four weeks", asks=_month),
    Question(name="person", what="list page, one person", asks=_person),
    Question(name="busy-person", what="list page, a very busy person", asks=_busy_person),
    Question(name="busy-active", what="list page, running, a very busy person", asks=_busy_active),
    Question(name="busy-alive", what="a very busy person at 12:12", asks=_busy_alive),
    Question(name="device", what="list page, one device", asks=_device),
    Question(name="module", what="list page, a small module", asks=_module),
    Question(name="large-module", what="list page, a large module", asks=_large_module),
    Question(name="ended", what="list page, status ended", asks=_ended),
    Question(name="active", what="list page, status active", asks=_active),
    Question(name="rare-entity", what="list page, a rare entity", asks=_rare),
    Question(name="busiest-entity", what="list page, the busiest entity", asks=_busiest),
    Question(name="busiest-of-type", what="list page, the busiest entity and its type", asks=_busiest_of_type),
    Question(name="rare-word", what="search, a rare word", asks=_rare_word),
    Question(name="common-word", what="search, a common word", asks=_common_word),
    Question(name="two-words", what="search, two common words", asks=_two_words),
    Question(name="alive", what="alive at 12:12", asks=_alive),
)

DAY_ALONE = "day-alone"
OF_A_DAY = Question(name="window", what="`ekran` window of a day", asks=_window, beside=DAY_ALONE)
"""Asked of the year, and of a store that holds what the window shows and nothing else (`DAY_ALONE`)."""

RECORDINGS: Mapping[int, Question] = {
    1: Question(name="record", what="record one activity", asks=lambda _company: ()),
    100: Question(name="record-100", what="record 100 activities", asks=lambda _company: ()),
}
"""By how many activities a call records. They change a store, so that their requests are made elsewhere
(`benchmarks.living`)."""

DETAILS: Mapping[str, Question] = {
    "json": Question(name="details-json", what="details of an endpoint session, as JSON", asks=lambda _company: ()),
    "xml": Question(
        name="details-xml", what="the same, as XML", asks=lambda _company: (), goal=2, beside="details-json"
    ),
}
"""By their form. The company has no endpoint sessions: some are delivered for the while (`benchmarks.living`)."""

ALL: Sequence[Question] = (
    *QUESTIONS,
    OF_A_DAY,
    Question(name=DAY_ALONE, what="the same, of a store of that day alone", asks=_window, goal=None),
    *RECORDINGS.values(),
    *DETAILS.values(),
)
"""As they are told."""

"""What a list of sessions is asked for: read off the address, kept as it was typed, and told as a filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from sojourn.console import zoned
from sojourn.core.errors import Invalid
from sojourn.core.model import FIRST_VISIT, INT32, Instant, Kind
from sojourn.core.query import Order, SessionFilter, Status
from sojourn.core.terms import words
from sojourn.web.times import to_microseconds

Choice = TypeVar("Choice", bound=StrEnum)

FIELDS = (
    "person", "device", "type", "id", "module", "name", "text", "status", "from", "to", "alive", "until", "kind",
)  # fmt: skip
"""The parameters of an address that say which sessions."""

LABELS = {
    "person": "Person",
    "device": "Device",
    "type": "Entity type",
    "id": "Entity",
    "module": "Module",
    "name": "Activity",
    "text": "Words",
    "status": "Status",
    "from": "Started from",
    "to": "Started to",
    "alive": "Alive",
    "until": "Alive until",
    "kind": "Kind",
}

_CORE = {
    "login": "person",
    "entity_type": "type",
    "entity_id": "id",
    "started_from": "from",
    "started_to": "to",
    "alive_from": "alive",
    "alive_to": "until",
}
"""What the core calls some of them."""

_TIMES = ("from", "to", "alive", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for: the values as they stand in it, the filter, or, by field, what is wrong with them."""

    values: Mapping[str, str]
    filter: SessionFilter | None
    wrong: Mapping[str, str]
    order: Order
    zone: ZoneInfo

    def value(self, name: str) -> str:
        """A value as a field of the form takes it."""
        text = self.values.get(name, "")
        if name not in _TIMES or zoned.is_date(text) or name in self.wrong or not text:
            return text
        return zoned.for_input(zoned.moment_of(name, text, self.zone), self.zone)

    def sort(self, name: str) -> str:
        """What sort of field takes its value: a day, or a day and a time."""
        text = self.values.get(name, "")
        if name in self.wrong:
            return "text"
        by_day = not text if name in ("from", "to") else False
        return "date" if zoned.is_date(text) or by_day else "datetime-local"

    def chips(self) -> Sequence[tuple[str, str, str, Instant | None]]:
        """What narrows the list: parameter, label, value, and the moment where it is one."""
        return [
            (name, LABELS[name], text, self._moment(name, text))
            for name in FIELDS
            if (text := self.values.get(name, "")) and (name, text) != ("kind", "work")
        ]

    def _moment(self, name: str, text: str) -> Instant | None:
        if name not in _TIMES or name in self.wrong or zoned.is_date(text):
            return None
        return zoned.moment_of(name, text, self.zone)

    def parameters(self) -> dict[str, str]:
        """The same as an address tells it, the same for every reader: no blanks, times with their offset."""
        told = {}
        for name, text in self.values.items():
            if name in _TIMES and zoned.is_local(text) and name not in self.wrong:
                told[name] = zoned.spelled(zoned.moment_of(name, text, self.zone), self.zone)
            elif text:
                told[name] = text
        return told

    def native(self) -> dict[str, str]:
        """The same as a search of the native dialect."""
        f = self.filter
        if f is None:
            return {}
        told: dict[str, object] = {
            "userId": f.person, "login": f.login, "device": f.device, "entityType": f.entity_type,
            "entityId": f.entity_id, "module": f.module, "name": f.name, "text": f.text,
            "status": f.status, "kind": None if f.kind is Kind.WORK else f.kind.value,
        }  # fmt: skip
        for name, at in (
            ("startedFrom", f.started_from),
            ("startedTo", f.started_to),
            ("aliveFrom", f.alive_from),
            ("aliveTo", f.alive_to),
        ):
            told[name] = None if at is None else to_microseconds(at)
        return {name: str(value) for name, value in told.items() if value is not None}


def asked(given: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """What the parameters of an address ask for."""
    values = {name: given.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, str] = {}
    times: dict[str, Instant | None] = {}
    for name in _TIMES:
        try:
            times[name] = _time(name, values, zone)
        except Invalid as error:
            wrong[name] = _sentence(error.reason)
    order = Order.OLDEST if given.get("order") == Order.OLDEST.value else Order.NEWEST
    which = None if wrong else _filter(values, times, wrong)
    return Asked(values=values, filter=which, wrong=wrong, order=order, zone=zone)


def _time(name: str, values: Mapping[str, str], zone: ZoneInfo) -> Instant | None:
    """A bound. What was alive at one moment, or on one day, has its other bound there too."""
    if name == "until" and values["alive"] and not values["until"]:
        whole_day = zoned.is_date(values["alive"])
        return zoned.moment_of("alive", values["alive"], zone, last=whole_day)
    text = values[name]
    return zoned.moment_of(name, text, zone, last=name in ("to", "until")) if text else None


def _filter(
    values: Mapping[str, str], times: Mapping[str, Instant | None], wrong: dict[str, str]
) -> SessionFilter | None:
    try:
        return SessionFilter(
            person=_number(values["person"]),
            login=None if values["person"].isdecimal() else values["person"] or None,
            device=values["device"] or None,
            entity_type=values["type"] or None,
            entity_id=values["id"] or None,
            module=values["module"] or None,
            name=values["name"] or None,
            text=_words(values["text"]),
            status=_one_of("status", Status, values["status"]),
            started_from=times["from"],
            started_to=times["to"],
            alive_from=times["alive"],
            alive_to=times["until"],
            kind=_one_of("kind", Kind, values["kind"]) or Kind.WORK,
        )
    except Invalid as error:
        wrong[_CORE.get(error.field, error.field)] = _sentence(error.reason)
        return None


def _number(text: str) -> int | None:
    """A person's number. Raises: Invalid, where it can be nobody's."""
    if not text.isdecimal():
        return None
    if len(text) > len(str(INT32)) or not 1 <= int(text) <= INT32:
        raise Invalid("person", f"must be a name, or a number from 1 to {INT32}")
    return int(text)


def _words(text: str) -> str | None:
    if text and not words(text):
        raise Invalid("text", "must hold a word")
    return text or None


def _one_of(name: str, kind: type[Choice], text: str) -> Choice | None:
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise Invalid(name, f"must be one of {', '.join(kind)}") from error


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."


def session_number(text: str) -> int | None:
    """The number of a session, as an address or a search tells it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def is_visit(number: int) -> bool:
    """Whether a number is that of a visit."""
    return number >= FIRST_VISIT

"""A body of visits, heard item by item: what one of them is refused for does not concern its neighbours."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sojourn.api.native_v1.errors import LineProblem, line_problem
from sojourn.api.native_v1.har import har_text
from sojourn.api.native_v1.visit_wire import VisitBody
from sojourn.api.native_v1.wire import Told
from sojourn.core.access import Scope
from sojourn.core.errors import SojournError
from sojourn.core.intent import Deliver, Delivered, Key, Verdict
from sojourn.core.model import BATCH_LENGTH, Instant
from sojourn.core.origin import Atlas, delivery, source_of
from sojourn.core.visit import Source
from sojourn.web.wire import decode, translated

VISITS_BYTES = 16 * 2**20
"""The largest body of visits: HARs are large (our decision)."""

_VISIT = msgspec.json.Decoder(VisitBody)

Visits = Annotated[list[VisitBody], Meta(min_length=1, max_length=BATCH_LENGTH)]
_Items = Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=BATCH_LENGTH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """For whom visits are delivered, from where, when, and under which key."""

    scope: Scope
    address: str | None
    now: Instant
    key: Key | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The intents of a body in its order, or why one cannot be an intent; `many` where the body is a list."""

    many: bool
    items: Sequence[Deliver | SojournError]

    def intents(self) -> list[Deliver]:
        """Those that can be written."""
        return [item for item in self.items if isinstance(item, Deliver)]

    def verdicts(self, written: Iterable[Verdict | Exception]) -> list[Verdict | Exception]:
        """A verdict for each item, of which these are those of the intents."""
        told = iter(written)
        return [next(told) if isinstance(item, Deliver) else item for item in self.items]


class VisitVerdict(Told, omit_defaults=True):
    """What became of one visit: its ids, or the problem that it was refused for; `status` as if it had come alone."""

    status: int
    id: int | UnsetType = UNSET
    user_session_id: str | UnsetType = UNSET
    error: LineProblem | UnsetType = UNSET


class VisitVerdicts(Told):
    """A verdict for each visit, in the order of the body."""

    items: list[VisitVerdict]


def hear(body: bytes, sender: Sender, atlas: Atlas) -> Heard:
    """A body of one visit, or of a list of them. Raises: Invalid, for what is wrong with the whole."""
    source = source_of(sender.address, atlas)
    if body.lstrip()[:1] != b"[":
        return Heard(many=False, items=[_intent(decode(body, VisitBody), sender, sender.key, source, atlas)])
    raws: list[msgspec.Raw] = decode(body, _Items)
    return Heard(many=True, items=[_item(i, bytes(raw), sender, source, atlas) for i, raw in enumerate(raws)])


def verdict_told(verdict: Verdict | Exception) -> VisitVerdict:
    """A verdict in the dialect's words."""
    if isinstance(verdict, Delivered):
        return VisitVerdict(status=201, id=verdict.session_id, user_session_id=verdict.user_session_id)
    assert isinstance(verdict, Exception)
    status, problem = line_problem(verdict)
    return VisitVerdict(status=status, error=problem)


def _item(i: int, raw: bytes, sender: Sender, source: Source, atlas: Atlas) -> Deliver | SojournError:
    try:
        return _intent(_heard(raw), sender, _key_of(i, raw, sender.key), source, atlas)
    except SojournError as error:
        return error


def _heard(raw: bytes) -> VisitBody:
    try:
        return _VISIT.decode(raw)
    except msgspec.ValidationError as error:
        raise translated(error, VisitBody) from error


def _intent(heard: VisitBody, sender: Sender, key: Key | None, source: Source, atlas: Atlas) -> Deliver:
    visit = heard.visit()
    if heard.document is not None:
        visit = replace(visit, har=har_text(heard.document))
    return delivery(sender.scope, visit, source, atlas, sender.now, key)


def _key_of(i: int, raw: bytes, key: Key | None) -> Key | None:
    """The key of one item: no other request can have it, for a space stands in no key that is told."""
    if key is None:
        return None
    return Key(principal=key.principal, text=f"{key.text} {i}", fingerprint=hashlib.sha256(raw).hexdigest())

"""What a search must find, told in the plainest way: look at every session, ask every question of it."""

import re
from collections.abc import Iterable, Sequence

from sojourn.core.model import LATEST, Session
from sojourn.core.presence import Stay, Window
from sojourn.core.query import Order, Place, SessionFilter, SessionPage, SessionQuery, Status


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def said(session: Session) -> set[str]:
    """All words of a session's notes, reasons and comments."""
    texts = [activity.note for activity in session.activities]
    texts += [text for remark in session.remarks for text in (remark.reason, remark.comment)]
    return {word for text in texts if text for word in words(text)}


def fits(session: Session, wanted: SessionFilter, person: int = 0) -> bool:
    """Whether a session, with its activities, is one that is looked for."""
    assert session.person is not None
    who, ended_at = session.person, session.ended_at
    entities = {(a.entity_type, a.entity_id) for a in session.activities}
    return all([
        session.kind is wanted.kind,
        person in (0, who.id),
        wanted.person in (None, who.id),
        wanted.login in (None, who.login),
        wanted.device is None or (session.device is not None and session.device.guid == wanted.device),
        wanted.module in (None, session.module),
        (wanted.entity_type, wanted.entity_id) == (None, None)
        or any(wanted.entity_type in (None, kind) and wanted.entity_id in (None, number) for kind, number in entities),
        wanted.name is None or wanted.name in {activity.name for activity in session.activities},
        wanted.text is None or words(wanted.text) <= said(session),
        wanted.status is None or (wanted.status is Status.ENDED) == (ended_at is not None),
        wanted.started_from is None or session.started_at >= wanted.started_from,
        wanted.started_to is None or session.started_at <= wanted.started_to,
        wanted.alive_from is None or ended_at is None or ended_at >= wanted.alive_from,
        wanted.alive_to is None or session.started_at <= wanted.alive_to,
    ])  # fmt: skip


def in_order(sessions: Iterable[Session], order: Order) -> list[Session]:
    return sorted(sessions, key=lambda s: (s.started_at, s.id), reverse=order is Order.NEWEST)


def page(sessions: Sequence[Session], query: SessionQuery) -> SessionPage:
    """The page that a query asks for; `sessions` have all their activities."""
    found = in_order((s for s in sessions if fits(s, query.filter, query.scope.person)), query.order)
    rest = found if query.after is None else [s for s in found if _beyond(s, query.after, query.order)]
    rest = rest[query.offset :]
    told = rest[: query.limit]
    last = told[-1] if len(rest) > query.limit else None
    return SessionPage(
        sessions=tuple(told),
        next=Place(last.started_at, last.id) if last else None,
        total=len(found) if query.total else None,
    )


def _beyond(session: Session, place: Place, order: Order) -> bool:
    here = (session.started_at, session.id)
    return here < (place.at, place.id) if order is Order.NEWEST else here > (place.at, place.id)


def stay(session: Session, window: Window, own_device: str) -> Stay:
    """A session cut to a window by what was done in it."""
    assert session.person is not None
    first = -1 if window.start is None else window.start
    last = LATEST if window.end is None else window.end
    inside = [activity.at for activity in session.activities if first <= activity.at <= last]
    login, logout = session.started_at, session.ended_at
    if login < first:
        login = inside[0] if inside else first
    if window.end is not None and (logout is None or logout > last):
        logout = inside[-1] if inside else last
    guid = session.device.guid if session.device else own_device
    return (session.started_at, session.id, session.person.id, guid, login, logout)

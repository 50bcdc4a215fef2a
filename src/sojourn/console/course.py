"""How a session went by, made ready for its picture: what was done, the pauses between, the reasons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sojourn.console.pictures.axis import Axis
from sojourn.console.pictures.timeline import Bar, Gap, Note, timeline
from sojourn.console.words import count, duration, local
from sojourn.core.model import Instant, Session
from sojourn.core.touch import Beat, pauses

BEAT_WIDTH = 240
"""Of how many parts a bar is as wide at least as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The picture, and the same in figures: pauses, and how long they were together."""

    picture: Markup
    pauses: Sequence[tuple[Instant, Instant]]
    idle: int
    length: int


def course_of(
    session: Session, beats: Sequence[Beat], zone: ZoneInfo, now: Instant, link: Callable[[Instant], str]
) -> Course:
    """How a session went by, as a picture from its start to its end, or to now."""
    last_known = max(session.seen_at, session.last_at or 0, session.ended_at or 0)
    until = max(last_known, now) if session.ended_at is None else last_known
    axis = Axis(first=session.started_at, last=max(until, session.started_at + 1), zone=zone)
    idle = list(pauses(beats))
    width = axis.length // BEAT_WIDTH
    bars = [
        Bar(
            begin=beat.first_at,
            end=max(beat.last_at, beat.first_at + width),
            count=beat.count,
            href=link(beat.first_at),
            spoken=f"{_clock(beat.first_at, zone)}: {count(beat.count, 'activity', 'activities')}",
        )
        for beat in beats
    ]
    gaps = [Gap(begin=begin, end=end, spoken=f"{duration(end - begin)} idle") for begin, end in idle]
    notes = [
        Note(at=remark.at, href=f"#r{i}", spoken=f"{_clock(remark.at, zone)}: {remark.reason}")
        for i, remark in enumerate(session.remarks, 1)
    ]
    label = f"What was done from {_clock(axis.first, zone)} to {_clock(axis.last, zone)}"
    picture = timeline(bars, gaps, notes, axis, label, running=session.ended_at is None)
    return Course(
        picture=picture, pauses=idle, idle=sum(end - begin for begin, end in idle), length=until - session.started_at
    )


def _clock(at: Instant, zone: ZoneInfo) -> str:
    shown = local(at, zone)
    return f"{shown.day} {shown:%b %H:%M:%S}"

"""How a session went by: what was done as bars, idle stretches as gaps, reasons as marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from sojourn.console.pictures.axis import Axis, anchor
from sojourn.core.model import Instant

HEIGHT = 92
_TOP = 26
_FLOOR = 78
_NARROW = 0.25
"""The least width of a bar, in per cent."""

_GOES_ON = Markup('<text class="end" x="100%" y="{}" text-anchor="end">goes on ▸</text>').format(HEIGHT - 1)

_WORDS = 9.0
"""How wide a gap must be, in per cent, for words in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What was done between two moments: how much, where it stands in the list, and how it is spoken."""

    begin: Instant
    end: Instant
    count: int
    href: str
    spoken: str
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch in which nothing was done, and how it is spoken: `42 min idle`."""

    begin: Instant
    end: Instant
    spoken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A reason, when it was given, and where it stands."""

    at: Instant
    href: str
    spoken: str


def timeline(
    bars: Sequence[Bar], gaps: Sequence[Gap], notes: Sequence[Note], axis: Axis, label: str, *, running: bool
) -> Markup:
    """The picture."""
    most = max((bar.count for bar in bars), default=1)
    parts = [
        axis.drawn(_FLOOR),
        Markup('<line class="floor" x1="0%" x2="100%" y1="{f}" y2="{f}"/>').format(f=_FLOOR),
        *[_gap(gap, axis) for gap in gaps],
        *[_bar(bar, axis, most) for bar in bars],
        *[_note(note, axis) for note in notes],
        *([_GOES_ON] if running else []),
    ]
    return Markup('<svg class="timeline" width="100%" height="{}" role="group" aria-label="{}">{}</svg>').format(
        HEIGHT, label, Markup("").join(parts)
    )


def _bar(bar: Bar, axis: Axis, most: int) -> Markup:
    """Its height goes by the root of how much was done, so that a single thing can be seen beside a hundred."""
    begin = axis.at(bar.begin)
    width = max(_NARROW, axis.at(bar.end) - begin)
    height = max(8, round(sqrt(bar.count / most) * (_FLOOR - _TOP)))
    here = Markup(' aria-current="true"') if bar.here else ""
    return Markup(
        '<a class="{}" href="{}" aria-label="{}"{}><title>{}</title>'
        '<rect x="{:.3f}%" width="{:.3f}%" y="{}" height="{}"/></a>'
    ).format(
        "beat here" if bar.here else "beat",
        bar.href,
        bar.spoken,
        here,
        bar.spoken,
        min(begin, 100 - width),
        width,
        _FLOOR - height,
        height,
    )


def _gap(gap: Gap, axis: Axis) -> Markup:
    begin, end = axis.at(gap.begin), axis.at(gap.end)
    words = ""
    if end - begin >= _WORDS:
        words = Markup('<text x="{:.3f}%" y="{}" text-anchor="middle">{}</text>').format(
            (begin + end) / 2, _FLOOR - 12, gap.spoken
        )
    return Markup(
        '<g class="gap"><title>{}</title><rect x="{}%" width="{:.3f}%" y="{}" height="{}"/>'
        '<line x1="{b}%" x2="{e}%" y1="{m}" y2="{m}"/>{}</g>'
    ).format(gap.spoken, begin, end - begin, _TOP, _FLOOR - _TOP, words, b=begin, e=end, m=_FLOOR - 5)


def _note(note: Note, axis: Axis) -> Markup:
    place = axis.at(note.at)
    return Markup(
        '<a class="note" href="{}" aria-label="{}"><title>{}</title>'
        '<line x1="{p}%" x2="{p}%" y1="{}" y2="{}"/><text x="{p}%" y="{}" text-anchor="{}">◆</text></a>'
    ).format(note.href, note.spoken, note.spoken, _FLOOR, _FLOOR + 4, HEIGHT - 1, anchor(place), p=place)

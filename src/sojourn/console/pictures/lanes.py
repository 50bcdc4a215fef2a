"""Many sessions on one axis of time, in a lane for each person: who was there together, and who alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup

from sojourn.console.pictures.axis import Axis, anchor
from sojourn.core.model import Instant

_TOP = 24
_NAME = 17
_ROW = 12
_ROOM = 15
_SPACE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A session: from when to when (absent: it runs), where it leads and how it is spoken.

    `kind` is a class: `ended`, `idle` or `running`. `here` marks the one that the page is about.
    """

    begin: Instant
    end: Instant | None
    href: str
    spoken: str
    kind: str
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Whose sessions, and where that person is told of."""

    name: str
    href: str
    stretches: Sequence[Stretch]


def lanes(
    some: Sequence[Lane], axis: Axis, label: str, now: Instant | None = None, at: Instant | None = None
) -> Markup:
    """The picture. What overlaps within a lane stands in rows of its own; `at` is a moment that was asked for."""
    y, drawn = _TOP, []
    for lane in some:
        rows = _rows(lane.stretches, axis)
        drawn.append(_lane(lane, rows, axis, y, now))
        y += _NAME + len(rows) * _ROOM + _SPACE
    height = y + 4
    asked_for = ((now, "now", "now"), (at, "asked", "asked for"))
    lines = [_line(axis, moment, kind, words, height) for moment, kind, words in asked_for if axis.has(moment)]
    return Markup(
        '<svg class="lanes" width="100%" height="{}" role="group" aria-label="{}">{}{}{}</svg>'
    ).format(height, label, axis.drawn(height), Markup("").join(drawn), Markup("").join(lines))  # fmt: skip


def _rows(stretches: Iterable[Stretch], axis: Axis) -> list[list[Stretch]]:
    """Each stretch in the first row where it overlaps none: as few rows as there are at the same time."""
    rows: list[list[Stretch]] = []
    free: list[Instant] = []
    for stretch in sorted(stretches, key=lambda s: (s.begin, s.end or axis.last)):
        end = max(axis.last if stretch.end is None else stretch.end, stretch.begin)
        for i in count():
            if i == len(rows):
                rows.append([])
                free.append(axis.first - 1)
            if not rows[i] or stretch.begin > free[i]:
                rows[i].append(stretch)
                free[i] = end
                break
    return rows or [[]]


def _lane(lane: Lane, rows: Sequence[Sequence[Stretch]], axis: Axis, y: int, now: Instant | None) -> Markup:
    until = now if axis.has(now) else axis.last
    bars = [
        _bar(stretch, axis, y + _NAME + i * _ROOM, until) for i, row in enumerate(rows) for stretch in row
    ]  # fmt: skip
    bottom = y + _NAME + len(rows) * _ROOM + _SPACE // 2
    return Markup(
        '<a class="lane-name" href="{}"><text x="0%" y="{}">{}</text></a>{}'
        '<line class="lane-end" x1="0%" x2="100%" y1="{b}" y2="{b}"/>'
    ).format(lane.href, y + _NAME - 5, lane.name, Markup("").join(bars), b=bottom)


def _bar(stretch: Stretch, axis: Axis, y: int, until: Instant) -> Markup:
    """A bar, at least a hair wide; one that reaches out of the picture has no edge there.

    What runs is drawn to `until`, the present: nobody knows more.
    """
    begin = axis.at(stretch.begin)
    end = axis.at(max(stretch.begin, until) if stretch.end is None else stretch.end)
    cut = " cut-left" if stretch.begin < axis.first else ""
    cut += " cut-right" if stretch.end is None or stretch.end > axis.last else ""
    kind = f"stretch {stretch.kind}{cut}" + (" here" if stretch.here else "")
    here = Markup(' aria-current="true"') if stretch.here else ""
    mark = Markup('<line class="hair" x1="{p}%" x2="{p}%" y1="{}" y2="{}"/>').format(y, y + _ROW, p=begin)
    return Markup(
        '<a class="{}" href="{}" aria-label="{}"{}><title>{}</title>'
        '<rect x="{}%" width="{:.3f}%" y="{}" height="{}" rx="2"/>{}</a>'
    ).format(kind, stretch.href, stretch.spoken, here, stretch.spoken, begin, end - begin, y, _ROW, mark)


def _line(axis: Axis, moment: Instant, kind: str, words: str, height: int) -> Markup:
    place = axis.at(moment)
    return Markup(
        '<g class="moment {}"><line x1="{p}%" x2="{p}%" y1="18" y2="{}"/>'
        '<text x="{p}%" y="{}" text-anchor="{}">{}</text></g>'
    ).format(kind, height, height - 1, anchor(place), words, p=place)

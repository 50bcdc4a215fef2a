"""How many sessions began on each day, as bars that lead to their day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

HEIGHT = 104
_TOP = 16
_BOTTOM = 22
_GAP = 0.18
"""Of a bar's room, what is left between two."""

MOST_LABELS = 8
YEARS = 200
"""From how many days on a label tells the year instead of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day, or several: how many, where it leads, how it is spoken, and whether it is among those asked for."""

    day: date
    count: int
    href: str
    spoken: str
    chosen: bool = False
    last_day: date | None = None


def histogram(bars: Sequence[Bar], label: str) -> Markup:
    """The picture. Every bar is a link with its day and count as name; the tallest stands beside its figure."""
    most = max((bar.count for bar in bars), default=0)
    room = 100 / max(1, len(bars))
    drawn = Markup("").join(_bar(bar, i * room, room, most) for i, bar in enumerate(bars))
    return Markup(
        '<svg class="histogram" width="100%" height="{h}" role="group" aria-label="{}" data-histogram="">'
        '<line class="floor" x1="0%" x2="100%" y1="{f}" y2="{f}"/>{}{}{}</svg>'
    ).format(label, drawn, _labels(bars, room), _most(bars, most, room), h=HEIGHT, f=HEIGHT - _BOTTOM)


def _bar(bar: Bar, x: float, room: float, most: int) -> Markup:
    height = _height(bar.count, most)
    kind = "bar chosen" if bar.chosen else "bar"
    chosen = Markup(
        '<rect class="chosen-mark" x="{:.3f}%" width="{:.3f}%" y="{}" height="4"/>'
    ).format(x, room, HEIGHT - _BOTTOM + 1) if bar.chosen else ""  # fmt: skip
    return Markup(
        '<a class="{}" href="{}" aria-label="{}"{} data-first="{}" data-last="{}"><title>{}</title>'
        '<rect class="room" x="{:.3f}%" width="{:.3f}%" y="{}" height="{}"/>'
        '<rect class="fill" x="{:.3f}%" width="{:.3f}%" y="{}" height="{}"/>{}</a>'
    ).format(
        kind,
        bar.href,
        bar.spoken,
        Markup(' aria-current="true"') if bar.chosen else "",
        bar.day.isoformat(),
        (bar.last_day or bar.day).isoformat(),
        bar.spoken,
        x,
        room,
        _TOP,
        HEIGHT - _BOTTOM - _TOP + 5,
        x + room * _GAP / 2,
        room * (1 - _GAP),
        HEIGHT - _BOTTOM - height,
        height,
        chosen,
    )


def _height(count: int, most: int) -> int:
    """In pixels; what is there at all can be seen."""
    return max(2, round(count / most * (HEIGHT - _TOP - _BOTTOM))) if count else 0


def _labels(bars: Sequence[Bar], room: float) -> Markup:
    """Some of the days, evenly spread; every second gives way where there is little room."""
    step = max(1, -(-len(bars) // MOST_LABELS))
    years = bool(bars) and (bars[-1].day - bars[0].day).days > YEARS
    return Markup("").join(
        Markup('<text class="{}" x="{:.3f}%" y="{}" text-anchor="{}">{}</text>').format(
            "day-label" if number % 2 == 0 else "day-label spare",
            i * room if i == 0 else (i + 0.5) * room,
            HEIGHT - 5,
            "start" if i == 0 else "middle",
            f"{bar.day:%b %Y}" if years else f"{bar.day.day} {bar.day:%b}",
        )
        for number, (i, bar) in enumerate(list(enumerate(bars))[::step])
        if (i + 0.5) * room < 97 or i == 0
    )


def _most(bars: Sequence[Bar], most: int, room: float) -> Markup:
    """The figure of the tallest bar, above it."""
    if not most:
        return Markup("")
    i = next(i for i, bar in enumerate(bars) if bar.count == most)
    place = (i + 0.5) * room
    side = "start" if place < 5 else "end" if place > 95 else "middle"
    return Markup('<text class="most" x="{:.3f}%" y="{}" text-anchor="{}">{}</text>').format(
        place, _TOP - 4, side, f"{most:,}".replace(",", "\u202f")
    )

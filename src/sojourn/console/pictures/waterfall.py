"""The waterfall: one bar for each request, all on one axis of time, and the axis with its marks.

Each phase has a pattern and a height of its own, so that nothing relies on colour. Lengths are parts of the width, so
that a bar is as wide as its column, and a pattern is never stretched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sojourn.console.pictures.svg import element, group, percent
from sojourn.core.findings import spelled
from sojourn.core.model import Instant
from sojourn.core.request import Phase, Request

HEIGHT = 16
"""Of a bar, in pixels."""

TALL = {
    Phase.BLOCKED: 2,
    Phase.DNS: 8,
    Phase.CONNECT: 8,
    Phase.TLS: 8,
    Phase.SEND: 4,
    Phase.WAIT: 12,
    Phase.RECEIVE: 16,
}
"""How high each phase stands, in pixels."""

MEANINGS = {
    Phase.BLOCKED: "waiting for its turn",
    Phase.DNS: "looking up the name",
    Phase.CONNECT: "connecting",
    Phase.TLS: "agreeing on encryption",
    Phase.SEND: "sending",
    Phase.WAIT: "waiting for the server",
    Phase.RECEIVE: "receiving",
}

LEAST = 0.002
"""A bar is never narrower than this part of the width: what took no time was there all the same."""

_PATTERNED = (Phase.DNS, Phase.CONNECT, Phase.TLS)
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The stretch of time that is shown: from `first` to `last` milliseconds after `start`."""

    start: Instant
    first: float
    last: float

    def place(self, milliseconds: float) -> float:
        """Where a moment stands, as a part of the width; below 0 and above 1 it is outside."""
        return (milliseconds - self.first) / (self.last - self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment worth a line: `name` in words, `sort` for its look."""

    name: str
    sort: str
    at: float


def window_of(start: Instant, requests: Sequence[Request], load: float | None, *, full: bool) -> Window:
    """What is shown at first: up to a little after the load, so that one late request makes no hairlines of the rest.

    All of it, where that is asked for, or where nothing tells when the page was there.
    """
    end = max([request.end_after(start) for request in requests], default=0)
    first = min([0.0, *((request.at - start) / 1_000 for request in requests)]) if full else 0.0
    last = end if full or load is None else min(max(end, load), load * 1.1)
    return Window(start=start, first=first, last=max(last, first + 1))


def bar(request: Request, window: Window, marks: Sequence[Mark] = ()) -> Markup:
    """One request's bar: its phases one after the other, as far as they lie in the window, and the page's marks."""
    lines = [
        element("line", x1=place, x2=place, y1=0, y2=HEIGHT, class_=f"moment {mark.sort}")
        for mark in marks
        if 0 <= window.place(mark.at) <= 1
        for place in (percent(window.place(mark.at)),)
    ]
    shapes = _shapes(request, window)
    return element("svg", *lines, *shapes, class_="bar", width="100%", height=HEIGHT, aria_hidden="true")


def _shapes(request: Request, window: Window) -> Iterator[Markup]:
    at = (request.at - window.start) / 1_000
    end = at + request.took
    if at > window.last:
        yield _arrow("99%", "later", "→")
        return
    if end < window.first:
        yield _arrow("1%", "earlier", "←")
        return
    if not request.phases:
        yield _stretch(window, at, end, "unknown", 6)
    for phase, spent in request.phases:
        if at <= window.last and at + spent >= window.first:
            yield _stretch(window, at, at + spent, phase, TALL[phase])
        at += spent
    if request.failed:
        yield element("text", "×", x=percent(window.place(min(end, window.last))), y=13, class_="failed")


def _stretch(window: Window, begin: float, end: float, sort: str, tall: int) -> Markup:
    left = min(max(window.place(begin), 0.0), 1.0 - LEAST)
    right = min(max(window.place(end), left + LEAST), 1.0)
    return element(
        "rect",
        x=percent(left),
        width=percent(right - left),
        y=(HEIGHT - tall) / 2,
        height=tall,
        fill=_fill(sort),
        class_=f"ph {sort}",
    )


def _fill(sort: str) -> str | None:
    """The pattern of a phase, where it has one: all others are coloured by their class alone."""
    return f"url(#pattern-{sort})" if sort in _PATTERNED else None


def _arrow(x: str, sort: str, sign: str) -> Markup:
    """A request that lies outside the window."""
    return element("text", sign, x=x, y=13, class_=f"outside {sort}")


def axis(window: Window, marks: Sequence[Mark] = ()) -> Markup:
    """The axis: times, and the page's own marks."""
    ticks = [
        group(
            element("line", x1=percent(place), x2=percent(place), y1=18, y2=24, class_="tick"),
            element("text", spelled(at) if at else "0", x=percent(place), y=14, class_=f"time {_side(place)}"),
        )
        for at, place in ticks_of(window)
    ]
    lines = [_mark(mark, window, i) for i, mark in enumerate(marks) if 0 <= window.place(mark.at) <= 1]
    label = f"Time from {spelled(window.first)} to {spelled(window.last)} after the page's start"
    height = 26 + 14 * len(marks)
    return element("svg", *ticks, *lines, class_="axis", width="100%", height=height, role="img", aria_label=label)


def _mark(mark: Mark, window: Window, row: int) -> Markup:
    place = window.place(mark.at)
    y = 36 + 14 * row
    return group(
        element("line", x1=percent(place), x2=percent(place), y1=18, y2=y, class_=f"moment {mark.sort}"),
        element(
            "text",
            f"{mark.name} {spelled(mark.at)}",
            x=percent(place),
            y=y,
            dx=4 if place < 0.6 else -4,
            class_=f"moment {'first' if place < 0.6 else 'last'}",
        ),
    )


def ticks_of(window: Window) -> Iterator[tuple[float, float]]:
    """Round times of the axis, each with its place: some four to eight of them."""
    step = round_step((window.last - window.first) / 6)
    at = -(-window.first // step) * step
    while at <= window.last:
        yield at, window.place(at)
        at += step


def round_step(least: float) -> float:
    """The next round number: 1, 2 or 5 with zeros."""
    power = 1.0
    while power * _STEPS[-1] < least:
        power *= 10
    return next((power * step for step in _STEPS if power * step >= least), power * 10)


def _side(place: float) -> str:
    """A label at an edge is not centred, or it would stand outside."""
    return "first" if place < 0.04 else "last" if place > 0.94 else "middle"


def patterns() -> Markup:
    """What the phases are filled with; it stands once on a page that has waterfalls."""
    dots = element("circle", cx=2, cy=2, r=1, class_="ink")
    stripe = element("path", d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", class_="ink")
    back = element("path", d="M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2", class_="ink")
    return element(
        "svg",
        element(
            "defs",
            _pattern(Phase.DNS, 4, dots),
            _pattern(Phase.CONNECT, 6, stripe),
            _pattern(Phase.TLS, 6, back),
        ),
        class_="patterns",
        width=0,
        height=0,
        aria_hidden="true",
    )


def _pattern(phase: Phase, size: int, ink: Markup) -> Markup:
    ground = element("rect", width=size, height=size, class_="ground")
    return element(
        "pattern",
        ground,
        ink,
        id=f"pattern-{phase}",
        class_=f"pattern {phase}",
        width=size,
        height=size,
        patternUnits="userSpaceOnUse",
    )


def swatch(phase: Phase) -> Markup:
    """A phase's look, for the legend."""
    tall = TALL[phase]
    shape = element("rect", x=1, width=26, y=(HEIGHT - tall) / 2, height=tall, fill=_fill(phase), class_=f"ph {phase}")
    return element("svg", shape, class_="swatch", width=28, height=HEIGHT, aria_hidden="true")

"""The way of a visit as a picture: machine, gateway, hops and site in a row, and above each how long it took there.

A silent hop is a dashed gap, neutral: it tells nothing of loss. Only the site is marked for loss, by its shape and in
words as well as by colour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from sojourn.console.pictures.svg import element, group
from sojourn.console.pictures.waterfall import round_step
from sojourn.core.findings import spelled
from sojourn.core.way import Step, StepKind

EDGE = 56
"""The room for the scale's labels, left of the first step."""

TOP, BASE, NODES, BOTTOM = 26, 146, 180, 238
"""The y of the slowest answer, of 0 ms, of the row of nodes, and of the lower edge."""

NARROWEST, WIDEST, WHOLE = 78, 150, 1_020
"""A column's least and greatest width, and what all of them fill if they may."""

LETTER = 7.7
"""How wide a letter of a name is, at most of those that names are made of."""

_NAMES = {StepKind.MACHINE: "This machine", StepKind.GATEWAY: "Gateway", StepKind.SITE: "Site"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Where things stand."""

    column: float
    count: int
    scale: float

    @property
    def width(self) -> float:
        return EDGE + self.column * self.count

    def x(self, index: int) -> float:
        return EDGE + self.column * (index + 0.5)

    def y(self, milliseconds: float) -> float:
        return BASE - (BASE - TOP) * min(1.0, milliseconds / self.scale)


def path(steps: Sequence[Step]) -> Markup:
    """The whole way, the machine first. The table beside it tells the same in words."""
    longest = max([step.delays.max for step in steps if step.delays], default=0.0)
    column = max(NARROWEST, min(WIDEST, (WHOLE - EDGE) / max(1, len(steps))))
    grid = _Grid(column=column, count=max(1, len(steps)), scale=longest * 1.05 or 1.0)
    return element(
        "svg",
        *(_scale(grid) if longest else ()),
        *_tunnels(steps, grid),
        *_links(steps, grid),
        *[_step(step, i, grid) for i, step in enumerate(steps)],
        class_="path",
        viewBox=f"0 0 {grid.width:.0f} {BOTTOM}",
        width=f"{grid.width:.0f}",
        height=BOTTOM,
        role="img",
        aria_label=f"The way there in {len(steps)} steps, told in the table below",
    )


def _scale(grid: _Grid) -> Iterator[Markup]:
    step = round_step(grid.scale / 4)
    for i in range(int(grid.scale / step) + 1):
        y = grid.y(i * step)
        yield element("line", x1=EDGE - 6, x2=grid.width, y1=y, y2=y, class_="grid")
        yield element("text", f"{i * step:g} ms", x=EDGE - 10, y=y + 4, class_="scale")


def _tunnels(steps: Sequence[Step], grid: _Grid) -> Iterator[Markup]:
    """A band under neighbours that told labels: they are of one tunnel, as far as can be seen."""
    begun: int | None = None
    for i, step in enumerate([*steps, None]):
        labelled = step is not None and bool(step.mpls)
        if labelled and begun is None:
            begun = i
        elif not labelled and begun is not None:
            left, right = grid.x(begun) - 0.42 * grid.column, grid.x(i - 1) + 0.42 * grid.column
            yield element("rect", x=left, width=right - left, y=NODES - 16, height=32, rx=16, class_="tunnel")
            yield element("text", "MPLS", x=left + 6, y=NODES - 20, class_="tunnel")
            begun = None


def _links(steps: Sequence[Step], grid: _Grid) -> Iterator[Markup]:
    for i, (near, far) in enumerate(pairwise(steps)):
        gap = StepKind.SILENT in (near.kind, far.kind)
        yield element("line", x1=grid.x(i), x2=grid.x(i + 1), y1=NODES, y2=NODES, class_="link gap" if gap else "link")


def _step(step: Step, index: int, grid: _Grid) -> Markup:
    x = grid.x(index)
    lines = list(_words(step, int((grid.column - 8) / LETTER)))
    return element(
        "g",
        element("title", title_of(step)),
        *_delays(step, x, grid),
        *_node(step, x),
        *[
            element("text", text, x=x, y=NODES + 28 + 13 * i, class_="name" if i == 0 else "more")
            for i, text in enumerate(lines)
        ],
        class_=f"step {step.kind}{' loses' if step.loses else ''}",
    )


def _delays(step: Step, x: float, grid: _Grid) -> Iterator[Markup]:
    if step.delays is None:
        return
    low, mean, high = grid.y(step.delays.min), grid.y(step.delays.avg), grid.y(step.delays.max)
    yield element("line", x1=x, x2=x, y1=BASE, y2=low, class_="rise")
    yield element("rect", x=x - 5, width=10, y=high, height=max(2.0, low - high), rx=2, class_="range")
    yield element("line", x1=x - 9, x2=x + 9, y1=mean, y2=mean, class_="mean")
    yield element("text", spelled(step.delays.avg), x=x, y=max(12.0, high - 6), class_="delay")


def _node(step: Step, x: float) -> Iterator[Markup]:
    if step.kind is StepKind.MACHINE:
        yield element("rect", x=x - 11, width=22, y=NODES - 9, height=15, rx=2, class_="node")
        yield element("line", x1=x - 14, x2=x + 14, y1=NODES + 10, y2=NODES + 10, class_="foot")
    elif step.kind is StepKind.SITE:
        yield element("rect", x=x - 11, width=22, y=NODES - 11, height=22, rx=3, class_="node")
        if step.loses:
            cross = f"M{x - 5:.0f},{NODES - 5} l10,10 m0,-10 l-10,10"
            yield element("path", d=cross, class_="cross")
    elif step.kind is StepKind.SILENT:
        yield element("circle", cx=x, cy=NODES, r=10, class_="node")
        yield element("text", "?", x=x, y=NODES + 4, class_="number")
    else:
        yield element("circle", cx=x, cy=NODES, r=11, class_="node")
        yield element("text", "G" if step.first is None else str(step.first), x=x, y=NODES + 4, class_="number")


def _words(step: Step, most: int) -> Iterator[str]:
    if step.kind is StepKind.SILENT:
        yield hops_of(step)
        yield "silent"
        return
    if step.kind in _NAMES:
        yield _NAMES[step.kind]
    name = step.name or step.address
    if name:
        yield shortened(name, most)
    if step.loses:
        yield f"{step.lost} of {step.sent} lost"


def hops_of(step: Step) -> str:
    """Which hops a step stands for, in words."""
    if step.first is None:
        return ""
    if step.last is None:
        return f"from hop {step.first} on"
    return f"hop {step.first}" if step.first == step.last else f"hops {step.first}–{step.last}"


def shortened(text: str, most: int) -> str:
    """A name whose middle is left out where it is too long: its ends tell most."""
    if len(text) <= most:
        return text
    front = (most - 1) // 2
    return f"{text[:front]}…{text[len(text) - (most - 1 - front) :]}"


def title_of(step: Step) -> str:
    """All that is known of a step."""
    if step.kind is StepKind.SILENT:
        return f"{hops_of(step).capitalize()}: no answer to the probes. That is no loss: what is sent on passes."
    parts = [
        _NAMES.get(step.kind) or hops_of(step).capitalize(),
        step.name,
        step.address if step.address != step.name else None,
        f"AS{step.asn}" if step.asn is not None else None,
        step.prefix,
        *step.mpls,
        f"{step.delays.min:.3g}/{step.delays.avg:.3g}/{step.delays.max:.3g} ms" if step.delays else None,
        f"{step.lost} of {step.sent} lost" if step.sent else None,
        step.remark,
    ]
    return ", ".join([part for part in parts if part])


def row(steps: Sequence[Step]) -> Markup:
    """The way as a few dots, for a list."""
    dots = [_dot(step, 6 + 10 * i) for i, step in enumerate(steps[:40])]
    width = 2 + 10 * min(40, max(1, len(steps)))
    line = element("line", x1=6, x2=width - 6, y1=8, y2=8, class_="link")
    return element("svg", line, group(*dots), class_="dots", width=width, height=16, aria_hidden="true")


def _dot(step: Step, x: int) -> Markup:
    if step.kind in (StepKind.MACHINE, StepKind.SITE):
        return element("rect", x=x - 4, width=8, y=4, height=8, class_=f"{step.kind}{' loses' if step.loses else ''}")
    return element("circle", cx=x, cy=8, r=3, class_=str(step.kind))

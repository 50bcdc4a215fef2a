"""The machine's load, and how long pages took: bars on a scale that is known."""

from markupsafe import Markup

from sojourn.console.pictures.svg import element, percent
from sojourn.core.measurement import Statistics
from sojourn.core.verdict import FAST, SLOW, grade_of

HEIGHT = 26
LONGEST = 10_000
"""Milliseconds at the right end of a page's bar: what takes longer is as bad as can be (experience score)."""


def load_bar(samples: Statistics, whole: float, label: str) -> Markup:
    """How much of something was in use: the mean as a bar, the range as a line over it. `whole` is all there is."""
    low, mean, high = samples.min / whole, samples.mean / whole, samples.max / whole
    return element(
        "svg",
        element("rect", x="0%", width="100%", y=7, height=12, class_="whole"),
        element("rect", x="0%", width=percent(mean), y=7, height=12, class_="used"),
        element("line", x1=percent(low), x2=percent(high), y1=13, y2=13, class_="span"),
        element("line", x1=percent(low), x2=percent(low), y1=9, y2=17, class_="span"),
        element("line", x1=percent(high), x2=percent(high), y1=9, y2=17, class_="span"),
        class_="load",
        width="100%",
        height=HEIGHT,
        role="img",
        aria_label=label,
    )


def page_bar(content: float | None, load: float, label: str) -> Markup:
    """How long a page took, and within it how long until its contents were there."""
    shapes = [element("rect", x="0%", width=percent(load / LONGEST), y=4, height=8, class_=f"took {grade_of(load)}")]
    if content is not None:
        at = percent(content / LONGEST)
        shapes.append(element("line", x1=at, x2=at, y1=1, y2=15, class_="content"))
    bounds = [
        element("line", x1=percent(bound / LONGEST), x2=percent(bound / LONGEST), y1=0, y2=16, class_="bound")
        for bound in (FAST, SLOW)
    ]
    return element("svg", *bounds, *shapes, class_="pagebar", width="100%", height=16, role="img", aria_label=label)

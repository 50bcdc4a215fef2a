"""Round-trip times as ranges on one scale: from the quickest to the slowest, the mean, and every sample."""

from collections.abc import Iterable

from markupsafe import Markup

from sojourn.console.pictures.svg import element, percent
from sojourn.core.way import Delays

HEIGHT = 26
LEAST = 0.004


def scale_of(all_delays: Iterable[Delays | None]) -> float:
    """The milliseconds at the right end of a scale that several ranges share."""
    longest = max([delays.max for delays in all_delays if delays is not None], default=0.0)
    return longest * 1.05 if longest > 0 else 1.0


def delay_range(delays: Delays, scale: float) -> Markup:
    """One range: a line from least to most, a box of the jitter around the mean, a dot for each sample."""
    low, mean, high = delays.min / scale, delays.avg / scale, delays.max / scale
    spread = (delays.jitter or 0) / scale
    left, right = max(low, mean - spread), min(high, mean + spread)
    label = f"from {delays.min:.3g} to {delays.max:.3g} ms, {delays.avg:.3g} ms on average"
    return element(
        "svg",
        element("line", x1="0%", x2="100%", y1=13, y2=13, class_="scale"),
        element("rect", x=percent(low), width=percent(max(high - low, LEAST)), y=11, height=4, class_="span"),
        element("rect", x=percent(left), width=percent(max(right - left, LEAST)), y=7, height=12, class_="box"),
        *[
            element("circle", cx=percent(sample / scale), cy=13, r=2, class_="sample")
            for sample in delays.samples[:100]
        ],
        element("line", x1=percent(mean), x2=percent(mean), y1=3, y2=23, class_="mean"),
        class_="range",
        width="100%",
        height=HEIGHT,
        role="img",
        aria_label=label,
    )

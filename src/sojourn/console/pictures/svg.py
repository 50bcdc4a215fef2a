"""Elements of SVG as text: every value escaped, no style attribute, numbers as short as they can be."""

from typing import TypeAlias

from markupsafe import Markup, escape

Value: TypeAlias = str | int | float | None


def element(name: str, *content: str, **attributes: Value) -> Markup:
    """An element. `class_` and `stroke_width` are spelled `class` and `stroke-width`; what is None is left out."""
    told = "".join([
        f' {key.rstrip("_").replace("_", "-")}="{escape(_spelled(value))}"'
        for key, value in attributes.items()
        if value is not None
    ])  # fmt: skip
    inside = "".join([str(escape(part)) for part in content])
    return Markup(f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>")  # noqa: S704  # all is escaped


def group(*content: str) -> Markup:
    """Several elements beside each other."""
    return Markup("").join(content)


def percent(part: float) -> str:
    """A part of the width, from 0 to 1, within bounds: `12.34%`."""
    return f"{_short(min(1.0, max(0.0, part)) * 100)}%"


def _spelled(value: str | float) -> str:
    return value if isinstance(value, str) else _short(value)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"

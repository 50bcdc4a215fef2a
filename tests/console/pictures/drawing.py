"""What every picture must be: well-formed, without a style attribute, and inside its own bounds."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")


def elements(picture: str) -> Iterator[ET.Element]:
    """Every element; fails where the text is no XML, or where something is styled in place or can run."""
    root = ET.fromstring(picture)
    for element in root.iter():
        assert element.tag != "script"
        for name in element.attrib:
            assert name != "style"
            assert not name.startswith("on")
        yield element


def check(picture: str, width: float | None = None, height: float | None = None) -> None:
    """It is well-formed, and nothing begins or ends outside."""
    for element in elements(picture):
        left = [element.get(name) for name in ("x", "x1", "x2", "cx")]
        for value in left:
            assert value is None or 0 <= _number(value) <= _whole(value, width), picture
        wide = element.get("width")
        if element.tag == "rect" and wide is not None:
            assert _number(element.get("x", "0")) + _number(wide) <= _whole(wide, width) + 0.02, picture
        for name in ("y", "y1", "y2", "cy"):
            value = element.get(name)
            assert value is None or height is None or 0 <= _number(value) <= _whole(value, height), picture


def texts(picture: str) -> list[str]:
    """What is written in it."""
    return [element.text or "" for element in elements(picture) if element.tag in ("text", "title")]


def _number(value: str) -> float:
    return float(value.rstrip("%"))


def _whole(value: str, size: float | None) -> float:
    if value.endswith("%"):
        return 100.0
    return float("inf") if size is None else size

"""What every picture must be: well-formed, without a style attribute, and all of it inside."""

from collections.abc import Iterator
from xml.etree import ElementTree

from markupsafe import Markup

EDGE = 0.01
"""What rounding to three digits may add up to, in per cent."""


def drawn(picture: Markup) -> ElementTree.Element:
    """The picture, looked at: it is XML, has no style, is all inside, and each link has a name."""
    root = ElementTree.fromstring(picture)  # our own
    assert root.tag == "svg"
    height = float(root.get("height", "nan"))
    for element in root.iter():
        assert "style" not in element.attrib, element.attrib
        _inside(element, height)
        if element.tag == "a":
            assert element.get("href")
            assert element.get("aria-label") or "".join(element.itertext()).strip()
    assert root.get("aria-label")
    return root


def _inside(element: ElementTree.Element, height: float) -> None:
    for name in ("x", "x1", "x2"):
        assert 0 <= percent(element, name) <= 100 + EDGE, (name, element.attrib)
    if element.tag == "rect":
        assert percent(element, "width") >= 0
        assert percent(element, "x") + percent(element, "width") <= 100 + EDGE, element.attrib
        assert float(element.get("y", 0)) + float(element.get("height", 0)) <= height, element.attrib
    for name in ("y", "y1", "y2"):
        assert 0 <= float(element.get(name, 0)) <= height, (name, element.attrib)


def percent(element: ElementTree.Element, name: str) -> float:
    """An attribute that is told in per cent; 0 where it is not told."""
    text = element.get(name, "0%")
    assert text.endswith("%"), (name, text)
    return float(text.removesuffix("%"))


def of_class(root: ElementTree.Element, kind: str) -> Iterator[ElementTree.Element]:
    """The elements that have a class."""
    return (element for element in root.iter() if kind in element.get("class", "").split())

"""The description of the API as a page: made of the OpenAPI document, readable without scripts or a network."""

import json
import shlex
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from sojourn.web.outline import Content, Outline, Part

_PAGES = files("sojourn.web") / "pages"

LINE = 64
"""The longest body that an example shows on one line."""

STYLE = (_PAGES / "docs.css").read_text(encoding="utf-8")


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["words"] = words
    environment.filters["breakable"] = breakable
    environment.filters["curl"] = curl
    template = environment.from_string((_PAGES / "docs.html").read_text(encoding="utf-8"))
    sections = Outline(document).sections()
    schemes = document["components"]["securitySchemes"]
    return template.render(info=document["info"], sections=sections, schemes=schemes)


def words(text: str) -> Markup:
    """Text with what stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def breakable(path: str) -> Markup:
    """The path of a field, that may be broken before each of its names."""
    return Markup("<wbr>.").join(path.split("."))


def curl(part: Part) -> str:
    """How to try it at a shell."""
    method = "" if part.method == "GET" else f" -X {part.method}"
    lines = [f'curl{method} "$SOJOURN{part.path}"']
    if not part.public:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if part.body and part.body.example:
        lines += [f"-H 'Content-Type: {part.body.media_type}'", f"-d {shlex.quote(_short(part.body))}"]
    return " \\\n  ".join(lines)


def _short(body: Content) -> str:
    """On one line, if that is not too long, or a line is what the body is made of."""
    line = json.dumps(json.loads(body.example), ensure_ascii=False)
    return line if len(line) <= LINE or body.media_type != "application/json" else body.example

"""A plot of cost against size as SVG, drawn by hand: both axes are logarithmic."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 460, 420
LEFT, RIGHT, TOP, BOTTOM = 68, 40, 40, 44
LEGEND = 18
"""Pixels of a line of the legend."""

_COLOURS = ("#1b6ca8", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#be185d", "#4d7c0f")
_DASHES = ("", "6 3", "2 3")

Line = Mapping[int, float]
"""Milliseconds by the number of sessions."""


def svg(panels: Mapping[str, Mapping[str, Line]], title: str, about: str) -> str:
    """Panels side by side, each with the same lines by name, and one legend for all."""
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    sizes = sorted({size for lines in panels.values() for line in lines.values() for size in line})
    costs = [cost for lines in panels.values() for line in lines.values() for cost in line.values()]
    least, most = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs) * 1.01))
    rows = -(-len(names) // 3)
    width, height = WIDTH * len(panels), HEIGHT + 16 + rows * LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="title about" font-family="system-ui, sans-serif" font-size="12">',
        f'<title id="title">{escape(title)}</title><desc id="about">{escape(about)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (heading, lines) in enumerate(panels.items()):
        parts.append(f'<g transform="translate({number * WIDTH} 0)">')
        parts += _Panel(sizes, least, max(most, least + 1), names).drawn(heading, lines)
        parts.append("</g>")
    parts += _legend(names, width)
    return "\n".join([*parts, "</svg>", ""])


def _stroke(names: Sequence[str], name: str) -> str:
    place = names.index(name)
    dash = _DASHES[place // len(_COLOURS) % len(_DASHES)]
    return f'stroke="{_COLOURS[place % len(_COLOURS)]}" stroke-width="2" stroke-dasharray="{dash}" fill="none"'


def _legend(names: Sequence[str], width: int) -> list[str]:
    rows, parts = -(-len(names) // 3), []
    for place, name in enumerate(names):
        x, y = 12 + place // rows * (width - 24) // 3, HEIGHT + 16 + place % rows * LEGEND
        parts.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 26}" y2="{y - 4}" {_stroke(names, name)}/>')
        parts.append(f'<text x="{x + 32}" y="{y}" fill="#1f2937">{escape(name)}</text>')
    return parts


class _Panel:
    """One plot; powers of ten from `least` to `most` milliseconds."""

    def __init__(self, sizes: Sequence[int], least: int, most: int, names: Sequence[str]) -> None:
        self._sizes, self._least, self._most, self._names = sizes, least, most, names

    def _x(self, size: int) -> float:
        first, last = math.log10(self._sizes[0]), math.log10(self._sizes[-1])
        return LEFT + (math.log10(size) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def _y(self, cost: float) -> float:
        part = (math.log10(cost) - self._least) / (self._most - self._least)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def drawn(self, heading: str, lines: Mapping[str, Line]) -> list[str]:
        """Heading, grid and lines."""
        parts = [f'<text x="{LEFT}" y="22" font-size="15" font-weight="600" fill="#111827">{escape(heading)}</text>']
        for power in range(self._least, self._most + 1):
            parts += self._grid(LEFT, self._y(10**power), f"{10.0**power:,g} ms")
        for size in self._sizes:
            x, y = self._x(size), HEIGHT - BOTTOM
            parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y}" stroke="#e5e7eb"/>')
            parts.append(f'<text x="{x:.1f}" y="{y + 18}" text-anchor="middle" fill="#4b5563">{size:,}</text>')
        parts.append(
            f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="#4b5563">sessions stored</text>'
        )
        for name, line in lines.items():
            points = " ".join(f"{self._x(size):.1f},{self._y(cost):.1f}" for size, cost in sorted(line.items()))
            parts.append(f'<polyline points="{points}" {_stroke(self._names, name)}><title>{escape(name)}</title>')
            parts.append("</polyline>")
        return parts

    def _grid(self, x: float, y: float, label: str) -> list[str]:
        return [
            f'<line x1="{x}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e5e7eb"/>',
            f'<text x="{x - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#4b5563">{label}</text>',
        ]

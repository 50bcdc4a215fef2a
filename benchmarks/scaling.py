"""What was measured of each size, as figures, and as Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from benchmarks.asking import Times
from benchmarks.questions import ALL, Question
from benchmarks.stores import Loaded

BEGIN, END = "<!-- Between these lines is what `make bench-scale` wrote. -->", "<!-- So far. -->"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """How long one question took on one engine at one size."""

    question: str
    engine: str
    sessions: int
    times: Times


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Something else that was measured; `goal` is the most it may be, or with `least` the least."""

    what: str
    engine: str
    sessions: int
    value: float
    unit: str
    goal: float | None = None
    least: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as the goal; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.least else self.value <= self.goal


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run found."""

    began: str
    commit: str
    machine: dict[str, str | int]
    stores: list[Loaded]
    measured: list[Measured]
    figures: list[Figure]

    @property
    def engines(self) -> list[str]:
        """Which engines were measured."""
        return list(dict.fromkeys(m.engine for m in self.measured))

    @property
    def sizes(self) -> list[int]:
        """Which sizes, the smallest first."""
        return sorted({m.sessions for m in self.measured})

    def times(self, question: str, engine: str, sessions: int) -> Times | None:
        """How long a question took; None where it was not asked."""
        for m in self.measured:
            if (m.question, m.engine, m.sessions) == (question, engine, sessions):
                return m.times
        return None

    def ratio(self, question: Question, engine: str) -> float | None:
        """The 95th percentile at the largest size by that at the smallest, or by that of what it is held beside."""
        sizes = [size for size in self.sizes if self.times(question.name, engine, size)]
        if not sizes or (len(sizes) < 2 and question.beside is None):
            return None
        largest = self.times(question.name, engine, sizes[-1])
        other = self.times(question.beside or question.name, engine, sizes[-1 if question.beside else 0])
        return largest.p95 / other.p95 if largest and other else None

    def missed(self, engine: str) -> list[Question]:
        """The questions whose ratio is not as good as its goal."""
        ratios = [(question, self.ratio(question, engine)) for question in ALL]
        return [q for q, ratio in ratios if q.goal is not None and ratio is not None and ratio > q.goal]

    def together(self, other: "Scale") -> "Scale":
        """Both; where both measured an engine, this one's."""
        mine = set(self.engines)
        return msgspec.structs.replace(
            self,
            stores=[*self.stores, *[s for s in other.stores if s.engine not in mine]],
            measured=[*self.measured, *[m for m in other.measured if m.engine not in mine]],
            figures=[*self.figures, *[f for f in other.figures if f.engine not in mine]],
        )


def document(scale: Scale, figure: str) -> str:
    """The section of docs/performance.md; `figure` is the file of the plot, beside it."""
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in scale.machine.items())
    parts = [
        f"Commit {scale.commit}, {scale.began}. Milliseconds, p50 / p95 / p99 of a caller who asks again and again on"
        " one connection, after each request was asked once (in brackets the median of these first asks, for which"
        " much is still read from the disk); the sizes take turns. The ratio is that of the p95 at the largest size and"
        " at the smallest (page 100,000: and of page 1; XML: and of JSON).",
        f"![The 95th percentile of each question by the number of sessions, on each engine]({figure})",
    ]
    for engine in scale.engines:
        parts += [f"### {spelled(engine)}", _markdown(_rows(scale, engine))]
    parts += ["### Streams, records, memory, disk", _markdown(_others(scale)), f"The machine: {machine}."]
    return "\n\n".join(parts)


def write(text: str, path: Path) -> None:
    """Put the section in place of the one before."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _rows(scale: Scale, engine: str) -> Iterator[Sequence[str]]:
    yield ("what", *[f"{size:,} sessions" for size in scale.sizes], "ratio", "goal")
    for question in ALL:
        cells = [_told(scale.times(question.name, engine, size)) for size in scale.sizes]
        ratio = scale.ratio(question, engine)
        if any(cells):
            yield (question.what, *cells, "" if ratio is None else f"{ratio:.2f}", _goal(ratio, question.goal))


def _told(times: Times | None) -> str:
    return "" if times is None else f"{times.p50:.1f} / {times.p95:.1f} / {times.p99:.1f} ({times.first:.1f})"


def _goal(ratio: float | None, goal: float | None) -> str:
    return "" if goal is None or ratio is None else f"{'✓' if ratio <= goal else '✗'} ≤ {goal:g}"


def _others(scale: Scale) -> Iterator[Sequence[str]]:
    yield ("what", "engine", *[f"{size:,}" for size in scale.sizes], "goal")
    for what, engine in dict.fromkeys((figure.what, figure.engine) for figure in scale.figures):
        found = {f.sessions: f for f in scale.figures if (f.what, f.engine) == (what, engine)}
        cells = [_value(found[size]) if size in found else "" for size in scale.sizes]
        last = found[max(found)]
        sign = "≥" if last.least else "≤"
        mark = "" if last.goal is None else f"{'✓' if last.reached else '✗'} {sign} {last.goal:g}"
        yield (what, engine, *cells, mark)


def _value(figure: Figure) -> str:
    digits = 0 if abs(figure.value) >= 100 else 2
    return f"{figure.value:,.{digits}f} {figure.unit}".strip()


def spelled(engine: str) -> str:
    """An engine's name as people write it."""
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(engine, engine)


def _markdown(rows: Iterator[Sequence[str]]) -> str:
    """A table that can be read as it is."""
    cells = list(rows)
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]])

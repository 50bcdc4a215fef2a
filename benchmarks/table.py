"""The figures as a table: Markdown that can be read as it is."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import UNSTORED
from benchmarks.figures import Ratio, Report, Result, Run, middle

MARK = "<!-- Below this line is the latest run"

HEADER = (
    "what",
    "engine",
    "at",
    "a second",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "calls a commit",
    "against",
    "a second",
    "CPU µs",
    "ratio",
    "CPU ratio",
    "goal",
)

WHOLE_CORE = 0.9
"""Of a core: who has less of it shares it with somebody."""


def table(report: Report) -> str:
    """All results: each one's figures, and a line for each that it is held against."""
    rows: list[Sequence[str]] = [HEADER]
    for result in report.results:
        rows += _rows(result)
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def document(report: Report) -> str:
    """The run as Markdown: when, of what, on what; the table; what to hold against it."""
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.machine.items())
    return (
        f"Commit {report.commit}, {report.began}; {report.cores}.\n"
        f"Medians of {report.rounds} rounds of {report.seconds:g} s; ratios round by round (least–most).\n\n"
        f"{table(report)}\n\n{caution(report)}\nThe machine: {machine}.\n"
    ).replace("\n\n\n", "\n\n")


def write_below_mark(report: Report, path: Path) -> None:
    """Replace the latest run in a document."""
    lines = path.read_text().splitlines(keepends=True)
    (mark,) = [number for number, line in enumerate(lines) if line.startswith(MARK)]
    path.write_text("".join(lines[: mark + 1]) + "\n## The latest run\n\n" + document(report))


def caution(report: Report) -> str:
    """What to hold against the figures; empty where nothing speaks against them."""
    shares = [share for result in report.results if (share := _share_of_ceiling(result)) is not None]
    if not shares or min(shares) >= WHOLE_CORE:
        return ""
    return (
        f"Other work was on the machine: a ceiling, which never waits, had as little as {min(shares):.0%} of its core."
        " The CPU ratios hardly mind; the ratios of rates do, so that those are not held against a goal (?)."
    )


def _share_of_ceiling(result: Result) -> float | None:
    """How much of its core the ceiling had where it always has something to do; None where that was not looked at."""
    return middle(result.others.get(UNSTORED, []), "share") if result.connections > 1 else None


def _rows(result: Result) -> list[Sequence[str]]:
    runs = result.runs
    first = (
        result.what,
        result.engine,
        str(result.connections),
        _whole(middle(runs, "rate")),
        _ms(runs, "p50"),
        _ms(runs, "p99"),
        _whole(middle(runs, "processor")),
        _one_place(middle(runs, "calls_a_transaction")),
    )
    share = _share_of_ceiling(result)
    rows: list[Sequence[str]] = []
    for ratio in result.ratios:
        others = result.others[ratio.against]
        told = (
            ratio.against,
            _whole(middle(others, "rate")),
            _whole(middle(others, "processor")),
            _spread(ratio),
            f"{ratio.processor:.2f}",
            _goal(ratio, quiet=share is None or share >= WHOLE_CORE),
        )
        rows.append((*(first if not rows else ("",) * len(first)), *told))
    return rows or [(*first, *("",) * (len(HEADER) - len(first)))]


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _one_place(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _ms(runs: Sequence[Run], name: str) -> str:
    value = middle(runs, name)
    return "" if value is None else f"{value:.2f}"


def _spread(ratio: Ratio) -> str:
    return f"{ratio.median:.2f} ({ratio.least:.2f}–{ratio.most:.2f})"


def _goal(ratio: Ratio, quiet: bool) -> str:
    if ratio.goal is None:
        return ""
    mark = "?" if not quiet else "✓" if ratio.reached else "✗"
    return f"{mark} ≥ {ratio.goal:g}"

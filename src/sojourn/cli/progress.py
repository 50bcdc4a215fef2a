"""How far a long command is: a bar on a terminal, nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

Told = Callable[[int, int | None], None]
"""Hears how many are done, of how many; None where that is not known."""


class Count(ProgressColumn):
    """How many are done, of how many."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}" + ("" if task.total is None else f" of {task.total:,.0f}"))


class Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


def is_watched() -> bool:
    """Whether there is a terminal to show it on."""
    return sys.stderr.isatty()


@contextmanager
def progress(what: str) -> Iterator[Told]:
    """What is to be told how far it is."""
    if not is_watched():
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), Count(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

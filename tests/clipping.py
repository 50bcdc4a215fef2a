"""What the notes of the `ekran` dialect ask for, case by case: a session, what was done in it, a window, what is told.

Times are seconds after an arbitrary moment. The same table is held against the pure rule and against the store.
"""

from dataclasses import dataclass

from sojourn.core.model import SECOND, Instant
from sojourn.core.presence import Window

ORIGIN: Instant = 19_950 * 86_400 * SECOND
"""The start of 15 August 2024: second 0 of the table."""

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

NOT_THERE = (-1, -1)
"""Told instead of a login and a logout where the window does not select the session."""

Seconds = int | None


@dataclass(frozen=True, slots=True)
class Case:
    """`did` in the order in which it was delivered; `told` is login and logout."""

    session: tuple[int, Seconds]
    did: tuple[int, ...]
    window: tuple[Seconds, Seconds]
    told: tuple[int, Seconds]


def instant(seconds: int) -> Instant:
    """A second of the table."""
    return ORIGIN + seconds * SECOND


def perhaps(seconds: Seconds) -> Instant | None:
    """The same, where there may be none."""
    return None if seconds is None else instant(seconds)


def window(case: Case) -> Window:
    """The window of a case."""
    start, end = case.window
    return Window(start=perhaps(start), end=perhaps(end))


NEITHER = {
    "an ended one": Case((50, 250), (100, 200), (None, None), (50, 250)),
    "a running one": Case((50, None), (100,), (None, None), (50, None)),
    "one in which nothing was done": Case((50, 250), (), (None, None), (50, 250)),
    "one that ended as it began": Case((50, 50), (), (None, None), (50, 50)),
}

ONLY_END = {
    "over before the end": Case((50, 150), (60, 140), (None, 200), (50, 150)),
    "over just at the end": Case((50, 200), (60,), (None, 200), (50, 200)),
    "over after the end": Case((50, 300), (60, 120, 250), (None, 200), (50, 120)),
    "over a second after the end": Case((50, 201), (60,), (None, 200), (50, 60)),
    "running": Case((50, None), (60, 120, 250), (None, 200), (50, 120)),
    "running, nothing done": Case((50, None), (), (None, 200), (50, 200)),
    "running, nothing done before the end": Case((50, None), (250,), (None, 200), (50, 200)),
    "done just at the end": Case((50, 300), (60, 200, 201), (None, 200), (50, 200)),
    "begun just at the end": Case((200, 300), (250,), (None, 200), (200, 200)),
    "begun after the end": Case((201, 300), (250,), (None, 200), NOT_THERE),
    "begun after the end, running": Case((201, None), (), (None, 200), NOT_THERE),
}

ONLY_START = {
    "over before the start": Case((10, 99), (20, 99), (100, None), NOT_THERE),
    "over just at the start": Case((10, 100), (20,), (100, None), (100, 100)),
    "begun before": Case((10, 300), (20, 120, 250), (100, None), (120, 300)),
    "begun before, nothing done": Case((10, 300), (), (100, None), (100, 300)),
    "begun before, nothing done since": Case((10, 300), (20, 99), (100, None), (100, 300)),
    "begun before, running": Case((10, None), (20, 120), (100, None), (120, None)),
    "begun before, running, nothing done since": Case((10, None), (20,), (100, None), (100, None)),
    "begun a second before": Case((99, 300), (150,), (100, None), (150, 300)),
    "begun just at the start": Case((100, 300), (150,), (100, None), (100, 300)),
    "done just at the start": Case((10, 300), (99, 100, 150), (100, None), (100, 300)),
    "done just at its end": Case((10, 300), (300,), (100, None), (300, 300)),
    "begun long after": Case((9 * DAY, 9 * DAY + 5), (9 * DAY + 1,), (100, None), (9 * DAY, 9 * DAY + 5)),
    "begun after, running": Case((150, None), (160,), (100, None), (150, None)),
}

BOTH = {
    "inside": Case((120, 180), (130,), (100, 200), (120, 180)),
    "just the window": Case((100, 200), (150,), (100, 200), (100, 200)),
    "began before": Case((10, 180), (20, 110, 170), (100, 200), (110, 180)),
    "ended after": Case((120, 300), (130, 170, 250), (100, 200), (120, 170)),
    "began before and ended after": Case((10, 300), (20, 110, 140, 170, 250), (100, 200), (110, 170)),
    "did one thing inside": Case((10, 300), (20, 140, 250), (100, 200), (140, 140)),
    "did nothing inside": Case((10, 300), (20, 99, 201, 250), (100, 200), (100, 200)),
    "did nothing at all": Case((10, 300), (), (100, 200), (100, 200)),
    "began before, did nothing inside": Case((10, 180), (20,), (100, 200), (100, 180)),
    "ended after, did nothing inside": Case((120, 300), (250,), (100, 200), (120, 200)),
    "did things just on the bounds": Case((10, 300), (99, 100, 200, 201), (100, 200), (100, 200)),
    "runs, began before": Case((10, None), (20, 110, 170, 250), (100, 200), (110, 170)),
    "runs, began inside": Case((120, None), (130, 170), (100, 200), (120, 170)),
    "runs, began inside, did nothing": Case((120, None), (), (100, 200), (120, 200)),
    "runs, did nothing inside": Case((10, None), (20, 250), (100, 200), (100, 200)),
    "over just at the start": Case((10, 100), (50,), (100, 200), (100, 100)),
    "over just before the start": Case((10, 99), (50,), (100, 200), NOT_THERE),
    "begun just at the end": Case((200, 300), (250,), (100, 200), (200, 200)),
    "begun just after the end": Case((201, 300), (250,), (100, 200), NOT_THERE),
    "a window of one moment": Case((10, 300), (150,), (150, 150), (150, 150)),
    "a window of one moment without activity": Case((10, 300), (149, 151), (150, 150), (150, 150)),
    "no longer than a moment, at the start": Case((100, 100), (), (100, 200), (100, 100)),
    "no longer than a moment, at the end": Case((200, 200), (), (100, 200), (200, 200)),
}

OUT_OF_ORDER = {
    "delivered backwards": Case((10, 300), (250, 170, 110, 20), (100, 200), (110, 170)),
    "delivered at random": Case((10, 300), (140, 250, 110, 20, 170), (100, 200), (110, 170)),
    "the outermost delivered last": Case((10, 300), (150, 140, 160, 100, 200), (100, 200), (100, 200)),
    "several at one moment": Case((10, 300), (150, 150, 150), (100, 200), (150, 150)),
}

OF_ANY_LENGTH = {
    "a second": Case((150, 151), (150, 151), (100, 200), (150, 151)),
    "a second over the start": Case((99, 100), (99,), (100, 200), (100, 100)),
    "a second over the end": Case((200, 201), (201,), (100, 200), (200, 200)),
    "23 hours in a window of an hour": Case(
        (0, 23 * HOUR),
        (HOUR, 12 * HOUR, 12 * HOUR + 59 * MINUTE, 22 * HOUR),
        (12 * HOUR, 13 * HOUR),
        (12 * HOUR, 12 * HOUR + 59 * MINUTE),
    ),
    "23 hours over midnight": Case(
        (20 * HOUR, 43 * HOUR),
        (21 * HOUR, 25 * HOUR, 42 * HOUR),
        (24 * HOUR, 48 * HOUR),
        (25 * HOUR, 43 * HOUR),
    ),
    "40 days in a window of a minute": Case(
        (0, 40 * DAY),
        (DAY, 20 * DAY, 39 * DAY),
        (20 * DAY - 30, 20 * DAY + 30),
        (20 * DAY, 20 * DAY),
    ),
    "40 days in a window of a day without activity": Case(
        (0, 40 * DAY),
        (DAY, 39 * DAY),
        (20 * DAY, 21 * DAY),
        (20 * DAY, 21 * DAY),
    ),
    "40 days from their last day on": Case(
        (0, 40 * DAY),
        (DAY, 40 * DAY - 5),
        (39 * DAY, None),
        (40 * DAY - 5, 40 * DAY),
    ),
    "40 days up to their first": Case((0, 40 * DAY), (5, 39 * DAY), (None, DAY), (0, 5)),
    "40 days that still run": Case((0, None), (5, 20 * DAY, 40 * DAY), (19 * DAY, 21 * DAY), (20 * DAY, 20 * DAY)),
}

FAR_AWAY = {
    "before everything": Case((10, 300), (20,), (-9 * DAY, -8 * DAY), NOT_THERE),
    "before what runs": Case((10, None), (20,), (-9 * DAY, -8 * DAY), NOT_THERE),
    "all up to before everything": Case((10, 300), (), (None, -9 * DAY), NOT_THERE),
    "all from before everything": Case((10, 300), (20,), (-9 * DAY, None), (10, 300)),
    "after everything": Case((10, 300), (20,), (8 * DAY, 9 * DAY), NOT_THERE),
    "after what runs": Case((10, None), (20,), (8 * DAY, 9 * DAY), (8 * DAY, 9 * DAY)),
    "all from after everything": Case((10, 300), (20,), (8 * DAY, None), NOT_THERE),
    "all from after everything, running": Case((10, None), (20,), (8 * DAY, None), (8 * DAY, None)),
    "all up to after everything": Case((10, 300), (20,), (None, 9 * DAY), (10, 300)),
    "all up to after everything, running": Case((10, None), (20,), (None, 9 * DAY), (10, 20)),
}

_SORTS = {
    "neither": NEITHER,
    "only end": ONLY_END,
    "only start": ONLY_START,
    "both": BOTH,
    "out of order": OUT_OF_ORDER,
    "of any length": OF_ANY_LENGTH,
    "far away": FAR_AWAY,
}

CASES = {f"{sort}: {name}": case for sort, cases in _SORTS.items() for name, case in cases.items()}

SELECTED = {name: case for name, case in CASES.items() if case.told != NOT_THERE}

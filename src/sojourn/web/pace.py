"""How quickly is written: learnt from what was, to tell how long what waits will take."""


class Pace:
    """Weight a second. It is not known before there was a time when more waited than one piece of work could take."""

    def __init__(self) -> None:
        self._rate: float | None = None

    def learn(self, weight: int, seconds: float, *, full: bool) -> None:
        """A piece of work is done. One that is not `full` took all that waited: it may have been too small to tell.

        It shows how quick work is at least. The latest piece counts for half of what is known.
        """
        if not weight:
            return
        rate = weight / max(seconds, 1e-6)
        if self._rate is None:
            self._rate = rate if full else None
        elif full or rate > self._rate:
            self._rate = (self._rate + rate) / 2

    def within(self, seconds: float) -> float:
        """How much weight can be worked on in so long; without end where nothing is known."""
        return float("inf") if self._rate is None else self._rate * seconds

    def seconds(self, weight: int) -> float:
        """How long so much weight will take; nothing where nothing is known."""
        return 0.0 if self._rate is None else weight / self._rate
